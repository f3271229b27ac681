//! `spectra train` as a user runs it: the run's folder, the same bits, going on, bad recipes and bad ends.

use crate::common::command::{spectra_in as spectra, stderr, succeed};
use crate::common::files::idx;
use crate::common::wait::until;
use spectra::weights::{OpenOptions, Source};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn train(folder: &Path, arguments: &[&str]) -> Output {
    spectra(folder)
        .arg("train")
        .args(arguments)
        .output()
        .unwrap()
}

/// Pixels of so many 8 x 8 images in three classes: a bright row, column or diagonal on a pattern. Image i has
/// class i mod 3.
fn pixels(count: usize) -> Vec<u8> {
    let mut pixels = Vec::new();
    for sample in 0..count {
        let (class, line) = (sample % 3, (sample / 3) % 8);
        for (row, column) in (0..8).flat_map(|r| (0..8).map(move |c| (r, c))) {
            let lit = match class {
                0 => row == line,
                1 => column == line,
                _ => (row + column) % 8 == line,
            };
            let noise = (sample * 31 + row * 17 + column * 7) % 50;
            pixels.push(if lit { 200 } else { 0 } + noise as u8);
        }
    }
    pixels
}

/// Writes IDX files of these images to train on and to test with.
fn write_set(folder: &Path, train: &[u8], test: &[u8]) {
    for (part, pixels) in [("train", train), ("t10k", test)] {
        let count = (pixels.len() / 64) as u32;
        let labels: Vec<u8> = (0..count).map(|sample| (sample % 3) as u8).collect();
        let (images, classes) = (idx(&[count, 8, 8], pixels), idx(&[count], &labels));
        std::fs::write(folder.join(format!("{part}-images-idx3-ubyte")), images).unwrap();
        std::fs::write(folder.join(format!("{part}-labels-idx1-ubyte")), classes).unwrap();
    }
}

/// 90 images to train on, 30 to test with.
fn data(folder: &Path) {
    write_set(folder, &pixels(90), &pixels(30));
}

/// A recipe with everything random in it, in three phases.
const RECIPE: &str = r#"
name = "small"
seed = 3

[data]
set = "./set"
mean = "pixel"

[training]
batch = 7
optimizer = { kind = "sgd", momentum = 0.9, decay = 0.001, bias-rate = 2.0 }
rate = { schedule = "linear", base = 0.05 }

[record]
every = 10
checkpoint = 4
watch = ["one"]

[[phase]]
iterations = 10

[[phase]]
iterations = 10
[phase.layers.one]
penalty = { norm = "l1", strength = 0.001, outside-blocks = 2 }
[phase.layers.two]
prune = 0.5

[[phase]]
iterations = 12
[phase.layers.one]
weight = { family = "block-diagonal", blocks = 2 }

[[layer]]
kind = "convolution"
outputs = 4
kernel = 3
padding = 1

[[layer]]
kind = "batch-norm"

[[layer]]
kind = "relu"

[[layer]]
kind = "max-pool"
size = 2

[[layer]]
kind = "block-shuffle"
blocks = 4

[[layer]]
kind = "linear"
name = "one"
outputs = 6

[[layer]]
kind = "dropout"
keep = 0.8

[[layer]]
kind = "linear"
name = "two"
outputs = 3
"#;

fn prepared(recipe: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("set")).unwrap();
    data(&folder.path().join("set"));
    std::fs::write(folder.path().join("recipe.toml"), recipe).unwrap();
    folder
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The record but for what differs from run to run.
fn record(run: &Path) -> serde_json::Value {
    let mut record = json(&run.join("record.json"));
    record.as_object_mut().unwrap().remove("timing");
    record
}

fn checkpoints(run: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(run.join("checkpoints")).unwrap();
    let mut files: Vec<PathBuf> = files.map(|f| f.unwrap().path()).collect();
    files.sort();
    files
}

