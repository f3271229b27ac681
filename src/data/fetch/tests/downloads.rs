//! Downloads that succeed, break off, stall and are something else.

use super::super::*;
use super::server::{Answer, Server, serve};
use super::{NAME, content, fetch_content, fetch_counted, names, says};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

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

/// Catches bytes put where they do not belong, and a part that fails again and again.
#[test]
fn a_server_that_gives_another_part() {
    let root = tempfile::tempdir().unwrap();
    let (_, packed) = content();
    std::fs::create_dir(root.path().join("set")).unwrap();
    let part = root.path().join("set").join(format!("{NAME}.part"));
    std::fs::write(&part, &packed[..1000]).unwrap();
    let server = serve(packed, &[Answer::Shifted, Answer::Range]);
    let error = fetch_content(root.path(), &server).unwrap_err();
    says(error, &[NAME, "another part", "begin anew"]);
    fetch_content(root.path(), &server).unwrap();
    assert_eq!(*server.asked.lock().unwrap(), [1000, 0]);
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
    says(error, &[NAME, "SHA-256", "deleted", "another mirror"]);
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
    says(error, &[NAME, "404", "another mirror"]);
    assert!(names(root.path()).is_empty(), "a part of nothing");
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
