//! The catalog as a fold of the ledger: what each entry changes. The same code brings a catalog up to date when a
//! store is opened, and makes a new one from the first entry on.

use super::error::CatalogError;
use super::rows::{ApprovalRow, GovernedRow, Life, NewItem, PlanRow, PlanState, SweepRow};
use super::writes::{Row, Writes};
use crate::item::{ContentId, ItemId, ItemKind, ItemMeta};
use crate::ledger::{Act, ActKind, Ending, Entry, SubjectKind};

/// What a blob and its key tell of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobFacts {
    /// The slot of its data key.
    pub slot: u64,
    /// What its footer says.
    pub meta: ItemMeta,
    /// Bytes of the blob.
    pub stored_bytes: u64,
    /// What is personal of it, encrypted under its data key.
    pub sealed: Vec<u8>,
}

/// What an approval says beyond the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalFacts {
    /// What it approves.
    pub what: String,
    /// Until when it can be spent, in milliseconds since 1970-01-01T00:00:00Z.
    pub expires_ms: u64,
}

/// What a sweep's record says beyond the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SweepFacts {
    /// When it began, in milliseconds since 1970-01-01T00:00:00Z.
    pub started_ms: u64,
    /// The exit code of its process.
    pub exit_code: u8,
    /// Items that it purged.
    pub items: u64,
    /// Bytes of their contents.
    pub size_bytes: u64,
}

/// Where a fold looks for what entries do not say, as they hold IDs only.
pub trait Sources {
    /// What an item's blob says; `None` when there is none, or it cannot be read.
    fn blob(&mut self, item: &ItemId) -> Option<BlobFacts>;

    /// The name of an event, by the ID that the ledger has of it.
    fn event_name(&mut self, _event: &[u8; 32]) -> Option<String> {
        None
    }

    /// What a plan plans, by its hash.
    fn plan_purpose(&mut self, _plan: &[u8; 32]) -> Option<String> {
        None
    }

    /// What an approval says, by its ID.
    fn approval(&mut self, _approval: &[u8; 32]) -> Option<ApprovalFacts> {
        None
    }

    /// What a sweep's record says.
    fn sweep(&mut self, _record: &ItemId) -> Option<SweepFacts> {
        None
    }
}

impl<F: FnMut(&ItemId) -> Option<BlobFacts>> Sources for F {
    fn blob(&mut self, item: &ItemId) -> Option<BlobFacts> {
        self(item)
    }
}

/// Applies the ledger's entry `index`, and notes that the catalog is so far. An entry that is folded in already
/// changes nothing; neither does one whose effects are there but which was not noted.
///
/// An intent changes nothing but the clock. Of outcomes, those count that were done, were done before, or were done
/// in part: their subjects say which part. A purge in part is none.
///
/// # Errors
/// [`CatalogError::OutOfOrder`]; [`CatalogError::Entry`] for an ingest or a hold that does not say of what;
/// [`CatalogError::UnknownItem`] for a hold on what was never ingested; those of [`Writes`].
pub fn fold(
    tx: &Writes<'_>,
    index: u64,
    entry: &Entry,
    sources: &mut dyn Sources,
) -> Result<(), CatalogError> {
    let mut meta = tx.meta()?;
    if index < meta.ledger_size {
        return Ok(());
    }
    if index > meta.ledger_size {
        return Err(CatalogError::OutOfOrder { expected: meta.ledger_size, found: index });
    }
    match entry {
        Entry::Genesis { .. } => {}
        Entry::Intent(act) => meta.clock_ms = meta.clock_ms.max(act.time_ms),
        Entry::Outcome { ending, act, .. } => {
            meta.clock_ms = meta.clock_ms.max(act.time_ms);
            Folded { tx, index, act, ending: *ending }.apply(sources)?;
        }
    }
    meta.ledger_size = index + 1;
    tx.set_meta(meta)
}

/// An outcome that is being folded in.
struct Folded<'a> {
    tx: &'a Writes<'a>,
    index: u64,
    act: &'a Act,
    ending: Ending,
}

