//! `spectra train` on data of a user's own: what is assumed about them, what is remarked, and what a run keeps of them.

use crate::common::command::{spectra_in, text};
use crate::common::files::npy_of;
use spectra::weights::{OpenOptions, Source};
use std::io::Write;
use std::path::Path;
use std::process::Output;
use tempfile::TempDir;

fn spectra(folder: &Path, arguments: &[&str]) -> Output {
    spectra_in(folder).args(arguments).output().unwrap()
}

/// A recipe of one linear layer, with these lines under `[data]` and `[training]`, and these layers before the last.
fn recipe(data: &str, training: &str, layers: &str, outputs: usize) -> String {
    format!(
        "name = \"own\"\n[data]\nset = \"./set\"\n{data}\n[training]\niterations = 2\n{training}\n{layers}\n\
         [[layer]]\nkind = \"linear\"\nname = \"last\"\noutputs = {outputs}\n"
    )
}

/// Trains that recipe in the folder `run`, which is new.
fn train(folder: &TempDir, recipe: &str) -> Output {
    let run = folder.path().join("run");
    if run.exists() {
        std::fs::remove_dir_all(&run).unwrap();
    }
    std::fs::write(folder.path().join("recipe.toml"), recipe).unwrap();
    spectra(folder.path(), &["train", "recipe.toml", "--out", "run"])
}

/// The same; returns the record and what was said on stderr.
#[track_caller]
fn trained(folder: &TempDir, recipe: &str) -> (serde_json::Value, String) {
    let output = train(folder, recipe);
    let said = text(&output.stderr);
    assert!(output.status.success(), "{said}");
    let record = std::fs::read(folder.path().join("run/record.json")).unwrap();
    (serde_json::from_slice(&record).unwrap(), said)
}

/// A folder with the file `set` of arrays x of this type and y: so many vectors each of which has `width` numbers.
fn arrays(descr: &str, x: &[u8], labels: &[u8], width: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(folder.path().join("set")).unwrap();
    let mut writer = zip::ZipWriter::new(file);
    let count = labels.len();
    let parts = [
        ("x.npy", npy_of(descr, &format!("({count}, {width})"), x)),
        ("y.npy", npy_of("|u1", &format!("({count},)"), labels)),
    ];
    for (name, bytes) in parts {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(name, options).unwrap();
        writer.write_all(&bytes).unwrap();
    }
    writer.finish().unwrap();
    folder
}

/// 24 vectors of 3 floats of about this size, of two classes.
fn floats(size: f32) -> TempDir {
    let x = (0..72).map(|i| size * (1.0 + (i * 7 % 5) as f32 / 10.0));
    let x: Vec<u8> = x.flat_map(f32::to_le_bytes).collect();
    let labels: Vec<u8> = (0..24).map(|i| i % 2).collect();
    arrays("<f4", &x, &labels, 3)
}

/// 24 vectors of 3 bytes from 0 to `most`, of two classes.
fn bytes(most: u8) -> TempDir {
    let values = u32::from(most) + 1;
    let x: Vec<u8> = (0..72).map(|i| (i * 37 % values) as u8).collect();
    let labels: Vec<u8> = (0..24).map(|i| i % 2).collect();
    arrays("|u1", &x, &labels, 3)
}

/// Catches floats that are divided as if they were bytes, bytes that are not, and a default that neither the recipe of the run
/// nor its record says.
#[test]
fn the_default_scale_is_that_of_the_type() {
    for (folder, scale) in [(floats(0.5), 1.0), (bytes(255), 1.0 / 256.0)] {
        let (record, said) = trained(&folder, &recipe("", "", "", 2));
        assert_eq!(record["recipe"]["data"]["scale"], scale);
        assert_eq!(record["remarks"], serde_json::json!([]));
        assert!(!said.contains("data:"), "{said}");
        let kept = std::fs::read_to_string(folder.path().join("run/recipe.toml")).unwrap();
        let kept = spectra::train::recipe::read(&kept).unwrap();
        assert_eq!(kept.data.scale, Some(scale));
    }
}

