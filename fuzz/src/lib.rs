//! What every file, however made, must do: be read within its own size, or be refused in one
//! clean sentence.

#[path = "../../src/data/mod.rs"]
pub mod data;
#[path = "../../src/weights/mod.rs"]
pub mod weights;

use std::io::{Cursor, Write};
use std::path::PathBuf;

use weights::{OpenOptions, Source, escape};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The folder that `FUZZ_FOLDER` names, or one of this process.
pub fn folder() -> PathBuf {
    let folder = match std::env::var_os("FUZZ_FOLDER") {
        Some(folder) => folder.into(),
        None => std::env::temp_dir().join(format!("spectra-fuzz-{}", std::process::id())),
    };
    std::fs::create_dir_all(&folder).expect("a folder for the file");
    folder
}

/// Elements that expanded views and small files may take beyond what is stored.
const EXPANDED: usize = 1 << 17;

/// Writes `bytes` to the file `name`, opens it and reads every tensor. `growth` is how many
/// elements a byte of the file may stand for.
pub fn check(name: &str, bytes: &[u8], growth: usize) {
    let path = folder().join(name);
    std::fs::write(&path, bytes).expect("a file in the folder");
    for strict in [false, true] {
        let source = match Source::open(&path, &OpenOptions { strict }) {
            Ok(source) => source,
            Err(error) => {
                check_sentence(&error.to_string());
                continue;
            }
        };
        source
            .warnings()
            .iter()
            .for_each(|text| check_sentence(text));
        for (index, info) in source.tensors().iter().enumerate() {
            check_sentence(&escape(&info.name));
            info.notes.iter().for_each(|text| check_sentence(text));
            info.unreadable.iter().for_each(|text| check_sentence(text));
            match source.read(index) {
                Ok(tensor) => {
                    assert_eq!(
                        (tensor.data.len(), &tensor.shape),
                        (info.len(), &info.shape)
                    );
                    // Expanded views may take more than is stored, in fuzzing a little.
                    let most = source.bytes() as usize * growth + EXPANDED;
                    assert!(tensor.data.len() <= most);
                }
                Err(error) => check_sentence(&error.to_string()),
            }
        }
    }
}

fn check_sentence(text: &str) {
    assert!(text.len() < 20_000, "{} bytes", text.len());
    assert!(!text.chars().any(char::is_control), "{text:?}");
}

/// A zip archive of these members, so that checksums stop nothing.
pub fn zip(members: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, data) in members {
        writer.start_file(*name, options).expect("a new member");
        writer.write_all(data).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

/// Writes `files` into the folder `name` and opens that as a data set; where it is but one file, that
/// file. `growth` is how many pixels a byte of the files may stand for.
pub fn check_set(name: &str, files: &[(&str, &[u8])], growth: usize) {
    let folder = folder().join(name);
    std::fs::create_dir_all(&folder).expect("a folder for the files");
    for (file, bytes) in files {
        std::fs::write(folder.join(file), bytes).expect("a file in the folder");
    }
    let path = match files {
        [(file, _)] => folder.join(file),
        _ => folder,
    };
    let stored: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    for found in data::find(&path).into_iter().flatten() {
        if let data::Content::Broken { problem } = found.content {
            check_sentence(&problem);
        }
    }
    match data::open_path(&path) {
        Ok(set) => {
            assert!(set.train.shape == set.test.shape);
            for part in [&set.train, &set.test] {
                let pixels = match &part.pixels {
                    data::Pixels::Bytes(bytes) => bytes.len(),
                    data::Pixels::Floats(floats) => floats.len(),
                };
                assert!(pixels == part.len() * part.features() && !part.is_empty());
                assert!(part.labels.iter().all(|&label| usize::from(label) < set.classes));
                assert!(pixels <= stored * growth + 4096);
                let mut sample = vec![f64::NAN; part.features()];
                part.sample_into(part.len() - 1, &mut sample);
                assert!(sample.iter().all(|x| x.is_finite()));
            }
        }
        Err(error) => check_sentence(&error.to_string()),
    }
}
