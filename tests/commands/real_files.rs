//! Folders and models as people have them, through the commands: nothing vanishes, nothing is misnamed, one bad file
//! never ends a run.

use crate::common::command::{json, spectra, stderr as said};
use crate::common::files::write;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;

fn run(arguments: &[&str]) -> Output {
    spectra().args(arguments).output().unwrap()
}

/// A safetensors file of tensors of single precision, each a name and a shape, their numbers a sawtooth that `seed`
/// shifts.
fn safetensors(tensors: &[(&str, &[usize])], seed: usize) -> Vec<u8> {
    let mut header = serde_json::Map::new();
    let mut data = Vec::new();
    for (place, (name, shape)) in tensors.iter().enumerate() {
        let begin = data.len();
        for index in 0..shape.iter().product::<usize>() {
            let x = ((index * 7919 + 104_729 * (place + seed)) % 1009) as f32 / 1009.0 - 0.5;
            data.extend(x.to_le_bytes());
        }
        let entry = serde_json::json!({
            "dtype": "F32", "shape": shape, "data_offsets": [begin, data.len()]
        });
        header.insert((*name).to_owned(), entry);
    }
    let header = Json::Object(header).to_string();
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// A folder that mixes formats: ten that are read, three broken files, two that are something else, a hidden one.
fn mixed(folder: &Path) {
    let model = safetensors(&[("fc.weight", &[6, 5]), ("fc.bias", &[6])], 1);
    write(folder, "model.safetensors", &model);
    write(folder, "deep/er/model.safetensors", &model);
    write(folder, ".tmpAbC123.safetensors", &model);
    write(folder, "cut.safetensors", &model[..model.len() - 9]);
    write(folder, "empty.npy", b"");
    write(
        folder,
        "model.gguf",
        b"GGUF\x03\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
    );
    write(folder, "notes.txt", b"not weights");
    write(folder, "lost.h5", b"\x89HDF\r\n\x1a\n\0\0\0\0\0\0\0\0");
    let formats = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for file in [
        "mnist-linear-bias.npy",
        "formats/zip.pt",
        "formats/legacy.pt",
        "formats/script.pt",
        "formats/several.npy",
    ] {
        let bytes = std::fs::read(formats.join(file)).unwrap();
        write(
            folder,
            Path::new(file).file_name().unwrap().to_str().unwrap(),
            &bytes,
        );
    }
    for file in std::fs::read_dir(formats.join("formats/distributed")).unwrap() {
        let file = file.unwrap();
        let name = format!("dcp/{}", file.file_name().to_str().unwrap());
        write(folder, &name, &std::fs::read(file.path()).unwrap());
    }
    let mut damaged = std::fs::read(formats.join("formats/zip.pt")).unwrap();
    damaged.truncate(damaged.len() - 30);
    write(folder, "damaged.pt", &damaged);
}

/// Catches files that vanish, are read although they are hidden, end the run for the others, or leave the status at 0;
/// in every command.
#[test]
fn a_folder_of_ten_formats_and_three_broken_files() {
    let folder = tempfile::tempdir().unwrap();
    mixed(folder.path());
    let path = folder.path().to_str().unwrap();
    let listed = run(&["inspect", path, "--json"]);
    assert_eq!(listed.status.code(), Some(2), "{listed:?}");
    let mut rows: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for row in json(&listed)["tensors"].as_array().unwrap() {
        let file = row["file"].as_str().unwrap().strip_prefix(path).unwrap();
        let text = |key: &str| row[key].as_str().unwrap().to_owned();
        let file = file.trim_start_matches('/').to_owned();
        rows.entry(file)
            .or_default()
            .push((text("name"), text("status")));
    }
    let whole = |status: &str| vec![("(the whole file)".to_owned(), status.to_owned())];
    for file in [
        "cut.safetensors",
        "empty.npy",
        "damaged.pt",
        "model.gguf",
        "lost.h5",
    ] {
        assert_eq!(rows.remove(file), Some(whole("failed")), "{file}");
    }
    let counts: Vec<(&str, usize)> = rows
        .iter()
        .map(|(file, rows)| (file.as_str(), rows.len()))
        .collect();
    assert_eq!(
        counts,
        [
            ("dcp/.metadata", 4),
            ("deep/er/model.safetensors", 2),
            ("legacy.pt", 3),
            ("mnist-linear-bias.npy", 1),
            ("model.safetensors", 2),
            ("script.pt", 3),
            ("several.npy", 3),
            ("zip.pt", 3),
        ]
    );
    assert!(
        rows.values()
            .flatten()
            .all(|(_, status)| status != "failed"),
        "{rows:?}"
    );
    let commands: [&[&str]; 4] = [
        &["analyze", path, "--draws", "39"],
        &["families", path, "--family", "low-rank", "--budgets", "1/2"],
        &["sketch", path, "--trials", "0", "--k", "2"],
        &["fit-basis", path, "--k", "2", "--no-controls"],
    ];
    for command in commands {
        for (extra, status) in [(&[][..], 2), (&["--keep-going"], 0)] {
            let output = run(&[command, &["--json"], extra].concat());
            assert_eq!(
                output.status.code(),
                Some(status),
                "{command:?}: {}",
                said(&output)
            );
            let text = said(&output);
            for word in ["cut.safetensors", "damaged.pt", "empty.npy", "GGUF", "HDF5"] {
                assert!(text.contains(word), "{command:?}: {text}");
            }
            let found = json(&output);
            let rows = found["layers"]
                .as_array()
                .or(found["fits"].as_array())
                .unwrap();
            let names: Vec<&str> = rows.iter().filter_map(|row| row["name"].as_str()).collect();
            assert_eq!(
                names
                    .iter()
                    .filter(|name| **name == "(the whole file)")
                    .count(),
                5,
                "{names:?}"
            );
            assert_eq!(
                names
                    .iter()
                    .filter(|name| name.ends_with("fc.weight"))
                    .count(),
                5,
                "{names:?}"
            );
        }
    }
    let one = format!("{path}/model.safetensors");
    let compared = run(&[
        "compare",
        &one,
        &format!("{path}/cut.safetensors"),
        "--json",
        "--draws",
        "39",
    ]);
    assert_eq!(compared.status.code(), Some(2), "{compared:?}");
    assert!(
        said(&compared).contains("cut.safetensors"),
        "{}",
        said(&compared)
    );
}

/// Catches a model of which a part is missing, without an index that says so, and whole ones that are said to miss one.
#[test]
fn a_missing_part_of_a_model_is_a_failed_row() {
    let folder = tempfile::tempdir().unwrap();
    let part = |name: &str, seed: usize| {
        let bytes = safetensors(&[(&format!("layers.{seed}.weight"), &[6, 5])], seed);
        write(folder.path(), name, &bytes);
    };
    part("a/model-00001-of-00003.safetensors", 1);
    part("a/model-00003-of-00003.safetensors", 3);
    part("b/model-00001-of-00002.safetensors", 1);
    part("b/model-00002-of-00002.safetensors", 2);
    part("c/model-00000-of-00002.safetensors", 0);
    part("c/model-00001-of-00002.safetensors", 1);
    part("d/best-of-all.safetensors", 4);
    for (inside, missing) in [("a", true), ("b", false), ("c", false), ("d", false)] {
        let inside = folder.path().join(inside);
        let output = run(&["inspect", inside.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(if missing { 2 } else { 0 }));
        let words = "model-00002-of-00003.safetensors";
        assert_eq!(said(&output).contains(words), missing, "{}", said(&output));
    }
}

/// Catches a file without tensors that one command takes for a result and another refuses.
#[test]
fn a_file_without_tensors_is_refused_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let empty = write(folder.path(), "empty.safetensors", &safetensors(&[], 1));
    for command in ["inspect", "analyze"] {
        let output = run(&[command, &empty]);
        assert_eq!(output.status.code(), Some(2), "{command}");
        assert!(said(&output).contains("no tensors in it"));
    }
}

/// Catches layers that only one side of a comparison has and that vanish, names that are not matched across the
/// prefixes of wrappers, and a network that is compared with itself without a word.
#[test]
fn compare_matches_names_and_loses_no_layer() {
    let folder = tempfile::tempdir().unwrap();
    let model = safetensors(&[("layers.0.weight", &[9, 8]), ("head.weight", &[7, 9])], 1);
    let one = write(folder.path(), "one.safetensors", &model);
    let wrapped = [
        ("module._orig_mod.layers.0.weight", &[9, 8][..]),
        ("module._orig_mod.extra.weight", &[5, 4]),
    ];
    let other = write(
        folder.path(),
        "other.safetensors",
        &safetensors(&wrapped, 1),
    );
    let output = run(&["compare", &one, &other, "--json", "--draws", "39"]);
    assert!(output.status.success(), "{}", said(&output));
    let pairs = json(&output)["pairs"].clone();
    let row = |place: usize| {
        let pair = &pairs[place];
        let text = |key: &str| pair[key].as_str().unwrap_or("-").to_owned();
        (text("name"), text("other_name"), text("status"))
    };
    let rows: Vec<_> = (0..pairs.as_array().unwrap().len()).map(row).collect();
    let expected = [
        (
            "layers.0.weight",
            "module._orig_mod.layers.0.weight",
            "analyzed",
        ),
        ("head.weight", "-", "skipped"),
        ("module._orig_mod.extra.weight", "-", "skipped"),
    ];
    let expected = expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()));
    assert_eq!(rows, expected);
    assert!(
        said(&output).contains("module._orig_mod."),
        "{}",
        said(&output)
    );
    for format in ["table", "csv"] {
        let shown = run(&["compare", &one, &other, "--format", format, "--draws", "39"]);
        let shown = String::from_utf8(shown.stdout).unwrap();
        assert!(
            shown.contains("extra.weight") && shown.contains("head.weight"),
            "{shown}"
        );
    }
    let copy = write(folder.path(), "copy.safetensors", &model);
    let same = run(&["compare", &one, &copy, "--json", "--draws", "39"]);
    assert!(said(&same).contains("same spectra"), "{}", said(&same));
    assert!(!said(&output).contains("same spectra"));
}