/// Catches a run's folder without one of its parts, and files that the other commands cannot read.
#[test]
fn the_bundled_recipe_leaves_a_run_that_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let output = succeed(train(folder.path(), &["--iterations", "2"]));
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(
        table.contains("iteration") && table.contains("test %"),
        "{table}"
    );
    let run = folder.path().join("runs/digits");
    let found = record(&run);
    assert_eq!(found["iterations"], 2);
    assert_eq!(found["ended"]["how"], "finished");
    assert_eq!(found["recipe"]["seed"], 1);
    assert!(run.join("recipe.toml").is_file());
    let files = [vec![run.join("weights.safetensors")], checkpoints(&run)].concat();
    for file in files {
        let mut analyze = spectra(folder.path());
        analyze
            .arg("analyze")
            .arg(&file)
            .args(["--json", "--draws", "39"]);
        let result = succeed(analyze.output().unwrap());
        let result: serde_json::Value = serde_json::from_slice(&result.stdout).unwrap();
        let blocks = result["layers"].as_array().unwrap();
        let ip1 = blocks
            .iter()
            .find(|layer| layer["name"] == "ip1.weight")
            .unwrap();
        assert_eq!(ip1["shape"], serde_json::json!([4, 32, 64]));
    }
    // a second run has a folder of its own
    succeed(train(folder.path(), &["--iterations", "1"]));
    assert_eq!(
        json(&folder.path().join("runs/digits-2/record.json"))["iterations"],
        1
    );
}

/// Catches bits that depend on threads, or randomness that does not depend on the seed.
#[test]
fn the_same_seed_gives_the_same_bits_on_any_threads() {
    let folder = prepared(RECIPE);
    let run = |out: &str, threads: &str, seed: &str| {
        let mut command = spectra(folder.path());
        command.args(["train", "recipe.toml", "--out", out, "--seed", seed]);
        succeed(command.env("RAYON_NUM_THREADS", threads).output().unwrap());
        let run = folder.path().join(out);
        (
            std::fs::read(run.join("weights.safetensors")).unwrap(),
            record(&run),
        )
    };
    let one = run("a", "1", "3");
    assert!(one == run("b", "3", "3"), "threads change bits");
    assert!(one.0 != run("c", "1", "4").0, "the seed changes nothing");
}

/// Makes `broken` what `whole` was after its first checkpoints, with the rows of all steps: those after the
/// checkpoint are made again.
fn break_off(whole: &Path, broken: &Path, kept: usize) {
    std::fs::create_dir_all(broken.join("checkpoints")).unwrap();
    for file in ["recipe.toml", "rows.jsonl"] {
        std::fs::copy(whole.join(file), broken.join(file)).unwrap();
    }
    for file in checkpoints(whole).iter().take(kept) {
        let to = broken.join("checkpoints").join(file.file_name().unwrap());
        std::fs::copy(file, to).unwrap();
    }
}

/// Catches anything that a checkpoint forgets: momentum, running means, masks, the order of samples, dropout,
/// phases, the losses since the last row, the rows.
#[test]
fn going_on_gives_the_bits_of_a_run_without_a_break() {
    let adam = RECIPE.replace(
        r#"kind = "sgd", momentum = 0.9, decay = 0.001, bias-rate = 2.0"#,
        r#"kind = "adam", decay = 0.001"#,
    );
    let double = RECIPE.replace("batch = 7", "batch = 7\nprecision = \"f64\"");
    for recipe in [RECIPE, &adam, &double] {
        let folder = prepared(recipe);
        succeed(train(folder.path(), &["recipe.toml", "--out", "whole"]));
        let whole = folder.path().join("whole");
        let weights = std::fs::read(whole.join("weights.safetensors")).unwrap();
        for kept in [1, 3, 6] {
            let broken = folder.path().join(format!("broken-{kept}"));
            break_off(&whole, &broken, kept);
            succeed(train(
                folder.path(),
                &["--resume", broken.to_str().unwrap()],
            ));
            let found = std::fs::read(broken.join("weights.safetensors")).unwrap();
            assert!(found == weights, "weights differ after {kept} checkpoints");
            assert_eq!(record(&broken), record(&whole), "after {kept} checkpoints");
            let rows = |run: &Path| std::fs::read_to_string(run.join("rows.jsonl")).unwrap();
            assert_eq!(rows(&broken), rows(&whole), "after {kept} checkpoints");
        }
    }
}

