//! `spectra data` as a user runs it: what is listed, shown and fetched, and one sentence for what is
//! wrong.

use crate::common::command::{self, stdout};
use crate::common::files::npy_of;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

fn spectra(arguments: &[&str]) -> Command {
    let mut command = command::spectra();
    command.arg("data").args(arguments);
    command
}

fn run(arguments: &[&str]) -> Output {
    spectra(arguments).output().unwrap()
}

/// The one sentence of a command that could not.
#[track_caller]
fn refusal(output: &Output, words: &[&str]) {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(
        text.starts_with("spectra: ") && text.lines().count() == 1,
        "{text}"
    );
    for word in words {
        assert!(text.contains(word), "'{word}' is not said in: {text}");
    }
}

/// A set of arrays: six samples of 1 × 2 floats in two classes.
fn arrays(folder: &Path) {
    let values = (0..12).flat_map(|i| (i as f32 - 3.0).to_le_bytes());
    let x = npy_of("<f4", "(6, 1, 2)", &values.collect::<Vec<u8>>());
    let y = npy_of("|u1", "(6,)", &[0, 1, 0, 1, 0, 1]);
    let file = std::fs::File::create(folder.join("floats.npz")).unwrap();
    let mut writer = zip::ZipWriter::new(file);
    for (name, bytes) in [("x.npy", x), ("y.npy", y)] {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(name, options).unwrap();
        writer.write_all(&bytes).unwrap();
    }
    writer.finish().unwrap();
}

/// Catches a list without the generated set, or that needs a folder.
#[test]
fn the_list_without_a_folder() {
    let text = stdout(&run(&[]));
    for word in ["digits", "10000", "2000", "28x28", "--data", "SPECTRA_DATA"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let json: Value = serde_json::from_str(&stdout(&run(&["--json"]))).unwrap();
    assert_eq!(json["generated"][0]["name"], "digits");
    assert_eq!(json["folder"], Value::Null);
}

/// Catches a folder of the environment that is passed over, and one that wins over the argument's.
#[test]
fn the_list_of_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    arrays(folder.path());
    std::fs::create_dir(folder.path().join("broken")).unwrap();
    std::fs::write(folder.path().join("broken/train-images-idx3-ubyte"), b"no").unwrap();
    let output = spectra(&[]).env("SPECTRA_DATA", folder.path()).output();
    let text = stdout(&output.unwrap());
    for word in ["floats.npz", "npz", "1x2", "broken", "lacks train-labels"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let empty = tempfile::tempdir().unwrap();
    let other = empty.path().to_str().unwrap();
    let output = spectra(&["--data", other])
        .env("SPECTRA_DATA", folder.path())
        .output();
    assert!(!stdout(&output.unwrap()).contains("floats"));
    let output = spectra(&["--json"])
        .env("SPECTRA_DATA", folder.path())
        .output();
    let json: Value = serde_json::from_str(&stdout(&output.unwrap())).unwrap();
    assert_eq!(json["found"].as_array().unwrap().len(), 2);
    let problem = json["found"][0]["broken"]["problem"].as_str().unwrap();
    assert!(problem.contains("lacks train-labels"), "{problem}");
    assert_eq!(json["found"][1]["sound"]["train"], 4);
    assert_eq!(
        json["found"][1]["sound"]["shape"],
        serde_json::json!([1, 1, 2])
    );
}

#[test]
fn a_folder_that_is_not_there() {
    refusal(&run(&["--data", "nowhere"]), &["nowhere", "cannot be read"]);
    refusal(
        &run(&["fetch", "mnist"]),
        &["mnist", "--data", "SPECTRA_DATA"],
    );
}

/// Catches samples in the wrong row, a sheet of another size, and one that differs from run to run.
#[test]
fn a_sheet_of_digits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sheet.png");
    let out = path.to_str().unwrap();
    stdout(&run(&["show", "digits", "--out", out, "--columns", "5"]));
    let first = std::fs::read(&path).unwrap();
    let sheet = image::load_from_memory(&first).unwrap().to_luma8();
    assert_eq!(sheet.dimensions(), (5 * 29 + 1, 10 * 29 + 1));
    let mut sample = vec![0.0; 784];
    let set = spectra::data::digits(0, 100, 0);
    let fours = (0..100).filter(|&i| set.train.labels[i] == 4);
    set.train
        .sample_into(fours.clone().nth(2).unwrap(), &mut sample);
    for (i, x) in sample.iter().enumerate() {
        let (row, column) = (i / 28, i % 28);
        let shown = sheet.get_pixel((2 * 29 + 1 + column) as u32, (4 * 29 + 1 + row) as u32);
        assert_eq!(f64::from(shown.0[0]), *x, "{row} {column}");
    }
    stdout(&run(&["show", "digits", "--out", out, "--columns", "5"]));
    assert_eq!(std::fs::read(&path).unwrap(), first);
}

/// The least number is black, the largest white.
#[test]
fn a_sheet_of_floats() {
    let folder = tempfile::tempdir().unwrap();
    arrays(folder.path());
    let path = folder.path().join("sheet.png");
    let [data, out] = [folder.path(), &path].map(|path| path.to_str().unwrap());
    stdout(&run(&["show", "floats.npz", "--data", data, "--out", out]));
    let sheet = image::open(&path).unwrap().to_luma8();
    assert_eq!(sheet.dimensions(), (20 * 3 + 1, 2 * 2 + 1));
    // Of two samples a class to train on, the first of class 0 is -3, -2 and the last of class 1 is 7, 8.
    assert_eq!(sheet.get_pixel(1, 1).0, [0]);
    assert_eq!(sheet.get_pixel(3 + 2, 2 + 1).0, [255]);
}

#[test]
fn what_cannot_be_shown() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("no/sheet.png");
    let out = inside.to_str().unwrap();
    refusal(
        &run(&["show", "nothing", "--out", out]),
        &["nothing", "does not exist"],
    );
    refusal(&run(&["show", "mnist", "--out", out]), &["mnist", "--data"]);
    refusal(
        &run(&["show", "digits", "--out", out]),
        &["sheet.png", "cannot be written"],
    );
}

/// Catches a mirror that is not asked, and a failure that leaves something that looks like a set.
#[test]
fn a_mirror_without_the_files() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mirror = format!("http://{}/x", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let lines = BufReader::new(&stream).lines().map(Result::unwrap);
        let request: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
        stream
            .write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .unwrap();
        request[0].clone()
    });
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let output = run(&["fetch", "mnist", "--data", data, "--mirror", &mirror]);
    refusal(&output, &["train-images-idx3-ubyte.gz", "404", "--mirror"]);
    let request = server.join().unwrap();
    assert_eq!(request, "GET /x/train-images-idx3-ubyte.gz HTTP/1.1");
    let output = run(&["show", "mnist", "--data", data, "--out", "sheet.png"]);
    refusal(&output, &["mnist", "without a data set"]);
    refusal(
        &run(&["fetch", "letters", "--data", data]),
        &["letters", "cannot be fetched"],
    );
}
