//! Messages between parent and worker: a tag, a length, a payload. Descriptors travel beside a job's length.

use super::answer::{PAYLOAD_BYTES_MAX, Tag};
use custody_rules::{Job, JobAnswer, SHEETS_MAX};
use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};
use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

/// Most descriptors of a job: the artifact, and an output for each sheet of a preview.
const DESCRIPTORS_MAX: usize = 1 + SHEETS_MAX;

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Sends a job with its descriptors: the artifact, and the outputs if there are any. The socket has a write
/// timeout; each time it passes, `go_on` says whether to wait longer for a worker that does not read.
pub(super) fn send_job(
    socket: &UnixStream,
    job: &Job,
    descriptors: &[BorrowedFd<'_>],
    go_on: &dyn Fn() -> bool,
) -> io::Result<()> {
    let payload = serde_json::to_vec(job)?;
    let length = u32::try_from(payload.len()).map_err(|_| invalid("a job is too long"))?.to_le_bytes();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !control.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(invalid("too many descriptors"));
    }
    let sent = sendmsg(socket, &[IoSlice::new(&length)], &mut control, SendFlags::NOSIGNAL)?;
    if sent != length.len() {
        return Err(invalid("the socket took half a length"));
    }
    let mut rest = &payload[..];
    while !rest.is_empty() {
        match rustix::net::send(socket, rest, SendFlags::NOSIGNAL) {
            Ok(sent) => rest = &rest[sent..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) if go_on() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Receives a job and its descriptors; `None` when the parent is gone.
pub(super) fn receive_job(socket: BorrowedFd<'_>) -> io::Result<Option<(Job, Vec<File>)>> {
    let mut length = [0; 4];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let received = recvmsg(
        socket,
        &mut [IoSliceMut::new(&mut length)],
        &mut control,
        RecvFlags::CMSG_CLOEXEC | RecvFlags::WAITALL,
    )?;
    if received.bytes == 0 {
        return Ok(None);
    }
    if received.bytes != length.len() {
        return Err(invalid("half a length"));
    }
    let mut files = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(descriptors) = message {
            files.extend(descriptors.map(|fd: OwnedFd| File::from(fd)));
        }
    }
    let length = u32::from_le_bytes(length) as usize;
    if length > PAYLOAD_BYTES_MAX {
        return Err(invalid("a job is too long"));
    }
    let mut payload = vec![0; length];
    Socket(socket).read_exact(&mut payload)?;
    Ok(Some((serde_json::from_slice(&payload)?, files)))
}

struct Socket<'a>(BorrowedFd<'a>);

impl Read for Socket<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(rustix::io::read(self.0.as_fd(), buffer)?)
    }
}

/// Writes one message of an answer.
pub(super) fn write_message(out: &mut impl Write, tag: Tag, payload: &[u8]) -> io::Result<()> {
    if payload.len() > PAYLOAD_BYTES_MAX {
        return Err(invalid("an answer is too long"));
    }
    out.write_all(&[tag as u8])?;
    out.write_all(&(payload.len() as u32).to_le_bytes())?;
    out.write_all(payload)?;
    out.flush()
}

/// Writes an answer as JSON.
pub(super) fn write_answer(out: &mut impl Write, answer: &JobAnswer) -> io::Result<()> {
    write_message(out, Tag::Answer, &serde_json::to_vec(answer)?)
}
