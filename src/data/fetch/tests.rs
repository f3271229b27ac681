//! Downloads from a server on this machine that fails in every way in turn.

use super::remote::{Archive, Remote, RemoteSet, Size, Sum};
use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// What the server does with one request after another; the last of them again and again.
#[derive(Debug, Clone, Copy)]
enum Answer {
    /// What is asked for, from where it is asked for.
    Range,
    /// The whole file whatever is asked for.
    Whole,
    /// So many bytes of what is asked for, and then the end of the connection.
    Cut(usize),
    /// So many bytes of the whole file, and then the end of the connection.
    WholeCut(usize),
    /// A status and a page.
    Status(u16),
    /// Nothing, after so many bytes.
    Stall(usize),
    /// A length of 2⁵⁰ bytes.
    Endless,
}

struct Server {
    url: String,
    /// The first byte that each request asked for.
    asked: Arc<Mutex<Vec<usize>>>,
}

fn serve(file: Vec<u8>, answers: &[Answer]) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/set/", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (log, answers) = (Arc::clone(&asked), answers.to_vec());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let start = range(stream.as_ref().unwrap());
            let turn = {
                let mut log = log.lock().unwrap();
                log.push(start.unwrap_or(0));
                log.len() - 1
            };
            let answer = answers[turn.min(answers.len() - 1)];
            let file = file.clone();
            std::thread::spawn(move || give(stream.unwrap(), &file, start, answer));
        }
    });
    Server { url, asked }
}

/// Reads a request; the first byte it asks for.
fn range(stream: &TcpStream) -> Option<usize> {
    let mut start = None;
    for line in BufReader::new(stream).lines() {
        let line = line.unwrap_or_default().to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(range) = line.strip_prefix("range: bytes=") {
            start = range.trim_end_matches('-').parse().ok();
        }
    }
    start
}

/// A client that is gone is no matter.
fn give(mut stream: TcpStream, file: &[u8], start: Option<usize>, answer: Answer) {
    let partial = start.filter(|_| !matches!(answer, Answer::Whole | Answer::WholeCut(_)));
    if partial.is_some_and(|start| start >= file.len()) {
        let _ =
            stream.write_all(b"HTTP/1.1 416 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
    }
    let body = &file[partial.unwrap_or(0)..];
    let (status, length, sent) = match answer {
        Answer::Status(status) => (status, 5, &b"<html"[..]),
        Answer::Endless => (200, 1 << 50, body),
        Answer::Cut(count) | Answer::WholeCut(count) | Answer::Stall(count) => {
            (200, body.len(), &body[..count.min(body.len())])
        }
        Answer::Range | Answer::Whole => (200, body.len(), body),
    };
    let head = match partial {
        Some(start) if status == 200 => format!(
            "206 Partial\r\nContent-Range: bytes {start}-{}/{}",
            file.len() - 1,
            file.len()
        ),
        _ => format!("{status} Said"),
    };
    let head = format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(sent);
    if let Answer::Stall(_) = answer {
        std::thread::sleep(Duration::from_secs(20));
    }
}

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

/// Catches a file that is changed on the way, asked for again when it is there, or shown wrongly.
#[test]
fn a_whole_download() {
    let root = tempfile::tempdir().unwrap();
    let (_, packed) = content();
    let server = serve(packed.clone(), &[Answer::Range]);
    let mut seen = Vec::new();
    let folder = fetch_counted(root.path(), &server, &mut |progress| {
        assert_eq!(
            (progress.file, progress.total),
            (NAME, Some(packed.len() as u64))
        );
        seen.push(progress.done);
        true
    });
    assert_eq!(std::fs::read(folder.unwrap().join(NAME)).unwrap(), packed);
    assert_eq!(names(root.path()), [NAME]);
    assert!(seen.is_sorted() && seen.len() > 2);
    assert_eq!(seen.last(), Some(&(packed.len() as u64)));
    fetch_content(root.path(), &server).unwrap();
    assert_eq!(server.asked.lock().unwrap().len(), 1, "it was there");
}

/// Catches a download that begins again, or that loses or doubles bytes where it was cut.
#[test]
fn a_cut_connection_is_taken_up() {
    let root = tempfile::tempdir().unwrap();
    let (_, packed) = content();
    let server = serve(packed.clone(), &[Answer::Cut(100_000), Answer::Range]);
    let folder = fetch_content(root.path(), &server).unwrap();
    assert_eq!(std::fs::read(folder.join(NAME)).unwrap(), packed);
    let asked = server.asked.lock().unwrap().clone();
    assert!(
        asked.len() == 2 && asked[1] > 0 && asked[1] <= 100_000,
        "{asked:?}"
    );
}

/// The same between two runs: the first keeps its part and says so.
#[test]
fn a_part_of_an_earlier_run_is_taken_up() {
    let root = tempfile::tempdir().unwrap();
    let (_, packed) = content();
    let server = serve(packed.clone(), &[Answer::Range]);
    let mut calls = 0;
    let ended = fetch_counted(root.path(), &server, &mut |_| {
        calls += 1;
        calls < 3
    });
    says(ended.unwrap_err(), &["ended", "run again", ".part"]);
    let kept = std::fs::metadata(root.path().join("set").join(format!("{NAME}.part")));
    let kept = kept.unwrap().len() as usize;
    assert!(kept > 0 && kept < packed.len());
    let folder = fetch_content(root.path(), &server).unwrap();
    assert_eq!(std::fs::read(folder.join(NAME)).unwrap(), packed);
    assert_eq!(*server.asked.lock().unwrap(), [0, kept]);
    assert_eq!(names(root.path()), [NAME]);
}

/// Catches the whole file written behind its own part.
#[test]
fn a_server_without_ranges_gives_the_file_anew() {
    let root = tempfile::tempdir().unwrap();
    let (_, packed) = content();
    let server = serve(packed.clone(), &[Answer::WholeCut(50_000), Answer::Whole]);
    let folder = fetch_content(root.path(), &server).unwrap();
    assert_eq!(std::fs::read(folder.join(NAME)).unwrap(), packed);
}

/// Catches an endless repetition when every answer is cut at the same place.
#[test]
fn a_server_that_always_breaks_off_is_given_up() {
    let root = tempfile::tempdir().unwrap();
    let (_, packed) = content();
    let server = serve(packed, &[Answer::WholeCut(50_000)]);
    let error = fetch_content(root.path(), &server).unwrap_err();
    says(error, &[NAME, "broke off", "bytes are kept", "run again"]);
    assert!(server.asked.lock().unwrap().len() <= 4);
}

/// Catches a wrong file that takes the place of the right one, or stays as a part for the next run.
#[test]
fn a_wrong_checksum() {
    let root = tempfile::tempdir().unwrap();
    let (mut wrong, _) = content();
    wrong[1000] ^= 1;
    let mut packer = GzEncoder::new(Vec::new(), Compression::none());
    packer.write_all(&wrong).unwrap();
    let server = serve(packer.finish().unwrap(), &[Answer::Range]);
    let error = fetch_content(root.path(), &server).unwrap_err();
    says(error, &[NAME, "SHA-256", "deleted", "--mirror"]);
    assert!(names(root.path()).is_empty());
}

/// A part of something else is fetched again from its beginning, once.
#[test]
fn a_part_of_another_file_is_replaced() {
    let root = tempfile::tempdir().unwrap();
    let (_, packed) = content();
    std::fs::create_dir(root.path().join("set")).unwrap();
    let part = root.path().join("set").join(format!("{NAME}.part"));
    for length in [1000, packed.len() + 5] {
        std::fs::write(&part, vec![7; length]).unwrap();
        let server = serve(packed.clone(), &[Answer::Range]);
        let folder = fetch_content(root.path(), &server).unwrap();
        assert_eq!(std::fs::read(folder.join(NAME)).unwrap(), packed);
        assert_eq!(*server.asked.lock().unwrap(), [length, 0]);
        std::fs::remove_file(folder.join(NAME)).unwrap();
    }
}

#[test]
fn a_missing_file_and_a_page_instead_of_it() {
    let root = tempfile::tempdir().unwrap();
    let server = serve(Vec::new(), &[Answer::Status(404)]);
    let error = fetch_content(root.path(), &server).unwrap_err();
    says(error, &[NAME, "404", "--mirror"]);
    let server = serve(Vec::new(), &[Answer::Status(200)]);
    let error = fetch_content(root.path(), &server).unwrap_err();
    says(error, &[NAME, "SHA-256"]);
}

/// Catches a wait without end, before the first byte and after some.
#[test]
fn a_stalled_server() {
    let (_, packed) = content();
    for (bytes, words) in [(0, "within 0.4 s"), (70_000, "bytes are kept")] {
        let root = tempfile::tempdir().unwrap();
        let server = serve(packed.clone(), &[Answer::Stall(bytes)]);
        let start = Instant::now();
        let error = fetch_content(root.path(), &server).unwrap_err();
        says(error, &[NAME, "does not answer", words]);
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{:?}",
            start.elapsed()
        );
    }
}