/// Catches rows that are missing, cut short or another run's and that a record takes in all the same, and a
/// checkpoint that grows with the rows before it.
#[test]
fn going_on_needs_the_rows_before_the_checkpoint() {
    let folder = prepared(RECIPE);
    succeed(train(folder.path(), &["recipe.toml", "--out", "run"]));
    let run = folder.path().join("run");
    std::fs::remove_file(run.join("record.json")).unwrap();
    let sizes = checkpoints(&run)
        .into_iter()
        .map(|file| file.metadata().unwrap().len());
    let sizes: Vec<u64> = sizes.collect();
    // phases change the weights; within the last one only digits of the header do
    assert!(sizes[8].abs_diff(sizes[6]) < 64, "{sizes:?}");
    let file = run.join("rows.jsonl");
    let whole = std::fs::read_to_string(&file).unwrap();
    assert_eq!(whole.lines().count(), 7);
    let refused = |words: &str| {
        let output = train(folder.path(), &["--resume", "run"]);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(
            said.contains("rows.jsonl") && said.contains(words),
            "{said}"
        );
    };
    std::fs::write(&file, &whole[..whole.len() - 5]).unwrap();
    refused("line 7 is damaged");
    std::fs::write(&file, whole.split_once('\n').unwrap().1).unwrap();
    refused("ends after 6 of the 7 rows");
    std::fs::remove_file(&file).unwrap();
    refused("cannot be read");
    std::fs::write(&file, &whole).unwrap();
    succeed(train(folder.path(), &["--resume", "run"]));
    assert!(run.join("record.json").exists());
}

