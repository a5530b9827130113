//! Paths inside of a store: plain names joined by `/`. Nothing here looks at a disk.

use std::io;

/// The names of a path, first to last; none for the store's own folder (`""`).
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] for an empty name (so for `/` at either end), for `.` and `..`, and for NUL.
pub fn names(path: &str) -> io::Result<Vec<&str>> {
    if path.is_empty() {
        return Ok(Vec::new());
    }
    let plain = |name: &str| !matches!(name, "" | "." | "..") && !name.contains('\0');
    path.split('/')
        .map(|name| if plain(name) { Ok(name) } else { Err(io::ErrorKind::InvalidInput.into()) })
        .collect()
}

/// The folder of an entry, and its name there.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] for the store's own folder and for what [`names`] refuses.
pub fn split(path: &str) -> io::Result<(&str, &str)> {
    names(path)?;
    match path.rsplit_once('/') {
        Some(split) => Ok(split),
        None if path.is_empty() => Err(io::ErrorKind::InvalidInput.into()),
        None => Ok(("", path)),
    }
}

#[cfg(test)]
mod tests {
    use super::{names, split};

    #[test]
    fn a_path_is_plain_names() {
        assert_eq!(names("").expect("the store's own"), Vec::<&str>::new());
        assert_eq!(names("blobs/ab/x.blob").expect("plain"), ["blobs", "ab", "x.blob"]);
        assert_eq!(split("blobs/ab/x.blob").expect("plain"), ("blobs/ab", "x.blob"));
        assert_eq!(split("lock").expect("plain"), ("", "lock"));
        for bad in ["/", "/etc", "a/", "a//b", "..", "a/../b", ".", "./a", "a\0b"] {
            assert!(names(bad).is_err(), "{bad}");
            assert!(split(bad).is_err(), "{bad}");
        }
        assert!(split("").is_err());
    }
}