impl Folded<'_> {
    fn apply(&self, sources: &mut dyn Sources) -> Result<(), CatalogError> {
        let (tx, ms) = (self.tx, self.act.time_ms);
        if self.act.kind == ActKind::Ingest {
            return self.ingest(sources);
        }
        self.approvals_and_plans(sources)?;
        if !self.took_place() {
            return Ok(());
        }
        match self.act.kind {
            ActKind::Use => self.items(0).try_for_each(|id| tx.touch(&id, ms)),
            ActKind::Mark => self.items(0).try_for_each(|id| tx.mark(&id, ms).map(drop)),
            ActKind::Hold => self.hold(),
            ActKind::Unhold => {
                let matter = self.first(SubjectKind::Matter)?;
                self.items(1).try_for_each(|id| tx.released_in_truth(&matter, &id, ms))
            }
            ActKind::Event => {
                let event = self.first(SubjectKind::Event)?;
                let name = sources.event_name(&event).unwrap_or_else(|| unknown_event(&event));
                self.items(1).try_for_each(|id| tx.event(&id, &name, ms).map(drop))
            }
            ActKind::Pin => {
                let by = self.first_of_any()?;
                self.items(1).try_for_each(|id| tx.pin(&by, &id, ms).map(drop))
            }
            ActKind::Unpin => {
                let by = self.first_of_any()?;
                tx.plan_dropped(&by)?;
                self.items(1).try_for_each(|id| tx.unpin(&by, &id).map(drop))
            }
            ActKind::Govern => self.governed(),
            ActKind::Purge if self.ending != Ending::Partial => {
                self.items(0).try_for_each(|id| tx.purged_in_truth(&id, ms).map(drop))
            }
            _ => Ok(()),
        }
    }

    /// Whether the act changed anything, in whole or in part.
    fn took_place(&self) -> bool {
        matches!(self.ending, Ending::Done | Ending::AlreadyDone | Ending::Partial)
    }

    fn ingest(&self, sources: &mut dyn Sources) -> Result<(), CatalogError> {
        let wrong = |why| CatalogError::Entry { index: self.index, why };
        let (subject, rest) = self.act.subjects.split_first().ok_or(wrong("an ingest of nothing"))?;
        let (kind, id) = ItemKind::of_subject(subject).ok_or(wrong("an ingest of what is no item"))?;
        if !self.took_place() {
            return self.tx.forget_failed(&id).map(drop);
        }
        if self.tx.place(&id)?.is_some() {
            return Ok(());
        }
        let content = rest.iter().find(|subject| subject.kind == SubjectKind::Content);
        let content = ContentId(content.ok_or(wrong("an ingest without a content"))?.id);
        let blob = sources.blob(&id);
        // A blob that says otherwise than the ledger is not this item's.
        if let Some(blob) = blob.filter(|blob| blob.meta.kind == kind && blob.meta.content == content) {
            let BlobFacts { slot, meta, stored_bytes, sealed } = &blob;
            let item = NewItem { id, slot: *slot, meta, sealed, stored_bytes: *stored_bytes };
            return self.tx.insert_item(&item).map(drop);
        }
        let parents: Vec<ItemId> =
            rest.iter().filter_map(|subject| Some(ItemKind::of_subject(subject)?.1)).collect();
        let ingested_ms = self.act.time_ms;
        let row = Row { id, kind, content, parents: &parents, life: Life::Missing, ingested_ms, blob: None };
        self.tx.insert(&row).map(drop)
    }

    /// Holds are the one act that must not get lost: one on an unknown item stops the fold.
    fn hold(&self) -> Result<(), CatalogError> {
        let matter = self.first(SubjectKind::Matter)?;
        let items = self.act.subjects[1..].iter().filter_map(ItemKind::of_subject);
        for (_, id) in items {
            self.tx.hold(&matter, &id, self.act.time_ms, self.act.user)?;
        }
        Ok(())
    }

    /// A record that is put in force has a content; one that is taken away has none.
    fn governed(&self) -> Result<(), CatalogError> {
        let [record, rest @ ..] = &self.act.subjects[..] else { return Ok(()) };
        if !matches!(record.kind, SubjectKind::User | SubjectKind::Environment | SubjectKind::Secret) {
            return Ok(());
        }
        match rest.iter().find(|subject| subject.kind == SubjectKind::Content) {
            Some(content) => self.tx.governed(&GovernedRow {
                subject: *record,
                content: content.id,
                changed_ms: self.act.time_ms,
                changed_by: self.act.user.to_string(),
            }),
            None => self.tx.ungoverned(record),
        }
    }

    fn approvals_and_plans(&self, sources: &mut dyn Sources) -> Result<(), CatalogError> {
        let ms = self.act.time_ms;
        match self.act.kind {
            ActKind::Plan if self.took_place() => self.plan(sources),
            ActKind::Approve if self.took_place() => self.approve(sources),
            ActKind::Sweep | ActKind::Unhold | ActKind::Erase | ActKind::Export => {
                for subject in &self.act.subjects {
                    match subject.kind {
                        // An export that was not finished may be tried again: what a crash left outside is known by its place. Of the others,
                        // whatever came of it: who approved, approved one attempt.
                        SubjectKind::Approval if self.act.kind == ActKind::Export && !self.took_place() => {}
                        SubjectKind::Approval => drop(self.tx.approval_spent(&subject.id, ms)?),
                        SubjectKind::Plan if self.took_place() => {
                            self.tx.plan_applied(&subject.id)?;
                            self.tx.unpin_all(&subject.id)?;
                        }
                        _ => {}
                    }
                }
                if self.act.kind == ActKind::Sweep { self.sweep(sources) } else { Ok(()) }
            }
            _ => Ok(()),
        }
    }

    fn plan(&self, sources: &mut dyn Sources) -> Result<(), CatalogError> {
        let hash = self.first(SubjectKind::Plan)?;
        self.tx.plan_made(&PlanRow {
            hash,
            what: sources.plan_purpose(&hash).unwrap_or_default(),
            created_ms: self.act.time_ms,
            planned_by: self.act.user.to_string(),
            state: PlanState::Open,
        })
    }

    /// An approval of which nothing but the ledger tells cannot be spent: it has expired.
    fn approve(&self, sources: &mut dyn Sources) -> Result<(), CatalogError> {
        let plan = self.first(SubjectKind::Plan)?;
        for approval in self.act.subjects.iter().filter(|subject| subject.kind == SubjectKind::Approval) {
            let facts = sources.approval(&approval.id);
            let facts = facts.unwrap_or(ApprovalFacts { what: String::new(), expires_ms: 0 });
            self.tx.approved(&ApprovalRow {
                id: approval.id,
                plan,
                what: facts.what,
                approver: self.act.user.to_string(),
                approved_ms: self.act.time_ms,
                expires_ms: facts.expires_ms,
                spent_ms: None,
            })?;
        }
        Ok(())
    }

    fn sweep(&self, sources: &mut dyn Sources) -> Result<(), CatalogError> {
        let ended_ms = self.act.time_ms;
        let record = self.act.subjects.iter().find(|subject| subject.kind == SubjectKind::Sweep);
        let Some(id) = record.map(|subject| ItemId(subject.id)) else { return Ok(()) };
        let exit_code = exit_code(self.ending);
        let unknown = SweepFacts { started_ms: ended_ms, exit_code, items: 0, size_bytes: 0 };
        let SweepFacts { started_ms, exit_code, items, size_bytes } = sources.sweep(&id).unwrap_or(unknown);
        self.tx.swept(&SweepRow { id, started_ms, ended_ms, exit_code, items, size_bytes })
    }

    /// The items among the subjects that the catalog knows, from the one at `skip` on.
    fn items(&self, skip: usize) -> impl Iterator<Item = ItemId> {
        let ids =
            self.act.subjects.iter().skip(skip).filter_map(|subject| Some(ItemKind::of_subject(subject)?.1));
        ids.filter(|id| !matches!(self.tx.place(id), Ok(None)))
    }

    fn first(&self, kind: SubjectKind) -> Result<[u8; 32], CatalogError> {
        let first = self.act.subjects.first().filter(|subject| subject.kind == kind);
        let why = "its first subject is not what it has to be";
        first.map(|subject| subject.id).ok_or(CatalogError::Entry { index: self.index, why })
    }

    fn first_of_any(&self) -> Result<[u8; 32], CatalogError> {
        let first = self.act.subjects.first().map(|subject| subject.id);
        first.ok_or(CatalogError::Entry { index: self.index, why: "it has no subjects" })
    }
}

/// The exit code of a process whose act ended so.
pub fn exit_code(ending: Ending) -> u8 {
    match ending {
        Ending::Done | Ending::AlreadyDone => 0,
        Ending::Refused => 1,
        Ending::Partial => 3,
        Ending::Failed => 4,
    }
}

/// An event whose name nobody knows any more: no policy names it, and its ID is kept.
fn unknown_event(event: &[u8; 32]) -> String {
    ItemId(*event).to_string()
}
