//! Archives that are unpacked, and archives that are refused.

use super::super::remote::{Archive, Remote, RemoteSet, Size, Sum};
use super::super::*;
use super::server::{Answer, serve};
use super::{names, says, settings};
use crate::data::file::hex;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// A gzipped tar archive of these members; a `None` is a link.
fn packed_tar(members: &[(&str, Option<&[u8]>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::none()));
    for (name, data) in members {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_mode(0o644);
        match data {
            Some(data) => {
                header.set_size(data.len() as u64);
                header.set_cksum();
                builder.append(&header, *data).unwrap();
            }
            None => {
                header.set_entry_type(tar::EntryType::Symlink);
                header.set_link_name("/etc/passwd").unwrap();
                header.set_size(0);
                header.set_cksum();
                builder.append(&header, &[][..]).unwrap();
            }
        }
    }
    builder.into_inner().unwrap().finish().unwrap()
}

/// Fetches an archive whose sum is right, whatever it holds.
fn fetch_archive(root: &Path, packed: &[u8]) -> Result<PathBuf, DataError> {
    let sum = hex(&Sha256::digest(packed));
    let members = [("a.bin", Size::Exactly(4)), ("names", Size::AtMost(10))];
    let files = [Remote {
        name: "set.tar.gz",
        sum: Sum::File(&sum),
        bytes: packed.len() as u64,
        archive: Some(Archive {
            folder: "inner",
            members: &members,
        }),
    }];
    let set = RemoteSet {
        name: "set",
        mirrors: &[],
        files: &files,
    };
    let server = serve(packed.to_vec(), &[Answer::Range]);
    fetch_set(&set, root, &settings(&server), &mut |_| true)
}

/// Catches a member written outside its folder, one that nobody asked for, and an archive left behind.
#[test]
fn an_archive_is_unpacked() {
    let root = tempfile::tempdir().unwrap();
    let packed = packed_tar(&[
        ("inner/readme", Some(b"no")),
        ("../../above", Some(b"no")),
        ("inner/../a.bin", Some(b"none")),
        ("inner/a.bin", Some(b"1234")),
        ("inner/names", Some(b"x\ny\n")),
        ("inner/link", None),
    ]);
    let folder = fetch_archive(root.path(), &packed).unwrap();
    assert_eq!(names(root.path()), ["inner"]);
    assert_eq!(std::fs::read(folder.join("inner/a.bin")).unwrap(), b"1234");
    assert_eq!(std::fs::read_dir(folder.join("inner")).unwrap().count(), 3);
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 1);
    // Fetched again, it is there.
    fetch_archive(root.path(), b"not asked for").unwrap();
}

/// Catches links, wrong sizes, and members or data that are missing.
#[test]
fn archives_that_are_refused() {
    let whole = packed_tar(&[("inner/a.bin", Some(b"1234")), ("inner/names", Some(b"x"))]);
    for (packed, words) in [
        (
            packed_tar(&[("inner/a.bin", None)]),
            ["a.bin", "is no file"],
        ),
        (
            packed_tar(&[("inner/a.bin", Some(b"12345"))]),
            ["a.bin", "5 bytes"],
        ),
        (
            packed_tar(&[
                ("inner/a.bin", Some(b"1234")),
                ("inner/names", Some(b"xxxxxxxxxxx")),
            ]),
            ["names", "11 bytes"],
        ),
        (
            packed_tar(&[("inner/a.bin", Some(b"1234"))]),
            ["lacks names", "set.tar.gz"],
        ),
        (whole[..whole.len() / 2].to_vec(), ["damaged", "set.tar.gz"]),
        (b"no archive at all".to_vec(), ["damaged", "set.tar.gz"]),
    ] {
        let root = tempfile::tempdir().unwrap();
        says(fetch_archive(root.path(), &packed).unwrap_err(), &words);
        assert!(!root.path().join("set/inner").exists());
        assert!(!root.path().join("set/inner.part").exists());
    }
}

/// Catches cached members that are damaged and taken for sound because of their size, and an archive that is
/// fetched although it cannot be unpacked.
#[test]
fn damaged_members_are_in_the_way() {
    let root = tempfile::tempdir().unwrap();
    let packed = packed_tar(&[("inner/a.bin", Some(b"1234")), ("inner/names", Some(b"x"))]);
    fetch_archive(root.path(), &packed).unwrap();
    fetch_archive(root.path(), &packed).unwrap();
    let member = root.path().join("set/inner/a.bin");
    std::fs::write(&member, b"1235").unwrap();
    says(
        fetch_archive(root.path(), &packed).unwrap_err(),
        &["a.bin", "move it away"],
    );
    assert_eq!(std::fs::read(member).unwrap(), b"1235");
}

/// Catches a download or an archive that is written through a link.
#[cfg(unix)]
#[test]
fn parts_are_no_links() {
    use std::os::unix::fs::symlink;
    let packed = packed_tar(&[("inner/a.bin", Some(b"1234")), ("inner/names", Some(b"x"))]);
    for part in ["set.tar.gz.part", "inner.part"] {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("set");
        std::fs::create_dir(&folder).unwrap();
        let theirs = root.path().join("theirs");
        symlink(&theirs, folder.join(part)).unwrap();
        says(
            fetch_archive(root.path(), &packed).unwrap_err(),
            &[part, "move it away"],
        );
        assert!(!theirs.exists());
    }
}
