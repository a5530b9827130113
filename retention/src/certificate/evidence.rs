//! Holds a certificate against its own proofs before it is issued: it says nothing of an act that the ledger does not
//! say, with the entry in hand. What the ledger has no words for, sizes and classes, it takes from the caller.

use super::CertificateError;
use super::model::{Approver, Certificate, PurgedItem, Recorded};
use crate::ledger::{Act, ActKind, Ending, Entry, LedgerError, TlogProof};

/// Checks what holds for all items.
pub(super) fn head(certificate: &Certificate) -> Result<(), CertificateError> {
    let Certificate { intent, outcome, .. } = certificate;
    let began = intent_of(certificate, intent, ActKind::Sweep)?;
    let named = began.subjects.iter().any(|subject| subject.id == certificate.sweep.0);
    let right = named && began.user == certificate.user && began.time_ms == certificate.began_ms;
    says(intent, right)?;
    let (opened, _, ended) = outcome_of(certificate, outcome, ActKind::Sweep)?;
    says(outcome, opened == intent.entry && ended.time_ms == certificate.ended_ms)?;
    certificate.approvers.iter().try_for_each(|approver| approved(certificate, approver))?;
    if let Some(rotation) = &certificate.rotation {
        let (_, ending, act) = outcome_of(certificate, &rotation.outcome, ActKind::Rotate)?;
        says(&rotation.outcome, ending == Ending::Done && act.time_ms == rotation.rotated_ms)?;
    }
    Ok(())
}

fn approved(certificate: &Certificate, approver: &Approver) -> Result<(), CertificateError> {
    let (_, ending, act) = outcome_of(certificate, &approver.outcome, ActKind::Approve)?;
    let right = act.user == approver.user && act.time_ms == approver.approved_ms;
    says(&approver.outcome, right && ending == Ending::Done)
}

/// Checks one item's purge.
pub(super) fn item(certificate: &Certificate, item: &PurgedItem) -> Result<(), CertificateError> {
    let named = |act: &Act| act.subjects.iter().any(|subject| subject.id == item.id.0);
    let began = intent_of(certificate, &item.intent, ActKind::Purge)?;
    says(&item.intent, named(&began))?;
    let (opened, ending, ended) = outcome_of(certificate, &item.outcome, ActKind::Purge)?;
    let done = matches!(ending, Ending::Done | Ending::AlreadyDone);
    let right = opened == item.intent.entry && named(&ended) && ended.time_ms == item.purged_ms;
    says(&item.outcome, done && right)
}

/// Checks that an entry is in the ledger, whatever it says.
pub(super) fn entry(certificate: &Certificate, recorded: &Recorded) -> Result<Entry, CertificateError> {
    let verified = TlogProof::parse(&recorded.proof)
        .and_then(|proof| proof.verify_under(&certificate.checkpoint))
        .and_then(|(index, entry)| (index == recorded.entry).then_some(entry).ok_or(OTHER));
    verified.map_err(|_| CertificateError::Unproven { entry: recorded.entry })
}

/// A proof of another entry; only that it failed is passed on.
const OTHER: LedgerError = LedgerError::Note { what: "proof", why: "of another entry" };

fn intent_of(certificate: &Certificate, recorded: &Recorded, kind: ActKind) -> Result<Act, CertificateError> {
    match entry(certificate, recorded)? {
        Entry::Intent(act) if act.kind == kind => Ok(act),
        _ => Err(CertificateError::Unproven { entry: recorded.entry }),
    }
}

fn outcome_of(
    certificate: &Certificate,
    recorded: &Recorded,
    kind: ActKind,
) -> Result<(u64, Ending, Act), CertificateError> {
    match entry(certificate, recorded)? {
        Entry::Outcome { intent, ending, act } if act.kind == kind => Ok((intent, ending, act)),
        _ => Err(CertificateError::Unproven { entry: recorded.entry }),
    }
}

fn says(recorded: &Recorded, right: bool) -> Result<(), CertificateError> {
    right.then_some(()).ok_or(CertificateError::Unproven { entry: recorded.entry })
}
