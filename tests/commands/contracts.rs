//! Every JSON document against its schema, on inputs that fill all its parts: catches a key that is lost, renamed, new,
//! or of another type.

use crate::common::command::{json, spectra, spectra_in, succeed};
use crate::common::contract::check;
use crate::common::files::{idx, npy, write, write_npy};
use crate::common::tensors::{Moments, moment};
use serde_json::{Value, json};
use spectra::random::Stream;
use std::path::Path;
use std::process::Output;
use tempfile::TempDir;

/// A made-up model: three layers with roles, and what is odd, damaged or no matrix.
struct Model {
    folder: TempDir,
    stream: Stream,
    tensors: Vec<(String, Vec<usize>, Vec<u8>)>,
}

impl Model {
    fn new() -> Model {
        let mut model = Model {
            folder: tempfile::tempdir().unwrap(),
            stream: Stream::new(1, &[]),
            tensors: Vec::new(),
        };
        for layer in 0..3 {
            let name = |part: &str| format!("model.layers.{layer}.{part}.weight");
            let noise = model.normals(40 * 60);
            model.add(&name("self_attn.q_proj"), &[40, 60], &noise);
            let (left, right) = (model.normals(40 * 3), model.normals(60 * 3));
            let entry = |i: usize| -> f64 {
                (0..3)
                    .map(|k| left[i / 60 * 3 + k] * right[i % 60 * 3 + k])
                    .sum()
            };
            let low: Vec<f64> = (0..2400).map(entry).collect();
            model.add(&name("mlp.up_proj"), &[40, 60], &low);
            let heavy: Vec<f64> = noise.iter().map(|x| x * x.abs().exp2().powi(3)).collect();
            model.add(&name("mlp.down_proj"), &[40, 60], &heavy);
        }
        let mut odd = model.normals(2400);
        odd[5] = 1e4;
        odd[7 * 60..8 * 60].fill(0.0);
        odd.copy_within(8 * 60..9 * 60, 9 * 60);
        model.add("odd.weight", &[40, 60], &odd);
        odd[3] = f64::NAN;
        model.add("bad.weight", &[40, 60], &odd);
        let bias = model.normals(40);
        model.add("bias", &[40], &bias);
        model.add("zero.weight", &[20, 20], &[0.0; 400]);
        let experts = model.normals(3 * 20 * 30);
        model.add("experts.weight", &[3, 20, 30], &experts);
        model
    }

    fn normals(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| self.stream.normal()).collect()
    }

    fn add(&mut self, name: &str, shape: &[usize], values: &[f64]) {
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.tensors.push((name.into(), shape.to_vec(), bytes));
    }

    /// Writes a matrix with bytes after it, which is remarked; returns its path.
    fn remarked(&self) -> String {
        let entries: Vec<f64> = (0..80).map(|i| f64::from(i * i % 17)).collect();
        let bytes = [&npy("(8, 10)", &entries)[..], b"end"].concat();
        write(self.folder.path(), "remarked.npy", &bytes)
    }

    /// Writes the file; returns its path.
    fn path(&self) -> String {
        use safetensors::tensor::{Dtype, TensorView};
        let views = self.tensors.iter().map(|(name, shape, bytes)| {
            let view = TensorView::new(Dtype::F64, shape.clone(), bytes);
            (name, view.unwrap())
        });
        let bytes = safetensors::serialize(views, None).unwrap();
        write(self.folder.path(), "model.safetensors", &bytes)
    }
}

/// The document that a command writes; a row that failed is a part of it.
#[track_caller]
fn document(arguments: &[&str]) -> Value {
    let output: Output = spectra().args(arguments).arg("--json").output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 2)), "{output:?}");
    json(&output)
}

#[test]
fn analyze() {
    let model = Model::new();
    let all = document(&[
        "analyze",
        &model.path(),
        &model.remarked(),
        "fixtures/mlp-long.safetensors",
        "fixtures/lenet-b4.safetensors",
        "--draws",
        "39",
    ]);
    let chosen = document(&[
        "analyze",
        "fixtures/lenet-b4-dense.npz",
        "--tensor",
        "ip*",
        "--exclude",
        "*bias",
        "--blocks",
        "4",
        "--draws",
        "39",
    ]);
    check("analyze", &[all, chosen], &[".settings.roles"]);
}