/// Catches phases that are not what they say: parameters outside blocks that survive, pruned ones that come
/// back, a count that does not go down.
#[test]
fn phases_change_the_network() {
    let folder = prepared(RECIPE);
    succeed(train(folder.path(), &["recipe.toml", "--out", "run"]));
    let found = record(&folder.path().join("run"));
    let layers = found["layers"].as_array().unwrap();
    let layer = |name: &str| layers.iter().find(|l| l["name"] == name).unwrap();
    // 6 x 64 in two blocks, 3 x 6 of which half is left
    assert_eq!(layer("one")["parameters"], 6 * 64 / 2);
    assert_eq!(layer("two")["parameters"], 9);
    let dense = Source::open(
        &folder.path().join("run/weights.safetensors"),
        &OpenOptions::default(),
    )
    .unwrap();
    let sparse = Source::open(
        &folder.path().join("run/sparse.safetensors"),
        &OpenOptions::default(),
    )
    .unwrap();
    let read = |source: &Source, name: &str| {
        let index = source
            .tensors()
            .iter()
            .position(|t| t.name == name)
            .unwrap();
        source.read(index).unwrap().data
    };
    let (whole, values) = (read(&dense, "two.weight"), read(&sparse, "two.values"));
    let (columns, rows) = (read(&sparse, "two.columns"), read(&sparse, "two.rows"));
    let mut again = vec![0.0; whole.len()];
    for (row, range) in rows.windows(2).enumerate() {
        for place in range[0] as usize..range[1] as usize {
            again[row * 6 + columns[place] as usize] = values[place];
        }
    }
    assert_eq!((again, values.len()), (whole, 9));
    let ends: Vec<u64> = found["phases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["end"].as_u64().unwrap())
        .collect();
    assert_eq!(ends, [10, 20, 32]);
    let counts: Vec<u64> = found["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["watched"][0]["singular_values"].as_array().unwrap().len() as u64)
        .collect();
    // at 0, 10 and before pruning, 20 and as blocks, 30, 32
    assert_eq!(counts, [6; 7]);
}

/// Catches samples that lie class by class and are taken as they lie: one class after another is trained on, or the last
/// class alone held out.
#[test]
fn samples_in_order_of_their_classes_are_not_taken_so() {
    for (setting, words) in [
        ("order = \"file\"", "order = \"file\""),
        ("held-out = 20", "held-out = 20"),
        ("train = 60", "train = 60"),
    ] {
        let recipe = RECIPE.replace("set = ", &format!("{setting}\nset = "));
        let folder = prepared(&recipe);
        let labels: Vec<u8> = (0..90).map(|sample| sample / 30).collect();
        let path = folder.path().join("set/train-labels-idx1-ubyte");
        std::fs::write(&path, idx(&[90], &labels)).unwrap();
        let output = train(folder.path(), &["recipe.toml", "--out", "run"]);
        assert_eq!(output.status.code(), Some(2));
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(
            text.contains("class by class") && text.contains(words),
            "{text}"
        );
        assert!(text.contains("line 6"), "{text}");
        assert!(!folder.path().join("run").exists());
        std::fs::write(folder.path().join("recipe.toml"), RECIPE).unwrap();
        succeed(train(folder.path(), &["recipe.toml", "--out", "run"]));
    }
}

/// Catches held-out samples that are trained on, that shift the mean image, or that are not what is tested with.
#[test]
fn held_out_samples_take_the_place_of_test_samples() {
    let folder = prepared(&RECIPE.replace("set = ", "train = 80\nheld-out = 20\nset = "));
    let run = |recipe: &str, out: &str| {
        succeed(train(folder.path(), &[recipe, "--out", out]));
        let run = folder.path().join(out);
        let weights = std::fs::read(run.join("weights.safetensors")).unwrap();
        (weights, record(&run))
    };
    let (weights, held) = run("recipe.toml", "held");
    let counts = serde_json::json!({ "train": 60, "test": 20, "classes": 3 });
    assert_eq!(held["samples"], counts);

    // the same samples as a set of their own
    let set = folder.path().join("set");
    write_set(&set, &pixels(60), &pixels(80)[60 * 64..]);
    std::fs::write(folder.path().join("plain.toml"), RECIPE).unwrap();
    let (plain_weights, plain) = run("plain.toml", "plain");
    assert!(weights == plain_weights, "other samples were trained on");
    assert_eq!(held["rows"], plain["rows"]);

    // other held-out pixels, and other samples that are not in use
    let mut changed = pixels(90);
    changed[60 * 64..].fill(255);
    write_set(&set, &changed, &pixels(30));
    let (changed_weights, changed) = run("recipe.toml", "changed");
    assert!(
        weights == changed_weights,
        "held-out samples were trained on"
    );
    assert_ne!(
        held["rows"][0]["test_loss"],
        changed["rows"][0]["test_loss"]
    );
}

/// Catches a sample of a test that is moved or mirrored, and changes that depend on where a run was broken off or on
/// its threads.
#[test]
fn augmented_samples_are_the_same_again() {
    let text = RECIPE.replace("set = ", "augment = { padding = 2, flip = true }\nset = ");
    let folder = prepared(&text);
    std::fs::write(folder.path().join("plain.toml"), RECIPE).unwrap();
    let run = |recipe: &str, out: &str, threads: &str| {
        let mut command = spectra(folder.path());
        command.args(["train", recipe, "--out", out]);
        succeed(command.env("RAYON_NUM_THREADS", threads).output().unwrap());
        let run = folder.path().join(out);
        let weights = std::fs::read(run.join("weights.safetensors")).unwrap();
        (weights, record(&run))
    };
    let (weights, augmented) = run("recipe.toml", "run", "1");
    let (plain_weights, plain) = run("plain.toml", "plain", "1");
    assert!(weights != plain_weights, "nothing was changed");
    // before the first step both are the same network on the same samples
    assert_eq!(augmented["rows"][0], plain["rows"][0]);
    assert!((weights.clone(), augmented.clone()) == run("recipe.toml", "again", "2"));

    let whole = folder.path().join("run");
    for kept in [1, 3, 6] {
        let broken = folder.path().join(format!("broken-{kept}"));
        break_off(&whole, &broken, kept);
        let resumed = train(folder.path(), &["--resume", broken.to_str().unwrap()]);
        succeed(resumed);
        let found = std::fs::read(broken.join("weights.safetensors")).unwrap();
        assert!(found == weights && record(&broken) == augmented, "{kept}");
    }
}

/// Where in a recipe a mistake stands.
type Line = Box<dyn Fn(&str) -> usize>;

/// Catches a mistake that is found late, without its line, or in many words.
#[test]
fn mistakes_are_named_with_their_lines_before_any_training() {
    let line = |text: &str, of: &str| 1 + text.lines().position(|line| line.contains(of)).unwrap();
    let cases: Vec<(&str, String, Line, &str)> = vec![
        (
            "an unknown key",
            RECIPE.replace("batch = 7", "batch = 7\nbatches = 7"),
            Box::new(move |t| line(t, "batches")),
            "batches",
        ),
        (
            "an unknown key of a layer",
            RECIPE.replace("padding = 1", "paddings = 1"),
            Box::new(move |t| line(t, "paddings")),
            "paddings",
        ),
        (
            "an unknown kind",
            RECIPE.replace("\"relu\"", "\"rely\""),
            Box::new(move |t| line(t, "\"rely\"")),
            "rely",
        ),
        (
            "an unknown family",
            RECIPE.replace("\"block-diagonal\"", "\"blocked\""),
            Box::new(move |t| line(t, "blocked")),
            "blocked",
        ),
        (
            "blocks that do not divide",
            RECIPE.replace("blocks = 2 }\n\n[[layer]]", "blocks = 5 }\n\n[[layer]]"),
            Box::new(|t| {
                let named = t.lines().collect::<Vec<_>>();
                1 + named.iter().rposition(|line| *line == "[[phase]]").unwrap()
            }),
            "5 blocks",
        ),
        (
            "a kernel larger than the image",
            RECIPE.replace("kernel = 3", "kernel = 30"),
            Box::new(move |t| line(t, "kind = \"convolution\"") - 1),
            "30x30",
        ),
        (
            "other outputs than classes",
            RECIPE.replace("outputs = 3", "outputs = 9"),
            Box::new(move |t| line(t, "name = \"two\"") - 2),
            "3 classes",
        ),
        (
            "a layer that is not there",
            RECIPE.replace("watch = [\"one\"]", "watch = [\"oen\"]"),
            Box::new(move |t| line(t, "oen")),
            "oen",
        ),
        (
            "too many samples",
            RECIPE.replace("mean = \"pixel\"", "train = 91"),
            Box::new(move |t| line(t, "train = 91")),
            "90",
        ),
        (
            "no sample left to train on",
            RECIPE.replace("mean = \"pixel\"", "held-out = 90"),
            Box::new(move |t| line(t, "held-out = 90")),
            "at most 89",
        ),
        (
            "a move out of the image",
            RECIPE.replace("mean = \"pixel\"", "augment = { padding = 8 }"),
            Box::new(move |t| line(t, "augment")),
            "0 to 7",
        ),
        (
            "a change that changes nothing",
            RECIPE.replace("mean = \"pixel\"", "augment = {}"),
            Box::new(move |t| line(t, "augment")),
            "augment",
        ),
        (
            "no sample held out",
            RECIPE.replace("mean = \"pixel\"", "held-out = 0"),
            Box::new(move |t| line(t, "held-out")),
            "held-out",
        ),
        (
            "a number out of range",
            RECIPE.replace("momentum = 0.9", "momentum = 1.9"),
            Box::new(move |t| line(t, "momentum")),
            "momentum",
        ),
        (
            "text for a number",
            RECIPE.replace("batch = 7", "batch = \"7\""),
            Box::new(move |t| line(t, "batch =")),
            "invalid type: string \"7\"",
        ),
        (
            "no TOML",
            RECIPE.replace("[data]", "[data"),
            Box::new(move |t| line(t, "[data")),
            "unclosed table",
        ),
        (
            "two layers of one name",
            RECIPE.replace(
                "kind = \"convolution\"",
                "kind = \"convolution\"\nname = \"one\"",
            ),
            Box::new(|t| {
                let named = t.lines().collect::<Vec<_>>();
                1 + named
                    .iter()
                    .rposition(|line| line.contains("name = \"one\""))
                    .unwrap()
                    - 2
            }),
            "one",
        ),
        (
            "a share out of range",
            RECIPE.replace("prune = 0.5", "prune = 1.5"),
            Box::new(move |t| line(t, "prune = 1.5") - 5),
            "1.5",
        ),
    ];
    for (name, text, expected, word) in cases {
        let folder = prepared(&text);
        let output = train(folder.path(), &["recipe.toml", "--out", "run"]);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        assert_eq!(said.lines().count(), 1, "{name}: {said}");
        let place = format!("recipe.toml: line {}: ", expected(&text));
        assert!(said.contains(&place), "{name}: {said} instead of {place}");
        assert!(said.contains(word), "{name}: {said}");
        assert!(
            !folder.path().join("run").exists(),
            "{name}: something was written"
        );
    }
}

/// Catches data that is missed late or with other words than where to get it.
#[test]
fn no_data_is_one_sentence() {
    let folder = prepared(&RECIPE.replace("\"./set\"", "\"mnist\""));
    let output = train(folder.path(), &["recipe.toml"]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("mnist") && said.contains("--data"), "{said}");
    assert!(said.contains("recipe.toml: line 6: "), "{said}");
}

/// Catches a loss of NaN that goes on, is not named with its iteration, or costs the checkpoint before it.
#[test]
fn a_loss_that_is_no_number_ends_the_run() {
    let text = RECIPE
        .replace("base = 0.05", "base = 1e30")
        .replace("checkpoint = 4", "checkpoint = 1");
    let folder = prepared(&text);
    let output = train(folder.path(), &["recipe.toml", "--out", "run"]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("iteration") && said.contains("checkpoint"),
        "{said}"
    );
    assert!(!checkpoints(&folder.path().join("run")).is_empty());
}

/// Catches a last step that makes the weights infinite and ends as if all were well.
#[test]
fn a_last_step_that_explodes_is_no_success() {
    let text = RECIPE.replace("iterations = 12", "iterations = 1").replace(
        "[[phase]]\niterations = 1\n",
        "[[phase]]\niterations = 1\nrate = { schedule = \"fixed\", base = 1e300 }\n",
    );
    let folder = prepared(&text);
    let output = train(folder.path(), &["recipe.toml", "--out", "run"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let run = folder.path().join("run");
    assert!(!run.join("weights.safetensors").exists());
    assert_eq!(record(&run)["ended"]["how"], "diverged");
    let kept = Source::open(&checkpoints(&run).pop().unwrap(), &OpenOptions::default()).unwrap();
    let finite = |index| kept.read(index).unwrap().data.iter().all(|x| x.is_finite());
    assert!(
        (0..kept.tensors().len()).all(finite),
        "the last checkpoint is not finite"
    );
}

/// Catches parameters that come back when more are pruned, and counts that do not say so.
#[test]
fn pruning_again_keeps_what_was_pruned() {
    let second = "[[phase]]\niterations = 12\n[phase.layers.two]\nprune = 0.25\n";
    let text = RECIPE
        .replace("[[phase]]\niterations = 12\n", second)
        .replace("weight = { family = \"block-diagonal\", blocks = 2 }\n", "")
        .replace("[phase.layers.one]\n\n", "\n");
    let folder = prepared(&text);
    succeed(train(folder.path(), &["recipe.toml", "--out", "run"]));
    let found = record(&folder.path().join("run"));
    let layers = found["layers"].as_array().unwrap();
    let two = layers.iter().find(|l| l["name"] == "two").unwrap();
    assert_eq!(two["parameters"], 9);
    let counts: Vec<u64> = found["phases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["parameters"].as_u64().unwrap())
        .collect();
    assert_eq!((counts[0] - counts[1], counts[1]), (9, counts[2]));
}

/// Catches a run that goes on with other samples than it began with.
#[test]
fn other_data_is_refused_when_going_on() {
    let folder = prepared(RECIPE);
    succeed(train(folder.path(), &["recipe.toml", "--out", "run"]));
    std::fs::remove_file(folder.path().join("run/record.json")).unwrap();
    let images = folder.path().join("set/train-images-idx3-ubyte");
    let mut bytes = std::fs::read(&images).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&images, bytes).unwrap();
    let output = train(folder.path(), &["--resume", "run"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("other data"),
        "{}",
        stderr(&output)
    );
}

/// Catches sizes that end in an abort or a panic instead of a sentence with their line.
#[test]
fn sizes_beyond_memory_are_refused() {
    for (from, to) in [
        ("outputs = 6", "outputs = 1000000000000"),
        (
            "outputs = 4\nkernel = 3",
            "outputs = 9223372036854775807\nkernel = 3",
        ),
        ("kernel = 3", "kernel = 1000000000000000000"),
        ("padding = 1", "padding = 9223372036854775807"),
        ("batch = 7", "batch = 1000000000000"),
        ("iterations = 12", "iterations = 9223372036854775807"),
        (
            "outputs = 6",
            "outputs = 6\nweight = { family = \"acdc\", depth = 9223372036854775807 }",
        ),
        (
            "outputs = 6",
            "outputs = 6\nweight = { family = \"product-of-sums\", factors = 1000000000000, terms = 2 }",
        ),
        (
            "outputs = 6",
            "outputs = 6\nweight = { family = \"projected\", features = 3, basis = \"radial\", width = 1e-300 }",
        ),
    ] {
        let folder = prepared(&RECIPE.replace(from, to));
        let output = train(folder.path(), &["recipe.toml", "--out", "run"]);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{to}: {said}");
        assert_eq!(said.lines().count(), 1, "{to}: {said}");
        assert!(said.contains("line "), "{to}: {said}");
    }
}

/// Catches a training that ends because nobody reads its rows.
#[cfg(unix)]
#[test]
fn a_reader_that_leaves_does_not_end_a_training() {
    let folder = prepared(RECIPE);
    let binary = env!("CARGO_BIN_EXE_spectra");
    let mut shell = Command::new("sh");
    let script = format!("'{binary}' train recipe.toml --out run | head -n 1");
    succeed(
        shell
            .args(["-c", &script])
            .current_dir(folder.path())
            .output()
            .unwrap(),
    );
    let run = folder.path().join("run");
    let file = run.join("record.json");
    until("the record", || file.exists());
    assert_eq!(record(&run)["iterations"], 32);
}

/// Catches a run that replaces another one.
#[test]
fn a_folder_that_is_not_empty_is_refused() {
    let folder = prepared(RECIPE);
    succeed(train(folder.path(), &["recipe.toml", "--out", "run"]));
    let output = train(folder.path(), &["recipe.toml", "--out", "run"]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("--resume"), "{said}");
}

/// Catches a checkpoint of another recipe that is taken, and damage that goes unsaid.
#[test]
fn foreign_and_damaged_checkpoints_are_refused() {
    let folder = prepared(RECIPE);
    succeed(train(folder.path(), &["recipe.toml", "--out", "run"]));
    let run = folder.path().join("run");
    let file = checkpoints(&run).pop().unwrap();
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() - 1]).unwrap();
    let said = stderr(&train(folder.path(), &["--resume", "run"]));
    let first = said.lines().next().unwrap();
    assert!(
        first.contains("step-00000032") && first.contains("damaged"),
        "{said}"
    );
    assert!(first.ends_with("the one before it is taken"), "{said}");
    std::fs::write(&file, &whole).unwrap();
    let recipe = std::fs::read_to_string(run.join("recipe.toml")).unwrap();
    std::fs::write(
        run.join("recipe.toml"),
        recipe.replace("seed = 3", "seed = 4"),
    )
    .unwrap();
    let output = train(folder.path(), &["--resume", "run"]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("another recipe"), "{said}");
}

#[cfg(unix)]
mod ends {
    use super::{RECIPE, checkpoints, prepared, record, spectra, stderr, succeed, train};
    use crate::common::wait::{signal, until, until_soon};
    use std::process::Stdio;

    fn long() -> String {
        RECIPE.replace("iterations = 12", "iterations = 100000")
    }

    fn wait_for_checkpoint(run: &std::path::Path, count: usize) {
        until("checkpoints", || {
            run.join("checkpoints").is_dir() && checkpoints(run).len() >= count
        });
    }

    /// Catches an interrupt that loses steps already made, or that cannot be gone on from.
    #[test]
    fn an_interrupt_writes_a_checkpoint_first() {
        let folder = prepared(&long());
        let mut command = spectra(folder.path());
        command
            .args(["train", "recipe.toml", "--out", "run"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        let run = folder.path().join("run");
        wait_for_checkpoint(&run, 2);
        signal(&child, "-INT");
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("--resume"), "{}", stderr(&output));
        let made = record(&run)["iterations"].as_u64().unwrap();
        let name = checkpoints(&run).pop().unwrap();
        assert!(
            name.to_str().unwrap().contains(&format!("{made:08}")),
            "{name:?} after {made}"
        );
        assert_eq!(record(&run)["ended"]["how"], "interrupted");
    }

    /// Catches two trainings that write to one folder, and a lock that a killed process leaves behind.
    #[test]
    fn a_folder_is_trained_in_once_at_a_time() {
        let folder = prepared(&long());
        let start = |arguments: &[&str]| {
            let mut command = spectra(folder.path());
            command.arg("train").args(arguments);
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command.spawn().unwrap()
        };
        let run = folder.path().join("run");
        let refused = || {
            let output = train(folder.path(), &["--resume", "run"]);
            let said = stderr(&output);
            assert_eq!(output.status.code(), Some(2), "{said}");
            assert_eq!(said.lines().count(), 1, "{said}");
            assert!(said.contains("run: another training"), "{said}");
        };
        let mut fresh = start(&["recipe.toml", "--out", "run"]);
        wait_for_checkpoint(&run, 1);
        refused();
        fresh.kill().unwrap();
        fresh.wait().unwrap();
        let count = checkpoints(&run).len();
        let mut resumed = start(&["--resume", "run"]);
        wait_for_checkpoint(&run, count + 1);
        refused();
        resumed.kill().unwrap();
        resumed.wait().unwrap();
    }

    /// Catches a checkpoint that is half there when the process is killed.
    #[test]
    fn a_kill_leaves_the_last_checkpoint_whole() {
        let folder = prepared(&long().replace("checkpoint = 4", "checkpoint = 1"));
        for attempt in 0..5 {
            let name = format!("run{attempt}");
            let mut command = spectra(folder.path());
            command
                .args(["train", "recipe.toml", "--out", &name])
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            let mut child = command.spawn().unwrap();
            let run = folder.path().join(&name);
            wait_for_checkpoint(&run, 3 + attempt);
            // in the midst of a write: a file that is not yet whole has a temporary name
            until_soon("a file that is being written", || {
                let names = std::fs::read_dir(run.join("checkpoints")).unwrap();
                let mut names = names.flatten().map(|entry| entry.file_name());
                names.any(|name| name.to_string_lossy().starts_with(".spectra-"))
            });
            child.kill().unwrap();
            child.wait().unwrap();
            let is_whole =
                |f: &&std::path::PathBuf| f.extension().is_some_and(|end| end == "safetensors");
            for file in checkpoints(&run).iter().filter(is_whole) {
                let mut inspect = spectra(folder.path());
                succeed(
                    inspect
                        .args(["inspect", "--strict"])
                        .arg(file)
                        .output()
                        .unwrap(),
                );
            }
            let recipe = run.join("recipe.toml");
            assert!(std::fs::read_to_string(recipe).unwrap().contains("100000"));
        }
    }
}