/// Catches files that cannot be read and leave no row, or end a run that is to keep going; and a layer that is said not to
/// be in a file which cannot be read.
#[test]
fn files_that_cannot_be_read_have_rows() {
    let folder = tempfile::tempdir().unwrap();
    let model = safetensors(&[("fc.weight", &[9, 8])], 1);
    let good = write(folder.path(), "good.safetensors", &model);
    let one = write(folder.path(), "one.safetensors", &model[..model.len() - 7]);
    let two = write(folder.path(), "two.safetensors", &model[..90]);
    for command in ["analyze", "inspect"] {
        let list = if command == "analyze" {
            "layers"
        } else {
            "tensors"
        };
        let both = run(&[command, &one, &two, "--json"]);
        assert_eq!(both.status.code(), Some(2));
        assert_eq!(json(&both)[list].as_array().unwrap().len(), 2, "{command}");
        let going = run(&[command, &one, "--json", "--keep-going"]);
        assert_eq!(going.status.code(), Some(0), "{}", said(&going));
        assert_eq!(json(&going)[list][0]["status"], "failed");
    }
    for (first, second) in [(&good, &one), (&one, &good)] {
        let output = run(&["compare", first, second, "--json", "--draws", "39"]);
        assert_eq!(output.status.code(), Some(2));
        let pairs = json(&output)["pairs"].clone();
        let pairs = pairs.as_array().unwrap();
        assert!(
            pairs.iter().all(|pair| pair["status"] == "failed"),
            "{pairs:?}"
        );
        assert!(
            said(&output).contains("one.safetensors"),
            "{}",
            said(&output)
        );
    }
}

