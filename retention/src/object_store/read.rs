//! Reading an object or parts of it: opened anew for every request, so that nothing is read that was purged since.

use super::{NAME, ObjectInfo, Objects, ObjectsError, RandomRead, blocking, failed, meta, parse, refused};
use bytes::Bytes;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{Attributes, Error, GetOptions, GetRange, GetResult, GetResultPayload, Result};
use std::ops::Range;
use std::sync::Arc;

/// Bytes of a stream that are decrypted at once.
const PIECE_BYTES: u64 = 1 << 20;
/// Ranges that are nearer than this are read as one: a chunk of a blob is decrypted whole anyway.
const GAP_BYTES: u64 = 64 << 10;

/// Opens an object and says what it is.
async fn open(objects: &Arc<dyn Objects>, location: &Path) -> Result<(ObjectInfo, Arc<dyn RandomRead>)> {
    let id = parse(location).ok_or_else(|| failed(location, ObjectsError::NotFound))?;
    let objects = Arc::clone(objects);
    let open = blocking(move || objects.open(&id)).await.map_err(|error| failed(location, error))?;
    let info = ObjectInfo { id, size_bytes: open.bytes.size_bytes(), made_ms: open.made_ms };
    Ok((info, open.bytes))
}

pub(super) async fn get(
    objects: &Arc<dyn Objects>,
    location: &Path,
    options: GetOptions,
) -> Result<GetResult> {
    if options.version.is_some() {
        return Err(refused("an item has one version"));
    }
    let (info, bytes) = open(objects, location).await?;
    let meta = meta(&info);
    options.check_preconditions(&meta)?;
    let range = match &options.range {
        Some(range) => within(range, info.size_bytes)?,
        None => 0..info.size_bytes,
    };
    let payload = if options.head { stream::empty().boxed() } else { pieces(bytes, range.clone()) };
    let payload = GetResultPayload::Stream(payload);
    Ok(GetResult { payload, meta, range, attributes: Attributes::default() })
}

/// The bytes of a range, a piece at a time; an error is the last piece.
fn pieces(bytes: Arc<dyn RandomRead>, range: Range<u64>) -> BoxStream<'static, Result<Bytes>> {
    let state = (bytes, range);
    let pieces = stream::try_unfold(state, |(bytes, left)| async move {
        if left.is_empty() {
            return Ok(None);
        }
        let piece = left.start..left.end.min(left.start + PIECE_BYTES);
        let (reader, wanted) = (Arc::clone(&bytes), piece.clone());
        let read = blocking(move || exactly(&*reader, wanted)).await?;
        Ok(Some((read, (bytes, piece.end..left.end))))
    });
    pieces.map_err(unreadable).boxed()
}

pub(super) async fn ranges(
    objects: &Arc<dyn Objects>,
    location: &Path,
    ranges: Vec<Range<u64>>,
) -> Result<Vec<Bytes>> {
    if ranges.is_empty() {
        return Ok(Vec::new());
    }
    let (info, bytes) = open(objects, location).await?;
    let ranges: Vec<_> = ranges
        .into_iter()
        .map(|range| within(&GetRange::Bounded(range), info.size_bytes))
        .collect::<Result<_>>()?;
    blocking(move || scattered(&*bytes, &ranges)).await.map_err(|error| failed(location, error))
}

/// The bytes of every range; near ones are read together.
fn scattered(bytes: &dyn RandomRead, ranges: &[Range<u64>]) -> std::result::Result<Vec<Bytes>, ObjectsError> {
    let mut order: Vec<usize> = (0..ranges.len()).collect();
    order.sort_unstable_by_key(|&i| ranges[i].start);
    let mut found = vec![Bytes::new(); ranges.len()];
    let mut rest = order.as_slice();
    while let Some(&first) = rest.first() {
        let mut run = ranges[first].clone();
        let near = rest.iter().take_while(|&&i| {
            let near = ranges[i].start <= run.end.saturating_add(GAP_BYTES);
            run.end = if near { run.end.max(ranges[i].end) } else { run.end };
            near
        });
        let count = near.count();
        let read = exactly(bytes, run.clone())?;
        let (together, after) = rest.split_at(count);
        for &i in together {
            let (from, to) = (ranges[i].start - run.start, ranges[i].end - run.start);
            found[i] = read.slice(from as usize..to as usize);
        }
        rest = after;
    }
    Ok(found)
}

/// Exactly these bytes.
fn exactly(bytes: &dyn RandomRead, range: Range<u64>) -> std::result::Result<Bytes, ObjectsError> {
    let mut read = vec![0; (range.end - range.start) as usize];
    let mut done = 0;
    while done < read.len() {
        match bytes.read_at(&mut read[done..], range.start + done as u64) {
            Ok(0) => return Err(ObjectsError::Damaged),
            Ok(more) => done += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(read.into())
}

fn within(range: &GetRange, size_bytes: u64) -> Result<Range<u64>> {
    range.as_range(size_bytes).map_err(|error| Error::Generic { store: NAME, source: Box::new(error) })
}

fn unreadable(error: ObjectsError) -> Error {
    Error::Generic { store: NAME, source: Box::new(error) }
}
