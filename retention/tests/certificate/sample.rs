//! A synthetic sweep over a real ledger, and the certificate of it.

use custody_retention::certificate::*;
use custody_retention::ledger::*;
use custody_retention::{ContentId, Exposure, ItemId, ItemKind};
use std::io::Write;

const TIME_MS: u64 = 1_796_007_600_000;
const DAY_MS: u64 = 86_400_000;

pub(crate) fn key() -> SignerKey {
    SignerKey::new("custody/4f1c", &[7; 32]).expect("a valid name")
}

#[derive(Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) items: u64,
    pub(crate) copies: u64,
    pub(crate) exceptions: u64,
    pub(crate) remaining: u64,
}

/// What a certificate is made of.
pub(crate) struct Sample {
    pub(crate) certificate: Certificate,
    pub(crate) items: Vec<PurgedItem>,
    pub(crate) exceptions: Vec<Exception>,
    pub(crate) remaining: Vec<Remaining>,
    /// A rotation from before the sweep.
    pub(crate) rotated_before: Rotation,
    /// How often each of them is listed.
    pub(crate) repeat: usize,
    _dir: tempfile::TempDir,
}

fn id(kind: &str, number: u64) -> [u8; 32] {
    *blake3::Hasher::new().update(kind.as_bytes()).update(&number.to_le_bytes()).finalize().as_bytes()
}

pub(crate) fn nobody() -> UserId {
    IdKey::new([8; 32]).user("nobody")
}

/// A checkpoint of the same key over another ledger.
pub(crate) fn other_checkpoint() -> Checkpoint {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = dir.path().join("ledger");
    Ledger::create(&folder, &key()).expect("a new ledger");
    Prover::open(&folder, key().verifier()).expect("it is good").checkpoint().clone()
}

/// The ledger of a sweep as it is written.
struct Writing {
    ledger: Ledger,
    user: UserId,
    time_ms: u64,
}

impl Writing {
    /// Writes an act, with others between its intent and its outcome, and returns the indices of both.
    fn act(&mut self, kind: ActKind, subject: Subject, within: impl FnOnce(&mut Self)) -> (u64, u64) {
        let act = Act { kind, user: self.user, time_ms: self.time_ms, subjects: vec![subject] };
        let intent = self.ledger.append(&Entry::Intent(act.clone())).expect("an entry");
        self.ledger.commit().expect("durable");
        within(self);
        self.time_ms += 250;
        let act = Act { time_ms: self.time_ms, ..act };
        let outcome = self.ledger.append(&Entry::Outcome { intent, ending: Ending::Done, act });
        self.ledger.commit().expect("durable");
        (intent, outcome.expect("an entry"))
    }
}

/// A hundred entries of other days and the sweep: a rotation before it, the approval, its own, the rotation after it;
/// and its items'.
fn write(folder: &std::path::Path, items: u64) -> ([(u64, u64); 4], Vec<(u64, u64)>) {
    let user = IdKey::new([8; 32]).user("timer");
    let (ledger, _) = Ledger::open(folder, key().verifier()).expect("it can be opened");
    let mut writing = Writing { ledger, user, time_ms: TIME_MS };
    let subject = |kind, name: &str, number| Subject { kind, id: id(name, number) };
    for number in 0..50 {
        writing.act(ActKind::Ingest, subject(SubjectKind::Artifact, "item", number), |_| ());
    }
    let before = writing.act(ActKind::Rotate, subject(SubjectKind::Secret, "secret", 0), |_| ());
    let timer = std::mem::replace(&mut writing.user, IdKey::new([8; 32]).user("officer"));
    let approved = writing.act(ActKind::Approve, subject(SubjectKind::Plan, "plan", 0), |_| ());
    writing.user = timer;
    let mut purged = Vec::new();
    let swept = writing.act(ActKind::Sweep, subject(SubjectKind::Sweep, "sweep", 0), |writing| {
        for number in 0..items {
            purged.push(writing.act(ActKind::Purge, subject(SubjectKind::Artifact, "item", number), |_| ()));
        }
    });
    let rotated = writing.act(ActKind::Rotate, subject(SubjectKind::Secret, "secret", 0), |_| ());
    writing.ledger.checkpoint(&key()).expect("a checkpoint");
    ([before, approved, swept, rotated], purged)
}

