//! Artifacts side by side. Each has a thread of its own while it is worked on, and the batches in it share
//! the pool: a thread of the pool that waits for its batches could otherwise take up another whole artifact,
//! and hold both in memory.

use std::sync::{Mutex, PoisonError, mpsc};

/// Works on all of `files`, as many at once as there are threads in the pool; results in order.
pub fn map_files<T: Send, R: Send>(files: Vec<T>, work: impl Fn(usize, T) -> R + Sync) -> Vec<R> {
    let threads = rayon::current_num_threads().min(files.len());
    let mut results: Vec<Option<R>> = (0..files.len()).map(|_| None).collect();
    let queue = Mutex::new(files.into_iter().enumerate());
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (queue, work, sender) = (&queue, &work, sender.clone());
            scope.spawn(move || {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((at, file)) = next else { break };
                    let _ = sender.send((at, work(at, file)));
                }
            });
        }
    });
    drop(sender);
    receiver.into_iter().for_each(|(at, result)| results[at] = Some(result));
    results.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_once_and_in_order() {
        let files: Vec<usize> = (0..500).collect();
        assert_eq!(
            map_files(files, |at, file| at * 1_000 + file),
            (0..500).map(|n| n * 1_001).collect::<Vec<_>>()
        );
        assert!(map_files(Vec::<u8>::new(), |_, file| file).is_empty());
    }
}
