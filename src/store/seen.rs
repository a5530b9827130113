//! Files outside of the store, looked at for records and certificates. What looks like personal data in a path is
//! replaced by what it is: the record outlives what it tells of.

use crate::pipeline::Run;
use custody_redact::detect::path_findings;
use custody_retention::certificate::Presence;
use custody_retention::store::Store;
use custody_retention::sweep::RecordPlace;
use custody_rules::Place;
use rustix::fs::OFlags;
use std::cmp::Reverse;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;

/// What is to be said of a place, and whether its file is there and unchanged.
pub fn look(run: &Run, store: &Store, place: &RecordPlace) -> (String, Presence) {
    (shown(run, place), presence(store, place))
}

/// Links are not followed, and nothing waits for a pipe.
fn presence(store: &Store, place: &RecordPlace) -> Presence {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).unwrap_or(0);
    let file = match OpenOptions::new().read(true).custom_flags(flags).open(&place.path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Presence::Gone,
        Err(_) => return Presence::Unknown,
        Ok(file) => file,
    };
    match file.metadata() {
        Ok(metadata) if metadata.is_file() => match store.content_of(file) {
            Ok(content) if content == place.content => Presence::Unchanged,
            Ok(_) => Presence::Changed,
            Err(_) => Presence::Unknown,
        },
        Ok(_) => Presence::Changed,
        Err(_) => Presence::Unknown,
    }
}

fn shown(run: &Run, place: &RecordPlace) -> String {
    let detector = &run.detection.detector;
    let mut parts: Vec<String> =
        place.path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let mut found = path_findings(detector, &parts, true, &mut run.context().lend()).findings;
    // From the back, so that offsets stay.
    found.sort_by_key(|finding| Reverse(finding.place));
    for finding in &found {
        if let Place::Path { component, start, end } = finding.place
            && let Some(part) = parts.get_mut(component as usize)
        {
            let entity = detector.rules().entity_name(finding.entity);
            part.replace_range(start as usize..end as usize, &format!("[{entity}]"));
        }
    }
    format!("{}: /{}", place.what, parts.join("/"))
}