/// Catches tied tensors that lose a pair, since they are tied to one of another name on the other side.
#[test]
fn tied_tensors_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let tied = std::fs::read("fixtures/formats/shared.pt").unwrap();
    let one = path("one.pt");
    std::fs::write(&one, &tied).unwrap();
    let names: [(&str, &[usize]); 2] = [("ema.fc.weight", &[5, 7]), ("ema.out.weight", &[3, 5])];
    let two = write(folder.path(), "two.safetensors", &safetensors(&names, 1));
    // In the first file these are skipped, as the same numbers as model.fc.weight and model.out.weight.
    let output = run(&["compare", &one, &two, "--json", "--draws", "39"]);
    let pairs = json(&output)["pairs"].clone();
    let status = |name: &str| {
        let mut pairs = pairs.as_array().unwrap().iter();
        let pair = pairs.find(|pair| pair["name"] == name).unwrap();
        pair["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(status("ema.fc.weight"), "analyzed");
    assert_eq!(status("ema.out.weight"), "analyzed");
    assert_eq!(status("model.fc.weight"), "skipped");
    // What is skipped has its own reason, whatever file it is in.
    let vector = safetensors(&[("fc.bias", &[9]), ("fc.weight", &[9, 8])], 2);
    let (three, four) = (
        write(folder.path(), "3.safetensors", &vector),
        write(folder.path(), "4.safetensors", &vector),
    );
    let output = run(&["compare", &three, &four, "--json", "--draws", "39"]);
    assert_eq!(json(&output)["pairs"][0]["reason"], "a vector of 9");
    // A file beside itself: tied to the same on both sides.
    let copy = path("copy.pt");
    std::fs::write(&copy, &tied).unwrap();
    let same = json(&run(&["compare", &one, &copy, "--json", "--draws", "39"]));
    let analyzed = same["pairs"].as_array().unwrap().iter();
    let analyzed = analyzed.filter(|pair| pair["status"] == "analyzed").count();
    assert_eq!(analyzed, 4);
}

/// Catches a matrix that comes back from its fit in another shape, type or name than the model's.
#[test]
fn rebuilt_tensors_have_the_models_shape_and_type() {
    let folder = tempfile::tempdir().unwrap();
    let model = safetensors(
        &[("conv.weight", &[5, 1, 2, 2]), ("block.kernel", &[4, 5])],
        3,
    );
    let model = write(folder.path(), "model.safetensors", &model);
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (fit, rebuilt) = (path("fit.safetensors"), path("rebuilt.safetensors"));
    // As many terms as entries: the fit is the matrix.
    let fitted = run(&[
        "fit-basis",
        &model,
        "--k",
        "20",
        "--no-controls",
        "--out",
        &fit,
    ]);
    assert!(fitted.status.success(), "{}", said(&fitted));
    assert!(
        said(&fitted).contains("--layout out-in"),
        "{}",
        said(&fitted)
    );
    let made = run(&["rebuild", &fit, "--output", &rebuilt]);
    assert!(made.status.success(), "{}", said(&made));
    let read = |file: &str| {
        let bytes = std::fs::read(file).unwrap();
        let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        let tensor = |name: &str| {
            let view = file.tensor(name).unwrap();
            let numbers = view
                .data()
                .as_chunks::<4>()
                .0
                .iter()
                .map(|b| f32::from_le_bytes(*b))
                .collect();
            (view.shape().to_vec(), view.dtype(), numbers)
        };
        [tensor("conv.weight"), tensor("block.kernel")]
    };
    for ((shape, dtype, found), (wanted_shape, wanted_dtype, wanted)) in
        read(&rebuilt).into_iter().zip(read(&model))
    {
        let (found, wanted): (Vec<f32>, Vec<f32>) = (found, wanted);
        assert_eq!((shape, dtype), (wanted_shape, wanted_dtype));
        for (found, wanted) in found.iter().zip(&wanted) {
            assert!((found - wanted).abs() < 1e-4, "{found} for {wanted}");
        }
    }
}

/// Catches states of optimisers and masks that are analysed as layers, and an option that does not bring them back.
#[test]
fn what_is_no_weight_is_left_out_unless_asked_for() {
    let file = "fixtures/formats/states.pt";
    let analyzed = |extra: &[&str]| -> Vec<String> {
        let output = run(&[&["analyze", file, "--json", "--draws", "39"], extra].concat());
        let found = json(&output);
        let layers = found["layers"].as_array().unwrap().iter();
        let done = layers.filter(|layer| layer["status"] == "analyzed");
        done.map(|layer| layer["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(analyzed(&[]), ["model.0.weight"]);
    assert_eq!(
        analyzed(&["--include-states"]),
        [
            "model.0.weight",
            "optimizer.state.0.exp_avg",
            "optimizer.state.0.exp_avg_sq"
        ]
    );
}

/// Catches codes without scales that are analysed although the configuration beside the model says what they are, and
/// integers that are called codes without it.
#[test]
fn a_configuration_says_what_integers_are() {
    let header = r#"{"w":{"dtype":"I8","shape":[4,6],"data_offsets":[0,24]}}"#;
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend((0..24_u8).map(|x| x.wrapping_mul(37)));
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "model.safetensors", &bytes);
    let status = |path: &str| {
        let output = run(&["inspect", path, "--json"]);
        json(&output)["tensors"][0]["status"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(status(&path), "analyzed");
    write(
        folder.path(),
        "config.json",
        br#"{"quantization_config": {"quant_method": "fancy"}}"#,
    );
    assert_eq!(status(&path), "failed");
    assert!(said(&run(&["analyze", &path])).contains("fancy"));
}
