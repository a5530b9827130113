//! How items, times and sizes look to people and to programs.

use custody_retention::catalog::ItemRow;
use custody_retention::{ItemId, Verdict};
use serde_json::{Value, json};

/// Digits of an ID that people are shown.
pub const SHORT: usize = 12;
const DAY_MS: u64 = 86_400_000;

/// The first digits of an ID.
pub fn short(id: &ItemId) -> String {
    id.to_string()[..SHORT].to_owned()
}

/// A time as `2026-01-31 12:00` (UTC); nothing for a moment that never comes.
pub fn time(ms: u64) -> String {
    let time = i64::try_from(ms).ok().and_then(chrono::DateTime::from_timestamp_millis);
    time.map_or_else(|| "never".to_owned(), |time| time.format("%Y-%m-%d %H:%M").to_string())
}

/// A time as RFC 3339 (UTC).
pub fn rfc3339(ms: u64) -> Option<String> {
    let time = i64::try_from(ms).ok().and_then(chrono::DateTime::from_timestamp_millis)?;
    Some(time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
}

/// A size in bytes, kB, MB, GB.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} B"),
        10_000..10_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        10_000_000..10_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// A number of things.
pub fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// What is to become of an item, in few words.
pub fn verdict(verdict: &Verdict, now_ms: u64) -> String {
    let days = |until_ms: u64| until_ms.saturating_sub(now_ms).div_ceil(DAY_MS);
    match verdict {
        Verdict::Held => "held".to_owned(),
        Verdict::Ungoverned => "no policy".to_owned(),
        Verdict::Kept { until_ms: u64::MAX, .. } => "kept".to_owned(),
        Verdict::Kept { until_ms, .. } => format!("due in {}", count(days(*until_ms), "day", "days")),
        Verdict::Mark { .. } => "due: to be marked".to_owned(),
        Verdict::InGrace { until_ms } => {
            format!("marked: purged in {}", count(days(*until_ms), "day", "days"))
        }
        Verdict::Purge { since_ms, .. } => {
            format!("due since {}", time(*since_ms).split(' ').next().unwrap_or_default())
        }
    }
}

/// When an item is due, if ever.
pub fn due_ms(verdict: &Verdict) -> Option<u64> {
    match verdict {
        Verdict::Kept { until_ms, .. } | Verdict::InGrace { until_ms } => {
            (*until_ms != u64::MAX).then_some(*until_ms)
        }
        Verdict::Mark { since_ms, .. } | Verdict::Purge { since_ms, .. } => Some(*since_ms),
        _ => None,
    }
}

/// An item for programs. Its name is personal, and not in it.
pub fn item_json(item: &ItemRow) -> Value {
    json!({
        "schema": 1,
        "id": item.id,
        "content": item.content,
        "kind": item.kind.name(),
        "format": item.format,
        "class": item.class,
        "environment": item.environment,
        "owner": item.owner,
        "source": item.source,
        "state": item.state,
        "exposure": item.exposure.name(),
        "size_bytes": item.size_bytes,
        "stored_bytes": item.stored_bytes,
        "ingested": rfc3339(item.ingested_ms),
        "last_used": rfc3339(item.last_used_ms),
        "marked": item.marked_ms.and_then(rfc3339),
        "purged": item.purged_ms.and_then(rfc3339),
        "held": item.held,
        "pinned": item.pinned,
        "root": item.root,
    })
}

/// Rows with columns as wide as they have to be; the last one is as long as it is. Numbers of the columns in `right`
/// stand to the right.
pub fn table(headings: &[&str], rows: &[Vec<String>], right: &[usize]) -> Vec<String> {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([headings[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells
            .enumerate()
            .map(|(at, cell)| {
                let space = " ".repeat(widths[at].saturating_sub(cell.chars().count()));
                if right.contains(&at) { format!("{space}{cell}") } else { format!("{cell}{space}") }
            })
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    let head = line(&mut headings.iter().copied());
    std::iter::once(head).chain(rows.iter().map(|row| line(&mut row.iter().map(String::as_str)))).collect()
}
