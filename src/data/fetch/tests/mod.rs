//! Downloads from a server on this machine that fails in every way in turn.

mod archives;
mod downloads;
mod server;

use super::remote::{Remote, RemoteSet, Sum};
use super::*;
use crate::data::file::hex;
use flate2::Compression;
use flate2::write::GzEncoder;
use server::Server;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::time::Duration;

/// The content of the file, unpacked, and packed: enough of it that it is read in several pieces.
fn content() -> (Vec<u8>, Vec<u8>) {
    let mut words = crate::random::Entries::new(1, &[2]).word(0);
    let content: Vec<u8> = (0..300_000)
        .map(|_| {
            words = words.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (words >> 24) as u8
        })
        .collect();
    let mut packer = GzEncoder::new(Vec::new(), Compression::none());
    packer.write_all(&content).unwrap();
    (content, packer.finish().unwrap())
}

const NAME: &str = "train-images-idx3-ubyte.gz";

fn settings(server: &Server) -> FetchSettings {
    FetchSettings {
        mirror: Some(server.url.clone()),
        connect: Duration::from_secs(5),
        silence: Duration::from_millis(400),
        retries: 3,
    }
}

/// Fetches one gzipped file of the right content into `root`.
fn fetch_content(root: &Path, server: &Server) -> Result<PathBuf, DataError> {
    fetch_counted(root, server, &mut |_| true)
}

fn fetch_counted(
    root: &Path,
    server: &Server,
    progress: OnProgress<'_>,
) -> Result<PathBuf, DataError> {
    let (content, _) = content();
    let sum = hex(&Sha256::digest(&content));
    let files = [Remote {
        name: NAME,
        sum: Sum::Content(&sum),
        bytes: content.len() as u64,
        archive: None,
    }];
    let set = RemoteSet {
        name: "set",
        mirrors: &[],
        files: &files,
    };
    fetch_set(&set, root, &settings(server), progress)
}

/// What is in the set's folder.
fn names(root: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(root.join("set"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[track_caller]
fn says(error: DataError, words: &[&str]) {
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "'{word}' is not said in: {text}");
    }
    assert!(!text.chars().any(char::is_control), "{text}");
}

/// Catches a table of mirrors that names no file a reader would find.
#[test]
fn the_table_of_sets() {
    for set in SETS {
        assert!(crate::data::known::by_name(set.name).is_some());
        assert!(set.mirrors.iter().all(|mirror| mirror.starts_with("http")));
        for remote in set.files {
            let digits = remote.sum.digits();
            assert!(digits.len() == 64 && digits.bytes().all(|d| d.is_ascii_hexdigit()));
        }
    }
}