#[test]
fn compare() {
    let fixture = |name: &str| format!("fixtures/lenet-{name}.safetensors");
    let draws = ["--draws", "39"];
    let files = ["b1", "b4", "b20-step10000"].map(fixture);
    let files = files.each_ref().map(String::as_str);
    let sisters = document(&[&["compare"], &files[..], &draws].concat());
    let steps = ["00000", "00100"].map(|step| fixture(&format!("b20-step{step}")));
    let steps = steps.each_ref().map(String::as_str);
    let track = document(&[&["compare", "--track"], &steps[..], &draws].concat());
    let model = Model::new();
    let remarked = model.remarked();
    let chosen = document(&[
        "compare",
        &remarked,
        &remarked,
        "--tensor",
        "r*",
        "--exclude",
        "x",
        "--blocks",
        "2",
    ]);
    let names = [".settings.roles"];
    check("compare", &[sisters, track, chosen], &names);
}

#[test]
fn families() {
    let model = Model::new();
    let found = document(&[
        "families",
        "fixtures/mnist-linear.npy",
        &model.path(),
        &model.remarked(),
        "--exclude",
        "*proj*",
        "--image",
        "28x28",
        "--budgets",
        "1/8,1/4",
        "--tensor",
        "mnist-linear",
        "--tensor",
        "b*",
        "--tensor",
        "zero*",
        "--tensor",
        "experts*",
    ]);
    check("families", &[found], &[]);
}

#[test]
fn plan() {
    let model = Model::new();
    let all = document(&[
        "plan",
        &model.path(),
        "--budget",
        "60%,100%",
        "--tie",
        "0,1,2",
        "--keep",
        "odd*",
        "--exclude",
        "x",
        "--tensor",
        "*",
        "--keep-going",
    ]);
    let mut stream = Stream::new(2, &[]);
    let folder = tempfile::tempdir().unwrap();
    let write = |stream: &mut Stream, name: &str| {
        let mut moments = Moments::default();
        for layer in 0..3 {
            let name = format!("model.layers.{layer}.mlp.up_proj");
            let (inputs, gradients) = (moment(stream, 60, 80), moment(stream, 40, 80));
            moments = moments.linear(&name, [40, 60], &inputs, Some(&gradients));
        }
        moments.write(folder.path(), name)
    };
    let (moments, held_out) = (write(&mut stream, "a"), write(&mut stream, "b"));
    let alpha = r#"{"alpha": {"layers.0.mlp.up_proj": 1, "layers.1.mlp.up_proj": 0.5, "layers.2.mlp.up_proj": 2}}"#;
    let alpha = crate::common::files::write(folder.path(), "alpha.json", alpha.as_bytes());
    let known = document(&[
        "plan",
        &model.path(),
        "--budget",
        "30%",
        "--moments",
        &moments,
        "--held-out",
        &held_out,
        "--alpha",
        &alpha,
    ]);
    check("plan", &[all, known], &[]);
}

#[test]
fn fit_basis() {
    let model = Model::new();
    let product = document(&[
        "fit-basis",
        "fixtures/mnist-linear.npy",
        &model.path(),
        &model.remarked(),
        "--exclude",
        "*proj*",
        "--tensor",
        "mnist-linear",
        "--tensor",
        "b*",
        "--p",
        "2",
        "--k",
        "4",
        "--inner",
        "12",
        "--stages",
        "2",
    ]);
    let folder = tempfile::tempdir().unwrap();
    let numbers: Vec<f64> = (0..240).map(|k| f64::from(k * k % 17)).collect();
    let weights = write_npy(folder.path(), "w.npy", "(4, 6)", &numbers[..24]);
    let inputs = write_npy(folder.path(), "x.npy", "(40, 6)", &numbers);
    let basis = write_npy(folder.path(), "M1.npy", "(3, 4, 6)", &numbers[100..172]);
    let own = document(&[
        "fit-basis",
        &weights,
        "--inputs",
        &inputs,
        "--basis",
        &basis,
    ]);
    let cosines = document(&[
        "fit-basis",
        &weights,
        "--basis",
        "dct",
        "--image",
        "2x3",
        "--k",
        "3",
    ]);
    check("fit-basis", &[product, own, cosines], &[]);
}