/// Catches inputs that are tiny or huge and nobody says so, a scale to set that does not help, and a warning of bytes that a
/// recipe takes as they are.
#[test]
fn inputs_of_an_odd_size_are_remarked_with_what_to_set() {
    let cases = [
        (floats(0.5), "scale = 0.00390625", Some(("tiny", 1.0))),
        (floats(200.0), "", Some(("huge", 0.004))),
        (floats(1e-6), "", Some(("tiny", 8e5))),
        (floats(20.0), "", None),
        (bytes(1), "", Some(("tiny", 1.0))),
        (bytes(255), "scale = 1.0", None),
        (bytes(255), "scale = 1e-5", Some(("tiny", 1.0 / 256.0))),
    ];
    for (folder, set, expected) in cases {
        let (record, said) = trained(&folder, &recipe(set, "", "", 2));
        let remarks = record["remarks"].as_array().unwrap();
        let Some((size, scale)) = expected else {
            assert!(remarks.is_empty() && !said.contains("scale"), "{said}");
            continue;
        };
        assert_eq!(remarks.len(), 1, "{remarks:?}");
        assert_eq!(remarks[0]["kind"], "input-scale");
        assert_eq!(remarks[0]["suggested"], scale);
        let advice = format!("set scale = {scale} under [data]");
        let lines = said.lines().filter(|line| line.contains("the inputs are"));
        assert_eq!(lines.count(), 1, "{said}");
        assert!(said.contains(size) && said.contains(&advice), "{said}");
        let page = std::fs::read_to_string(folder.path().join("run/index.html")).unwrap();
        assert!(page.contains(&advice), "{size}");
        let (record, _) = trained(&folder, &recipe(&format!("scale = {scale}"), "", "", 2));
        assert_eq!(record["remarks"], serde_json::json!([]), "the advice helps");
    }
}

const BATCH_NORM: &str =
    "[[layer]]\nkind = \"relu\"\n[[layer]]\nkind = \"batch-norm\"\nname = \"norm\"\nnewest = 1.0";

/// Catches a batch normalisation that takes the mean over the numbers of a vector. With one batch of all samples and a new mean
/// that replaces the old one, the running means are those of the numbers, the sums of n numbers right to n ε of f32 and a few
/// roundings.
#[test]
fn vectors_are_normalised_number_by_number() {
    let folder = floats(0.5);
    let training = "batch = 20\nrate = { schedule = \"fixed\", base = 0.0 }";
    let (record, _) = trained(
        &folder,
        &recipe("order = \"file\"", training, BATCH_NORM, 2),
    );
    assert_eq!(record["samples"]["train"], 20);
    assert_eq!(record["layers"][1]["biases"], 6);
    let weights = folder.path().join("run/weights.safetensors");
    let source = Source::open(&weights, &OpenOptions::default()).unwrap();
    let array = |name: &str| {
        let mut tensors = source.tensors().iter();
        let index = tensors.position(|tensor| tensor.name == name).unwrap();
        source.read(index).unwrap().data
    };
    let set = spectra::data::open_path(&folder.path().join("set")).unwrap();
    let mut means = [0.0; 3];
    let mut sample = [0.0; 3];
    for i in 0..20 {
        set.train.sample_into(i, &mut sample);
        means
            .iter_mut()
            .zip(sample)
            .for_each(|(mean, x)| *mean += x / 20.0);
    }
    assert!(means[0] != means[1], "a test of equal means tells nothing");
    let found = array("norm.running_mean");
    assert_eq!(found.len(), 3);
    for (found, mean) in found.iter().zip(means) {
        assert!(
            (found - mean).abs() <= 30.0 * f64::from(f32::EPSILON) * mean,
            "{found} {mean}"
        );
    }
}

/// Catches a normalisation of one value in a step, which leaves 0 of it whatever comes in. A picture has several values a
/// channel, and so has a batch of two vectors.
#[test]
fn normalising_one_value_is_refused_before_training() {
    let folder = floats(0.5);
    let text_of = |layers: &str, batch: usize| recipe("", &format!("batch = {batch}"), layers, 2);
    let hidden = format!("[[layer]]\nkind = \"linear\"\noutputs = 4\n{BATCH_NORM}");
    for layers in [BATCH_NORM, &hidden] {
        let output = train(&folder, &text_of(layers, 1));
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        let words = ["batch-norm", "one value in a step", "at least 2 samples"];
        assert!(words.iter().all(|word| said.contains(word)), "{said}");
        assert!(
            said.contains("line ") && said.lines().count() == 1,
            "{said}"
        );
        assert!(!folder.path().join("run").exists());
        trained(&folder, &text_of(layers, 2));
    }
    let folder = pictures(&["cat", "dog"]);
    trained(&folder, &text_of(BATCH_NORM, 1));
}

/// A folder of twelve pictures of 2 x 2 in each of these classes.
fn pictures(classes: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (class, name) in classes.iter().enumerate() {
        let inside = folder.path().join("set").join(name);
        std::fs::create_dir_all(&inside).unwrap();
        for i in 0..12_u8 {
            let file = std::fs::File::create(inside.join(format!("{i}.png"))).unwrap();
            let mut encoder = png::Encoder::new(file, 2, 2);
            encoder.set_color(png::ColorType::Grayscale);
            let pixels = [i, 80 * class as u8, 200 - i, 90];
            let mut writer = encoder.write_header().unwrap();
            writer.write_image_data(&pixels).unwrap();
        }
    }
    folder
}

