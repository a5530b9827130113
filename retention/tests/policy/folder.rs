//! A folder of policies: every file in it counts, or none does.

use super::{KEEP, policy};
use custody_retention::disk::{Disk, DiskFile, Stat};
use custody_retention::policy::{PolicyError, PolicySet};
use std::collections::BTreeMap;
use std::io;

/// Files of one folder. A file without bytes cannot be read; reads give at most 7 bytes.
#[derive(Debug, Default)]
struct Folder(BTreeMap<&'static str, Option<Vec<u8>>>);

#[derive(Debug)]
struct Bytes(Vec<u8>);

impl DiskFile for Bytes {
    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = &self.0[offset as usize..];
        let count = rest.len().min(bytes.len()).min(7);
        bytes[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn write_at(&self, _: &[u8], _: u64) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn set_size(&self, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn forget_cached(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Disk for Folder {
    fn open_read(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        let file = path.strip_prefix("policies/").and_then(|name| self.0.get(name)).cloned();
        match file {
            Some(Some(bytes)) => Ok(Box::new(Bytes(bytes))),
            Some(None) => Err(io::ErrorKind::PermissionDenied.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        if folder != "policies" {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(self.0.keys().map(|name| (*name).to_owned()).collect())
    }

    fn create_new(&self, _: &str) -> io::Result<Box<dyn DiskFile>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn open_write(&self, _: &str) -> io::Result<Box<dyn DiskFile>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn stat(&self, _: &str) -> io::Result<Option<Stat>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn make_folder(&self, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn rename(&self, _: &str, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn rename_new(&self, _: &str, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn unlink(&self, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn sync_folder(&self, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

fn folder(others: &[(&'static str, Option<&[u8]>)]) -> Folder {
    let mut folder = Folder::default();
    folder.0.insert("p.toml", Some(policy("class = [\"report\"]", KEEP).into_bytes()));
    folder.0.extend(others.iter().map(|(name, bytes)| (*name, bytes.map(<[u8]>::to_vec))));
    folder
}

fn read(others: &[(&'static str, Option<&[u8]>)]) -> Result<usize, Vec<PolicyError>> {
    PolicySet::read(&folder(others), "policies").map(|set| set.policies().len())
}

#[test]
fn files_are_read_and_hidden_ones_left_alone() {
    let set = PolicySet::read(&folder(&[("caps.toml", Some(b"max_items = 77"))]), "policies").expect("good");
    assert_eq!((set.policies()[0].id(), set.caps().max_items), ("p", 77));
    assert_eq!(read(&[(".p.toml.swp", None), (".DS_Store", Some(b"x"))]), Ok(1));
}

#[test]
fn one_file_that_cannot_be_read_refuses_all() {
    let unreadable = |file: &str, kind| Err(vec![PolicyError::Unreadable { file: file.to_owned(), kind }]);
    assert_eq!(read(&[("q.toml", None)]), unreadable("q.toml", io::ErrorKind::PermissionDenied));
    assert_eq!(read(&[("q.toml", Some(b"\xff"))]), unreadable("q.toml", io::ErrorKind::InvalidData));
    let long = vec![b'#'; (64 << 10) + 1];
    assert_eq!(read(&[("q.toml", Some(&long))]), unreadable("q.toml", io::ErrorKind::FileTooLarge));
    let nowhere = PolicySet::read(&folder(&[]), "policy");
    assert_eq!(nowhere.map(|_| 0), unreadable("", io::ErrorKind::NotFound));
    assert_eq!(PolicySet::read(&Folder::default(), "policies"), Err(vec![PolicyError::NoPolicy]));
}

#[test]
fn what_may_have_been_meant_as_a_policy_is_refused() {
    let mistakes = read(&[("q.tml", Some(b"id = \"q\""))]).expect_err("a mistake");
    assert_eq!(mistakes[0].to_string(), "q.tml:1: not a policy: its name must end in .toml, or move it away");
}
