//! The ledger as the purge's [`Journal`]: every intent and outcome is an entry, durable before the call returns.

use super::entry::{Act, ActKind, Ending, Entry};
use super::file::{DiskFile, LogFile};
use super::ids::{Subject, UserId};
use super::writer::Ledger;
use crate::{Journal, Outcome};
use std::io;

/// Writes purges into a ledger, on behalf of one user.
pub struct LedgerJournal<'a, C, F: LogFile = DiskFile> {
    ledger: &'a mut Ledger<F>,
    user: UserId,
    clock_ms: C,
    /// Intents to purge one subject whose outcome is not written, of earlier runs as well.
    pending: Vec<(Subject, u64)>,
}

impl<'a, C: FnMut() -> u64, F: LogFile> LedgerJournal<'a, C, F> {
    /// Takes the ledger for a run. `clock_ms` tells the time in milliseconds since 1970-01-01T00:00:00Z.
    ///
    /// An intent that an earlier run left open counts for the same artifact: it is durable already, and the
    /// outcome of this run closes it.
    pub fn new(ledger: &'a mut Ledger<F>, user: UserId, clock_ms: C) -> Self {
        let purges = ledger.open_intents().filter(|(_, act)| act.kind == ActKind::Purge);
        let pending = purges.filter_map(|(index, act)| match act.subjects[..] {
            [subject] => Some((subject, index)),
            _ => None,
        });
        let pending = pending.collect();
        Self { ledger, user, clock_ms, pending }
    }

    fn write(&mut self, entry: &Entry) -> io::Result<u64> {
        let index = self.ledger.append(entry).map_err(io::Error::other)?;
        self.ledger.commit().map_err(io::Error::other)?;
        Ok(index)
    }

    fn act(&mut self, subject: Subject) -> Act {
        Act { kind: ActKind::Purge, user: self.user, time_ms: (self.clock_ms)(), subjects: vec![subject] }
    }
}

/// Artifact IDs are subjects' text; anything else could be a name.
fn subject(artifact_id: &str) -> io::Result<Subject> {
    Subject::parse(artifact_id)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not a subject's ID"))
}

impl<C: FnMut() -> u64, F: LogFile> Journal for LedgerJournal<'_, C, F> {
    fn intent(&mut self, artifact_id: &str) -> io::Result<()> {
        let subject = subject(artifact_id)?;
        if self.pending.iter().any(|(pending, _)| *pending == subject) {
            return Ok(());
        }
        let entry = Entry::Intent(self.act(subject));
        let index = self.write(&entry)?;
        self.pending.push((subject, index));
        Ok(())
    }

    fn outcome(&mut self, artifact_id: &str, outcome: Outcome) -> io::Result<()> {
        let subject = subject(artifact_id)?;
        let place = self.pending.iter().position(|(pending, _)| *pending == subject);
        let place = place.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no intent before"))?;
        let ending = match outcome {
            Outcome::Purged => Ending::Done,
            Outcome::AlreadyGone => Ending::AlreadyDone,
        };
        let entry = Entry::Outcome { intent: self.pending[place].1, ending, act: self.act(subject) };
        self.write(&entry)?;
        self.pending.swap_remove(place);
        Ok(())
    }
}