#[test]
fn sketch() {
    let model = Model::new();
    let plain = document(&[
        "sketch",
        "fixtures/lenet-b1.safetensors",
        &model.path(),
        &model.remarked(),
        "--deviation",
        "2",
        "--exclude",
        "*proj*",
        "--tensor",
        "ip1*",
        "--tensor",
        "conv1*",
        "--tensor",
        "bad*",
        "--tensor",
        "experts*",
        "--k",
        "8",
        "--trials",
        "20",
        "--target",
        "0.5",
        "--sweep",
        "4,8",
    ]);
    let images = document(&[
        "sketch",
        "fixtures/lenet-b1.safetensors",
        "--tensor",
        "conv2*",
        "--image",
        "8x8",
        "--k",
        "4",
        "--trials",
        "0",
    ]);
    let folder = tempfile::tempdir().unwrap();
    let numbers: Vec<f64> = (0..240).map(|k| f64::from(k * k % 17)).collect();
    let weights = write_npy(folder.path(), "w.npy", "(4, 6)", &numbers[..24]);
    let inputs = write_npy(folder.path(), "x.npy", "(40, 6)", &numbers);
    let given = document(&["sketch", &weights, "--k", "2", "--inputs", &inputs]);
    check("sketch", &[plain, images, given], &[]);
}

/// A set of 60 images of 4 x 4 in three classes.
fn set(folder: &Path) {
    for (part, count) in [("train", 60), ("t10k", 30)] {
        let pixels: Vec<u8> = (0..count * 16).map(|i| (i * 37 % 251) as u8).collect();
        let labels: Vec<u8> = (0..count).map(|i| (i % 3) as u8).collect();
        let images = idx(&[count, 4, 4], &pixels);
        write(folder, &format!("{part}-images-idx3-ubyte"), &images);
        let labels = idx(&[count], &labels);
        write(folder, &format!("{part}-labels-idx1-ubyte"), &labels);
    }
}

const RECIPE: &str = r#"
name = "small"
[data]
set = "./set"
mean = "pixel"
augment = { padding = 1, flip = true }
[training]
batch = 6
optimizer = { kind = "sgd", momentum = 0.9, decay = 0.001, bias-rate = 2.0 }
rate = { schedule = "fixed", base = 0.05 }
[record]
every = 2
checkpoint = 2
watch = ["one"]
[[phase]]
iterations = 4
[[phase]]
name = "blocks"
iterations = 4
[phase.layers.one]
weight = { family = "block-diagonal", blocks = 2 }
[[layer]]
kind = "linear"
name = "one"
outputs = 8
[[layer]]
kind = "relu"
[[layer]]
kind = "linear"
outputs = 3
"#;

#[test]
fn training() {
    let folder = tempfile::tempdir().unwrap();
    set(&folder.path().join("set"));
    let recipes = [
        ("small", RECIPE.to_owned()),
        ("tiny", RECIPE.replace("mean =", "scale = 1e-9\nmean =")),
        ("diverges", RECIPE.replace("base = 0.05", "base = 1e30")),
        (
            "digits",
            RECIPE
                .replace("\"./set\"", "\"digits\"\ntrain = 60")
                .replace("outputs = 3", "outputs = 10"),
        ),
    ];
    let records = recipes.map(|(name, recipe)| {
        write(folder.path(), &format!("{name}.toml"), recipe.as_bytes());
        let mut command = spectra_in(folder.path());
        command.args(["train", &format!("{name}.toml"), "--device", "cpu"]);
        json(&command.args(["--out", name, "--json"]).output().unwrap())
    });
    check("train", &records, &[".recipe.phase[].layers"]);
}

const STUDY: &str = r#"
title = "Rates"
source = "A paper"
question = "Which rate?"
cost = "seconds"
notes = ["A note."]
[[group]]
name = "rates"
train = "recipe.toml"
seeds = [1, 2]
[group.grid]
rate = [0.01, 0.05]
[group.set]
"training.rate.base" = "$rate"
[[measure]]
name = "accuracy"
column = "test-accuracy"
percent = true
[[measure]]
name = "variance"
column = "variance one"
at = "all"
[[figure]]
name = "variance"
title = "Variance"
x = "iteration"
y = ["variance"]
lines = ["rate"]
reading = "It grows."
[[claim]]
claim = "It learns"
measure = "accuracy"
at-least = 20
[[claim]]
claim = "It is perfect"
measure = "accuracy"
value = 100
tolerance = 0.1
"#;

