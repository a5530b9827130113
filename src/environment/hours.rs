//! Hours in which something may be done: days of the week and times of the day, in UTC.

use anyhow::bail;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const DAY_MINUTES: u64 = 24 * 60;

/// `Mon-Fri 07:00-19:00`: from the first minute to before the last one, on each of the days, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hours {
    days: (u64, u64),
    minutes: (u64, u64),
}

impl Hours {
    /// Whether a time lies in them, in milliseconds since 1970-01-01T00:00:00Z.
    pub fn contain(&self, time_ms: u64) -> bool {
        let minutes = time_ms / 60_000;
        // 1970-01-01 was a Thursday.
        let day = (minutes / DAY_MINUTES + 3) % 7;
        let (first, last) = self.days;
        let on_day = if first <= last { (first..=last).contains(&day) } else { day >= first || day <= last };
        on_day && (self.minutes.0..self.minutes.1).contains(&(minutes % DAY_MINUTES))
    }
}

fn minute(text: &str) -> Option<u64> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str| (text.len() == 2).then(|| text.parse::<u64>().ok()).flatten();
    let (hour, minute) = (number(hour)?, number(minute)?);
    (minute < 60 && hour * 60 + minute <= DAY_MINUTES).then_some(hour * 60 + minute)
}

impl FromStr for Hours {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let day = |name: &str| DAYS.iter().position(|day| *day == name).map(|day| day as u64);
        let read = || {
            let (days, times) = text.trim().split_once(' ')?;
            let (first, last) = days.split_once('-').unwrap_or((days, days));
            let (from, until) = times.trim().split_once('-')?;
            Some(Self { days: (day(first)?, day(last)?), minutes: (minute(from)?, minute(until)?) })
        };
        match read() {
            Some(hours) if hours.minutes.0 < hours.minutes.1 => Ok(hours),
            _ => bail!("--hours takes days and times of the day in UTC: Mon-Fri 07:00-19:00"),
        }
    }
}

impl TryFrom<String> for Hours {
    type Error = anyhow::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Hours> for String {
    fn from(hours: Hours) -> Self {
        hours.to_string()
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((first, last), (from, until)) = (self.days, self.minutes);
        let (first, last) = (DAYS[first as usize], DAYS[last as usize]);
        write!(f, "{first}-{last} {:02}:{:02}-{:02}:{:02}", from / 60, from % 60, until / 60, until % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_begin_and_end_on_the_minute() {
        // 2026-01-05, a Monday, 00:00 UTC.
        let monday_ms = 1_767_571_200_000;
        let at = |day: u64, hour: u64, minute: u64| monday_ms + ((day * 24 + hour) * 60 + minute) * 60_000;
        let work: Hours = "Mon-Fri 07:00-19:00".parse().expect("hours");
        for (time, inside) in [
            (at(0, 7, 0), true),
            (at(0, 6, 59), false),
            (at(4, 18, 59), true),
            (at(4, 19, 0), false),
            (at(5, 12, 0), false),
            (at(6, 12, 0), false),
        ] {
            assert_eq!(work.contain(time), inside, "{time}");
        }
        let weekend: Hours = "Sat-Mon 00:00-24:00".parse().expect("hours");
        assert!(
            weekend.contain(at(0, 23, 59)) && !weekend.contain(at(1, 0, 0)) && weekend.contain(at(6, 0, 0))
        );
        assert_eq!(work.to_string(), "Mon-Fri 07:00-19:00");
        for text in [
            "",
            "Mon-Fri",
            "mon-fri 07:00-19:00",
            "Mon-Fri 19:00-07:00",
            "Mon-Fri 7-19",
            "Mon-Fri 07:00-24:01",
        ] {
            assert!(text.parse::<Hours>().is_err(), "{text}");
        }
    }
}