impl Sample {
    pub(crate) fn new(sizes: Sizes) -> Self {
        let memory = std::path::Path::new("/dev/shm");
        let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let dir = dir.expect("a temporary folder");
        let folder = dir.path().join("ledger");
        Ledger::create(&folder, &key()).expect("a new ledger");
        let ([before, approved, swept, rotated], purged) = write(&folder, sizes.items);
        let mut prover = Prover::open(&folder, key().verifier()).expect("it is good");
        let checkpoint = prover.checkpoint().clone();
        // The entry with its proof, who did it, and when.
        let mut told = |entry| {
            let recorded = Recorded { entry, proof: prover.prove(entry).expect("covered").to_string() };
            match prover.entry(entry).expect("covered") {
                Entry::Intent(act) | Entry::Outcome { act, .. } => (recorded, act.user, act.time_ms),
                Entry::Genesis { .. } => unreachable!("not of the sweep"),
            }
        };
        let rotation = |(outcome, _, rotated_ms): Told| Rotation { rotated_ms, outcome };
        let items = (0..).zip(purged);
        let items = items
            .map(|(number, (intent, outcome))| item(number, (told(intent), told(outcome)), sizes.copies));
        let items = items.collect();
        let (outcome, user, approved_ms) = told(approved.1);
        let approver = Approver { user, approved_ms, outcome };
        let ((intent, user, began_ms), (outcome, _, ended_ms)) = (told(swept.0), told(swept.1));
        let certificate = Certificate {
            occasion: Occasion::Sweep,
            sweep: ItemId(id("sweep", 0)),
            plan: Some(ItemId(id("plan", 0))),
            store: "4f1c0a52e3b84c0d9a7e1b6f52d0c3aa".to_owned(),
            verifier_key: key().verifier().clone(),
            issued_ms: TIME_MS + 7_200_000,
            began_ms,
            ended_ms,
            user,
            intent,
            outcome,
            approvers: vec![approver],
            policies: vec![PolicyUsed {
                name: "raw-screenshots".to_owned(),
                hash: ContentId(id("policy", 0)),
            }],
            rotation: Some(rotation(told(rotated.1))),
            checkpoint,
        };
        Self {
            certificate,
            items,
            exceptions: (0..sizes.exceptions).map(exception).collect(),
            remaining: (0..sizes.remaining).map(remaining).collect(),
            rotated_before: rotation(told(before.1)),
            repeat: 1,
            _dir: dir,
        }
    }

    pub(crate) fn write(&self, json: impl Write, html: impl Write) -> Result<Written, CertificateError> {
        let body = Body {
            items: &mut (0..self.repeat).flat_map(|_| &self.items).cloned().map(Ok),
            exceptions: &mut (0..self.repeat).flat_map(|_| &self.exceptions).cloned().map(Ok),
            remaining: &mut (0..self.repeat).flat_map(|_| &self.remaining).cloned().map(Ok),
        };
        custody_retention::certificate::write(&self.certificate, body, json, html)
    }
}

type Told = (Recorded, UserId, u64);

fn item(number: u64, ((intent, ..), (outcome, _, purged_ms)): (Told, Told), copies: u64) -> PurgedItem {
    let copy = |copy| DerivedCopy {
        id: ItemId(id("copy", number * 100 + copy)),
        kind: if copy == 0 { ItemKind::Table } else { ItemKind::Location },
        size_bytes: 61_440 + copy * 7,
        content: ContentId(id("copy content", number * 100 + copy)),
        unlinked: true,
        key_destroyed: true,
    };
    PurgedItem {
        id: ItemId(id("item", number)),
        kind: ItemKind::Artifact,
        class: "screenshot".to_owned(),
        environment: if number % 3 == 2 { "production" } else { "sandbox" }.to_owned(),
        exposure: Exposure::Raw,
        size_bytes: 48_213 * (number + 1) * (number + 1),
        content: ContentId(id("content", number)),
        ingested_ms: TIME_MS - 12 * DAY_MS,
        last_used_ms: number.is_multiple_of(2).then_some(TIME_MS - 8 * DAY_MS),
        due_ms: Some(TIME_MS - DAY_MS),
        purged_ms,
        policy: "raw-screenshots".to_owned(),
        rule: "7 days after last use".to_owned(),
        copies: (0..copies).map(copy).collect(),
        hold_check: HoldCheck { checked_ms: purged_ms, holds: 0 },
        unlinked: true,
        key_destroyed: true,
        intent,
        outcome,
    }
}

fn exception(number: u64) -> Exception {
    let (reason, detail) = [
        ("held", "matter 5b1fe0c2, hold placed 2026-11-02"),
        ("failed", "the blob could not be unlinked: permission denied"),
        ("pinned", "an open plan depends on it"),
    ][(number % 3) as usize];
    Exception {
        id: ItemId(id("exception", number)),
        kind: ItemKind::Artifact,
        reason: reason.to_owned(),
        detail: detail.to_owned(),
        outcome: None,
    }
}

fn remaining(number: u64) -> Remaining {
    let all = [Presence::Unchanged, Presence::Gone, Presence::Changed, Presence::Unknown];
    Remaining {
        item: ItemId(id("item", number)),
        location: format!("/srv/hr/import/2026-11/screens/onboarding step {number}.png"),
        content: ContentId(id("content", number)),
        presence: all[(number % 4) as usize],
        looked_ms: TIME_MS + 7_100_000,
    }
}
