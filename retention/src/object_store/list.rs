//! Listing of tables, a page at a time: what is in memory does not grow with the store.

use super::{NAME, ObjectInfo, Objects, ObjectsError, TABLES, blocking, meta, parse};
use crate::ItemId;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{Error, ListResult, ObjectMeta, Result};
use std::sync::Arc;

/// Tables of a page.
const PAGE: usize = 1_000;

/// The tables below a place, in the order of their IDs, from the first one after `offset`.
pub(super) fn stream(
    objects: &Arc<dyn Objects>,
    prefix: Option<&Path>,
    offset: Option<&Path>,
) -> BoxStream<'static, Result<ObjectMeta>> {
    if !matches!(prefix.map(AsRef::as_ref), None | Some("" | TABLES)) {
        return stream::empty().boxed();
    }
    let after = offset.and_then(parse);
    let offset = offset.cloned();
    let pages = stream::try_unfold(Some((Arc::clone(objects), after)), |state| async move {
        let Some((objects, after)) = state else { return Ok(None) };
        let infos = page(&objects, after, PAGE).await?;
        let next = infos.last().map(|last| (objects, Some(last.id)));
        Ok::<_, Error>(Some((stream::iter(infos.into_iter().map(|info| Ok(meta(&info)))), next)))
    });
    pages
        .try_flatten()
        .try_filter(move |meta| {
            let wanted = offset.as_ref().is_none_or(|offset| meta.location > *offset);
            std::future::ready(wanted)
        })
        .boxed()
}

/// What is right below a place: the folder of the tables, or the tables.
pub(super) async fn folder(objects: &Arc<dyn Objects>, prefix: Option<&Path>) -> Result<ListResult> {
    let mut found = ListResult { common_prefixes: Vec::new(), objects: Vec::new() };
    if matches!(prefix.map(AsRef::as_ref), None | Some("")) {
        if !page(objects, None, 1).await?.is_empty() {
            found.common_prefixes.push(Path::from(TABLES));
        }
    } else {
        found.objects = stream(objects, prefix, None).try_collect().await?;
    }
    Ok(found)
}

async fn page(objects: &Arc<dyn Objects>, after: Option<ItemId>, max: usize) -> Result<Vec<ObjectInfo>> {
    let objects = Arc::clone(objects);
    let infos = blocking(move || objects.page(after.as_ref(), max)).await;
    infos.map_err(|error: ObjectsError| Error::Generic { store: NAME, source: Box::new(error) })
}