/// Catches a disk filled by a server that does not end.
#[test]
fn a_file_beyond_its_size() {
    let root = tempfile::tempdir().unwrap();
    let server = serve(content().1, &[Answer::Endless]);
    let error = fetch_content(root.path(), &server).unwrap_err();
    says(error, &[NAME, "more than", "bytes that the file can have"]);
}

#[test]
fn no_server_at_all() {
    let root = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let server = Server {
        url,
        asked: Arc::default(),
    };
    let error = fetch_content(root.path(), &server).unwrap_err();
    says(error, &[NAME, "the connection failed"]);
}

#[test]
fn a_set_that_is_not_known_and_a_file_in_the_way() {
    let root = tempfile::tempdir().unwrap();
    let error = fetch(
        "letters",
        root.path(),
        &FetchSettings::default(),
        &mut |_| true,
    );
    says(
        error.unwrap_err(),
        &["letters", "mnist, fashion-mnist and cifar10"],
    );
    std::fs::create_dir(root.path().join("set")).unwrap();
    std::fs::write(root.path().join("set").join(NAME), b"mine").unwrap();
    let server = serve(content().1, &[Answer::Range]);
    let error = fetch_content(root.path(), &server).unwrap_err();
    says(error, &[NAME, "is there already", "move it away"]);
    assert!(server.asked.lock().unwrap().is_empty());
}

/// Catches a set fetched a second time because it lies there unpacked.
#[test]
fn an_unpacked_file_is_not_fetched_again() {
    let root = tempfile::tempdir().unwrap();
    let (content, packed) = content();
    std::fs::create_dir(root.path().join("set")).unwrap();
    let place = root.path().join("set").join("train-images-idx3-ubyte");
    std::fs::write(place, content).unwrap();
    let server = serve(packed, &[Answer::Range]);
    fetch_content(root.path(), &server).unwrap();
    assert!(server.asked.lock().unwrap().is_empty());
}

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
    assert_eq!(std::fs::read_dir(folder.join("inner")).unwrap().count(), 2);
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