/// Catches names that stand beside other outputs than theirs, or that the record, the page, the terminal, the checkpoints or
/// the weights lack; and names that a terminal or a page would obey.
#[test]
fn class_names_are_kept_with_the_network() {
    let names = ["ant", "b<i>ee", "cat\u{1b}[1m"];
    let folder = pictures(&names);
    let (record, _) = trained(&folder, &recipe("", "", "", 3));
    assert_eq!(record["class_names"], serde_json::json!(names));
    let page = std::fs::read_to_string(folder.path().join("run/index.html")).unwrap();
    assert!(
        page.contains("0 ant, 1 b&lt;i&gt;ee, 2 cat"),
        "names on the page"
    );
    let printed = text(&train(&folder, &recipe("", "", "", 3)).stdout);
    assert!(printed.contains("0 ant, 1 b<i>ee, 2 cat"), "{printed}");
    let checkpoint = "run/checkpoints/step-00000002.safetensors";
    for file in ["run/weights.safetensors", checkpoint] {
        assert_eq!(
            spectra::train::class_names(&folder.path().join(file)),
            names
        );
        let told = text(&spectra(folder.path(), &["inspect", file]).stdout);
        assert!(
            told.contains("outputs by class: 0 ant, 1 b<i>ee, 2 cat"),
            "{told}"
        );
        assert!(!told.contains('\u{1b}') && !printed.contains('\u{1b}'));
        let told = spectra(folder.path(), &["inspect", "--json", file]).stdout;
        let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
        assert_eq!(told["class_names"], serde_json::json!([names]));
    }
    let resumed = spectra(folder.path(), &["train", "--resume", "run"]);
    assert!(resumed.status.success(), "{}", text(&resumed.stderr));
}

/// Catches an output that is wasted on a label that never occurs and nobody says so, and a class that cannot be tested.
#[test]
fn labels_that_do_not_occur_are_remarked() {
    let x: Vec<u8> = (0..75).map(|i| 3 * i).collect();
    // Labels 1 to 4 as of a set that counts from 1, and one sample of label 6.
    let labels: Vec<u8> = (0..25)
        .map(|i| if i == 9 { 6 } else { 1 + i % 4 })
        .collect();
    let folder = arrays("|u1", &x, &labels, 3);
    let (record, said) = trained(&folder, &recipe("", "", "", 7));
    let remarks = serde_json::json!([
        { "kind": "untrained", "labels": [0, 5] },
        { "kind": "untested", "labels": [6] },
    ]);
    assert_eq!(record["remarks"], remarks);
    assert_eq!(
        record["data"]["split"],
        serde_json::json!({ "by-class": 6 })
    );
    assert!(
        said.contains("no training sample has labels 0 and 5"),
        "{said}"
    );
    assert!(said.contains("no test sample has label 6"), "{said}");

    for outputs in [4, 5] {
        let output = train(&folder, &recipe("", "", "", outputs));
        let said = text(&output.stderr);
        assert_eq!((output.status.code(), said.lines().count()), (Some(2), 1));
        let counts = format!("the last layer has {outputs} outputs, but the data has 7 classes");
        for words in [
            &*counts,
            "labels 0 to 6",
            "give it 7 outputs",
            "no sample has labels 0 and 5",
        ] {
            assert!(said.contains(words), "{said}");
        }
    }
}

/// Catches a test part without some of the classes: labels in a cycle as long as the share that is held out gave one that had
/// a single class.
#[test]
fn a_part_for_tests_has_every_class() {
    let classes = 6;
    let labels: Vec<u8> = (0..120).map(|i| i % classes).collect();
    // A number a class: one linear layer tells them apart.
    let x: Vec<u8> = labels
        .iter()
        .flat_map(|&label| (0..6).map(move |i| if i == label { 255 } else { 0 }))
        .collect();
    let folder = arrays("|u1", &x, &labels, 6);
    let training = "batch = 20\nrate = { schedule = \"fixed\", base = 0.5 }";
    let text = recipe("", training, "", 6).replace("iterations = 2", "iterations = 60");
    let (record, _) = trained(&folder, &text);
    assert_eq!(
        record["samples"],
        serde_json::json!({ "train": 102, "test": 18, "classes": 6 })
    );
    assert_eq!(
        record["rows"].as_array().unwrap().last().unwrap()["test_accuracy"],
        1.0
    );
}