/// A study with a choice, and one whose data are not there.
#[test]
fn study() {
    let folder = tempfile::tempdir().unwrap();
    let recipe = RECIPE.replace("\"./set\"", "\"digits\"\ntrain = 60");
    let recipe = recipe.replace("outputs = 3", "outputs = 10");
    let choice = "[group.choose]\nheld-out = 20\n[group.choose.among]\ndecay = [0.0, 0.9]\n[group.set]\n\
                  \"training.optimizer.decay\" = \"$decay\"\n";
    for (name, text) in [
        ("recipe.toml", recipe.as_str()),
        ("missing.toml", &RECIPE.replace("./set", "mnist")),
        ("rates.toml", &STUDY.replace("[group.set]\n", choice)),
        ("other.toml", &STUDY.replace("recipe.toml", "missing.toml")),
    ] {
        write(folder.path(), name, text.as_bytes());
    }
    let mut command = spectra_in(folder.path());
    succeed(
        command
            .args(["study", "rates.toml", "other.toml"])
            .output()
            .unwrap(),
    );
    let reports = ["rates", "other"].map(|name| {
        let file = folder.path().join("reports").join(name).join("report.json");
        serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
    });
    let names = [
        ".study.group[].grid",
        ".study.group[].set",
        ".study.group[].choose.among",
        ".runs[].variables",
        ".choices[].variables",
        ".choices[].candidates[].variables",
        ".values[].variables",
        ".claims[].cells[].variables",
    ];
    check("study", &reports, &names);
}

#[test]
fn watch() {
    let model = Model::new();
    let path = model.path();
    let file = model.folder.path().join("step-20.npz");
    std::fs::copy("fixtures/mlp-short.npz", file).unwrap();
    let report = tempfile::tempdir().unwrap();
    let folder = model.folder.path().to_str().unwrap();
    let out = report.path().join("out");
    let arguments = [
        "watch",
        folder,
        "--once",
        "--keep-going",
        "--draws",
        "39",
        "--report",
    ];
    succeed(spectra().args(arguments).arg(&out).output().unwrap());
    let written = std::fs::read(out.join("report.json")).unwrap();
    let document: Value = serde_json::from_slice(&written).unwrap();
    assert_eq!(
        document["checkpoints"].as_array().unwrap().len(),
        2,
        "{path}"
    );
    check("watch", &[document], &[]);
}

#[test]
fn inspect() {
    let model = Model::new();
    let names = ["views.pt", "states.pt", "spectral.pt", "legacy.pt"];
    let formats = names.map(|name| format!("fixtures/formats/{name}"));
    let formats = formats.each_ref().map(String::as_str);
    let (path, remarked) = (model.path(), model.remarked());
    let all = [
        &["inspect", &path, &remarked, "fixtures/mlp-short.npz"],
        &formats[..],
    ]
    .concat();
    check("inspect", &[document(&all)], &[]);
}

#[test]
fn data() {
    let folder = tempfile::tempdir().unwrap();
    set(&folder.path().join("set"));
    write(folder.path(), "broken/train-images-idx3-ubyte", b"no");
    let path = folder.path().to_str().unwrap();
    let found = document(&["data", "--data", path]);
    check("data", &[document(&["data"]), found], &[]);
}

/// The row of an adapter is one that this command once wrote: there need not be one here.
#[cfg(all(feature = "gpu", target_os = "linux"))]
#[test]
fn devices() {
    let adapter = json!({
        "number": 0, "name": "llvmpipe (LLVM 15.0.6, 256 bits)", "kind": "software", "backend": "vulkan",
        "driver": "llvmpipe Mesa 22.3.6 (LLVM 15.0.6)", "threads": null, "largest_buffer": 2_147_483_647_u64,
        "largest_binding": 134_217_728, "workgroup_memory": 32768, "workgroup_threads": 1024, "subgroups": [8, 8],
        "f16": true, "cooperative_matrices": false, "gflops": 0.13, "problem": null
    });
    let refused = json!({ "number": 1, "problem": "it does not answer" });
    let mut command = spectra();
    let command = command.args(["devices", "--json"]);
    let command = command.env("VK_DRIVER_FILES", "/dev/null");
    let command = command.env("VK_ICD_FILENAMES", "/dev/null");
    let mut found = json(&command.output().unwrap());
    let rows = found["devices"].as_array_mut().unwrap();
    assert_eq!(rows.len(), 1);
    let mut other = adapter.clone();
    other
        .as_object_mut()
        .unwrap()
        .append(&mut refused.as_object().unwrap().clone());
    rows.extend([adapter, other]);
    let mut chosen = found["auto"].clone();
    chosen["number"] = 0.into();
    check(
        "devices",
        &[
            found.clone(),
            json!({ "devices": found["devices"], "auto": chosen }),
        ],
        &[],
    );
}
