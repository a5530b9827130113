//! Objects, one after the other, from one `git cat-file --batch`. Contents go where the caller says and are as they lie in
//! the repository: unfiltered, unconverted.

use super::{Git, GitError, Oid};
use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

const COMMAND: &str = "cat-file";
/// Questions asked before the first answer is read: as many as a pipe holds.
const WINDOW: usize = 256;

/// The process that hands objects over.
pub struct Objects {
    child: Child,
    asks: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Objects").finish_non_exhaustive()
    }
}

/// One object on its way.
pub struct Object<'a> {
    /// `blob`, `commit`, …
    pub kind: String,
    /// Bytes it has.
    pub size_bytes: u64,
    content: std::io::Take<&'a mut BufReader<ChildStdout>>,
}

impl fmt::Debug for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object").field("size_bytes", &self.size_bytes).finish_non_exhaustive()
    }
}

impl Object<'_> {
    /// Copies the content; what `to` does not take is an error.
    ///
    /// # Errors
    /// When it cannot be read or written, or ends early.
    pub fn copy_to(&mut self, to: &mut dyn Write) -> Result<(), GitError> {
        let copied = std::io::copy(&mut self.content, to)?;
        if copied != self.size_bytes {
            return Err(GitError::Malformed { command: COMMAND, what: "an object that ends early" });
        }
        Ok(())
    }

    /// The content in memory.
    ///
    /// # Errors
    /// As [`Object::copy_to`].
    pub fn read(&mut self) -> Result<Vec<u8>, GitError> {
        let mut bytes = Vec::new();
        self.copy_to(&mut bytes)?;
        Ok(bytes)
    }
}

impl Objects {
    /// Starts the process.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn open(git: &Git) -> Result<Self, GitError> {
        let mut command = git.command(COMMAND);
        command.arg("--batch").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| GitError::Missing(error.kind()))?;
        let (asks, answers) = (child.stdin.take(), child.stdout.take());
        let (Some(asks), Some(answers)) = (asks, answers) else {
            return Err(GitError::Malformed { command: COMMAND, what: "no pipe" });
        };
        Ok(Self { child, asks: Some(asks), answers: BufReader::with_capacity(1 << 18, answers) })
    }

    /// Hands over objects in the order they are asked for: `None` for one that is not here.
    ///
    /// # Errors
    /// When git fails, or `take` does.
    pub fn each<E: From<GitError>>(
        &mut self,
        ids: &[Oid],
        take: &mut dyn FnMut(usize, Option<&mut Object<'_>>) -> Result<(), E>,
    ) -> Result<(), E> {
        for (number, window) in ids.chunks(WINDOW).enumerate() {
            let asked: String = window.iter().map(|id| format!("{id}\n")).collect();
            let Some(asks) = &mut self.asks else { return Err(ended().into()) };
            asks.write_all(asked.as_bytes()).and_then(|()| asks.flush()).map_err(GitError::from)?;
            for (at, id) in window.iter().enumerate() {
                self.answer(*id, &mut |object| take(number * WINDOW + at, object))?;
            }
        }
        Ok(())
    }

    /// One object in memory; `None` when it is not here.
    ///
    /// # Errors
    /// When git fails.
    pub fn one(&mut self, id: Oid) -> Result<Option<Vec<u8>>, GitError> {
        let mut read = None;
        self.each::<GitError>(&[id], &mut |_, object| {
            read = object.map(Object::read).transpose()?;
            Ok(())
        })?;
        Ok(read)
    }

    fn answer<E: From<GitError>>(
        &mut self,
        id: Oid,
        take: &mut dyn FnMut(Option<&mut Object<'_>>) -> Result<(), E>,
    ) -> Result<(), E> {
        let header = self.header()?;
        let mut words = header.split(' ');
        let same = words.next().and_then(|word| Oid::parse(word.as_bytes())) == Some(id);
        match (same, words.next(), words.next().and_then(|size| size.parse().ok())) {
            (true, Some("missing"), None) => take(None),
            (true, Some(kind), Some(size_bytes)) => {
                let content = (&mut self.answers).take(size_bytes);
                let mut object = Object { kind: kind.to_owned(), size_bytes, content };
                take(Some(&mut object))?;
                // What was not taken is in the way of the next one.
                std::io::copy(&mut object.content, &mut std::io::sink()).map_err(GitError::from)?;
                if object.content.limit() != 0 {
                    return Err(ended().into());
                }
                let mut end = [0];
                self.answers.read_exact(&mut end).map_err(GitError::from)?;
                if end == *b"\n" { Ok(()) } else { Err(malformed("no end of an object").into()) }
            }
            _ => Err(malformed("a header").into()),
        }
    }

    fn header(&mut self) -> Result<String, GitError> {
        let mut line = Vec::new();
        (&mut self.answers).take(512).read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            return Err(ended());
        }
        String::from_utf8(line).map_err(|_| malformed("a header"))
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // It ends with its questions; one that is still writing is not waited for.
        self.asks = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn malformed(what: &'static str) -> GitError {
    GitError::Malformed { command: COMMAND, what }
}

fn ended() -> GitError {
    GitError::Failed { command: COMMAND, code: -1 }
}
