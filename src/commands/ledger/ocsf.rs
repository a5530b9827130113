//! Entries of the ledger as events of the Open Cybersecurity Schema Framework, for whoever collects such. The shape is that
//! of class Entity Management (3004) of version 1.3.0, <https://schema.ocsf.io/1.3.0/classes/entity_management>; what the
//! schema has no place for stands under `unmapped`. IDs only: there is nothing else in an entry.

use custody_retention::ledger::{Act, ActKind, Ending, Entry, SubjectKind};
use serde_json::{Value, json};

/// The version of the schema.
const VERSION: &str = "1.3.0";
/// Category Identity & Access Management, and its class Entity Management.
const CATEGORY: u32 = 3;
const CLASS: u32 = 3_004;
/// Numbers of activities.
const CREATE: u32 = 1;
const READ: u32 = 2;
const UPDATE: u32 = 3;
const DELETE: u32 = 4;
const OTHER: u32 = 99;

/// An entry as an event; none for the first of a ledger, which has no time and says only whose ledger it is.
pub(super) fn event(index: u64, entry: &Entry, origin: &str) -> Option<Value> {
    match entry {
        Entry::Genesis { .. } => None,
        Entry::Intent(act) => Some(made(act, (index, origin), (None, index))),
        Entry::Outcome { intent, ending, act } => Some(made(act, (index, origin), (Some(*ending), *intent))),
    }
}

fn made(act: &Act, (index, origin): (u64, &str), (ending, intent): (Option<Ending>, u64)) -> Value {
    let activity = activity(act);
    let (status, severity) = status(ending);
    let said = ending.map_or("intent", Ending::name);
    let entity = act.subjects.first().map_or_else(
        || json!({"type": "ledger", "uid": origin}),
        |subject| json!({"type": subject.kind.name(), "uid": subject.to_string()}),
    );
    json!({
        "category_uid": CATEGORY, "category_name": "Identity & Access Management",
        "class_uid": CLASS, "class_name": "Entity Management",
        "activity_id": activity, "activity_name": name(activity, act.kind),
        "type_uid": CLASS * 100 + activity,
        "severity_id": severity,
        "status_id": status, "status": said,
        "time": act.time_ms,
        "message": format!("{} {said}", act.kind.name()),
        "actor": {"user": {"uid": act.user.to_string()}},
        "entity": entity,
        "metadata": {
            "version": VERSION,
            "product": {"name": "custody", "vendor_name": "custody", "version": env!("CARGO_PKG_VERSION")},
            "log_name": "ledger", "log_provider": origin, "sequence": index,
            "uid": format!("{origin}/{index}"), "correlation_uid": format!("{origin}/{intent}"),
        },
        "unmapped": {
            "act": act.kind.name(), "form": if ending.is_some() { "outcome" } else { "intent" },
            "subjects": act.subjects.iter().map(ToString::to_string).collect::<Vec<_>>(),
        },
    })
}

/// What is done to the first subject.
fn activity(act: &Act) -> u32 {
    match act.kind {
        ActKind::Ingest
        | ActKind::Redact
        | ActKind::Plan
        | ActKind::Approve
        | ActKind::Export
        | ActKind::Hold
        | ActKind::Pin
        | ActKind::Roster
        | ActKind::Init => CREATE,
        ActKind::Reveal | ActKind::Use | ActKind::Scan => READ,
        ActKind::Release | ActKind::Event | ActKind::Rotate | ActKind::Recover | ActKind::Mark => UPDATE,
        ActKind::Govern if act.subjects.iter().any(|of| of.kind == SubjectKind::Content) => UPDATE,
        ActKind::Unhold
        | ActKind::Unpin
        | ActKind::Purge
        | ActKind::Erase
        | ActKind::Sweep
        | ActKind::Govern => DELETE,
        ActKind::Heartbeat => OTHER,
    }
}

/// The schema's name of an activity; for another one, the act's.
fn name(activity: u32, kind: ActKind) -> &'static str {
    match activity {
        CREATE => "Create",
        READ => "Read",
        UPDATE => "Update",
        DELETE => "Delete",
        _ => kind.name(),
    }
}

/// Numbers of status (1 success, 2 failure, 99 other) and severity (1 informational, 2 low, 3 medium).
fn status(ending: Option<Ending>) -> (u32, u32) {
    match ending {
        None => (OTHER, 1),
        Some(Ending::Done | Ending::AlreadyDone) => (1, 1),
        Some(Ending::Refused) => (2, 2),
        Some(Ending::Failed) => (2, 3),
        Some(Ending::Partial) => (OTHER, 3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use custody_retention::ledger::{Subject, UserId};

    /// What version 1.3.0 requires of the class, whatever the act and however it ended.
    #[test]
    fn every_act_has_the_shape_of_its_class() {
        let user = UserId::parse(&format!("u-{}", "0".repeat(32))).expect("a user");
        for kind in ActKind::ALL {
            for subjects in [vec![], vec![Subject { kind: SubjectKind::Artifact, id: [7; 32] }]] {
                let act = Act { kind: *kind, user, time_ms: 1_767_225_600_000, subjects };
                let mut entries = vec![Entry::Intent(act.clone())];
                entries.extend(Ending::ALL.iter().map(|ending| Entry::Outcome {
                    intent: 3,
                    ending: *ending,
                    act: act.clone(),
                }));
                for entry in entries {
                    let event = event(4, &entry, "custody/00").expect("an event");
                    let number = |field: &str| event[field].as_u64().unwrap_or_else(|| panic!("no {field}"));
                    assert_eq!((number("class_uid"), number("category_uid")), (3_004, 3));
                    assert_eq!(number("type_uid"), number("class_uid") * 100 + number("activity_id"));
                    assert!([1, 2, 3, 4, 99].contains(&number("activity_id")));
                    assert!(
                        [1, 2, 99].contains(&number("status_id")) && (1..=3).contains(&number("severity_id"))
                    );
                    assert_eq!(number("time"), act.time_ms);
                    assert!(event["metadata"]["version"] == "1.3.0" && event["metadata"]["sequence"] == 4);
                    assert!(event["metadata"]["product"]["vendor_name"].is_string());
                    assert!(event["entity"]["uid"].is_string() && event["actor"]["user"]["uid"].is_string());
                    assert!(!event.to_string().contains('\n'));
                }
            }
        }
        assert_eq!(event(0, &Entry::Genesis { origin: "custody/00".to_owned() }, "custody/00"), None);
    }
}
