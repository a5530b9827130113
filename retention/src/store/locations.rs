//! Files that custody wrote outside of the store: each is an item of its own, a copy of what it was made from, so that it
//! is named in the certificate when that is purged.

use super::{ItemSpec, Store, StoreError, Who};
use crate::ledger::{SubjectKind, UserId};
use crate::sweep::{RecordPlace, write_place};
use crate::{ContentId, Exposure, ItemId, ItemKind};
use std::io::Read;

impl Store {
    /// The content's ID of what a stream holds.
    ///
    /// # Errors
    /// The stream's own, as [`StoreError::Io`].
    pub fn content_of(&self, stream: impl Read) -> Result<ContentId, StoreError> {
        let read = self.ids().subject_of(SubjectKind::Content, stream);
        read.map(|subject| ContentId(subject.id)).map_err(StoreError::io("reading a file"))
    }

    /// Remembers files that were written outside of the store, each with the item that it was made from.
    ///
    /// # Errors
    /// [`StoreError::NoItem`], [`StoreError::Purged`], or as [`IngestBatch::commit`](super::IngestBatch::commit).
    pub fn locate(&mut self, who: Who, places: &[(ItemId, RecordPlace)]) -> Result<(), StoreError> {
        let mut specs = Vec::with_capacity(places.len());
        for (id, place) in places {
            let item = self.catalog.item(id)?.ok_or(StoreError::NoItem(*id))?;
            if item.is_purged() {
                return Err(StoreError::Purged(*id));
            }
            specs.push((
                ItemSpec {
                    kind: ItemKind::Location,
                    format: "json".to_owned(),
                    class: item.class,
                    environment: item.environment,
                    source: "derived".to_owned(),
                    exposure: Exposure::Raw,
                    owner: UserId::parse(&item.owner),
                    parents: vec![*id],
                    name: place.what.clone(),
                    origin: Some(place.path.clone()),
                },
                place,
            ));
        }
        for chunk in specs.chunks(super::ingest::BATCH_MAX) {
            let mut batch = self.begin_ingest(who)?;
            for (spec, place) in chunk {
                batch.stage_with(spec.clone(), |out| write_place(place, out))?;
            }
            batch.commit()?;
        }
        Ok(())
    }
}
