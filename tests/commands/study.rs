//! `spectra study` from the outside: what is kept, what is refused, what a report has.

use crate::common::command::{sentence as error, spectra_in, succeed as sound};
use crate::common::wait::{signal, until};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use tempfile::TempDir;

/// A small network that learns generated digits for some steps.
const RECIPE: &str = r#"
    [training]
    iterations = 40
    batch = 16
    rate = { schedule = "fixed", base = 0.05 }
    [record]
    every = 20
    checkpoint = 20
    training-samples = 100
    watch = ["scores"]
    [[layer]]
    name = "scores"
    kind = "linear"
    outputs = 10
"#;

const STUDY: &str = r#"
    title = "Rates"
    question = "Which rate?"
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
    column = "variance scores"
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

struct Place {
    folder: TempDir,
}

impl Place {
    fn new(study: &str) -> Place {
        let place = Place {
            folder: tempfile::tempdir().unwrap(),
        };
        place.write("recipe.toml", RECIPE);
        place.write("rates.toml", study);
        place
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = spectra_in(self.folder.path());
        command.arg("study").args(arguments).output().unwrap()
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_str(&fs::read_to_string(self.path(name)).unwrap()).unwrap()
    }

    /// When each run was kept, by its key.
    fn kept(&self) -> Vec<(String, std::time::SystemTime)> {
        let runs = fs::read_dir(self.path("runs/study")).unwrap();
        let mut kept: Vec<_> = runs
            .map(|run| run.unwrap().path())
            .filter_map(|path| {
                let record = fs::metadata(path.join("record.json")).ok()?;
                let name = path.file_name()?.to_str()?.to_owned();
                Some((name, record.modified().unwrap()))
            })
            .collect();
        kept.sort();
        kept
    }
}

/// Catches a report without its parts, a verdict that is not the claim's, and numbers that are not the record's.
#[test]
fn a_study_is_run_and_reported() {
    let place = Place::new(STUDY);
    sound(place.run(&["rates.toml"]));
    for name in ["index.html", "report.json", "runs.parquet"] {
        assert!(place.path("reports/rates").join(name).is_file(), "{name}");
    }
    let report = place.json("reports/rates/report.json");
    assert_eq!(report["runs"].as_array().unwrap().len(), 4);
    let verdicts: Vec<&str> = (report["claims"].as_array().unwrap().iter())
        .map(|claim| claim["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(verdicts, ["reproduced", "not-reproduced"]);
    assert_eq!(report["verdict"], "in-part");
    assert_eq!(report["complete"], true);
    // The mean over seeds is that of the records.
    let values = report["values"].as_array().unwrap();
    let value = (values.iter())
        .find(|value| value["measure"] == "accuracy" && value["variables"]["rate"] == 0.05)
        .unwrap();
    let runs = report["runs"].as_array().unwrap().iter();
    let accuracies: Vec<f64> = runs
        .filter(|run| run["variables"]["rate"] == 0.05)
        .map(|run| {
            let key = run["key"].as_str().unwrap();
            let record = place.json(&format!("runs/study/{key}/record.json"));
            let last = record["rows"].as_array().unwrap().last().unwrap().clone();
            100.0 * last["test_accuracy"].as_f64().unwrap()
        })
        .collect();
    let mean = (accuracies[0] + accuracies[1]) / 2.0;
    assert!((value["mean"][0].as_f64().unwrap() - mean).abs() < 1e-10);
    assert_eq!(value["seeds"], 2);
}

/// Catches runs that are made again, and a seed more that costs more than its runs.
#[test]
fn finished_runs_are_kept() {
    let place = Place::new(STUDY);
    sound(place.run(&["rates.toml"]));
    let (first, report) = (
        place.kept(),
        fs::read(place.path("reports/rates/report.json")).unwrap(),
    );
    sound(place.run(&["rates.toml"]));
    assert_eq!(place.kept(), first);
    assert_eq!(
        fs::read(place.path("reports/rates/report.json")).unwrap(),
        report
    );
    place.write(
        "rates.toml",
        &STUDY.replace("seeds = [1, 2]", "seeds = [1, 2, 3]"),
    );
    sound(place.run(&["rates.toml"]));
    let more = place.kept();
    assert_eq!((first.len(), more.len()), (4, 6));
    assert!(first.iter().all(|run| more.contains(run)));
}

/// Catches a damaged run that is taken for a finished one.
#[test]
fn a_damaged_run_is_made_again() {
    let place = Place::new(STUDY);
    sound(place.run(&["rates.toml"]));
    let report = place.json("reports/rates/report.json");
    let key = report["runs"][0]["key"].as_str().unwrap();
    fs::write(
        place.path(&format!("runs/study/{key}/record.json")),
        "{\"ended\":",
    )
    .unwrap();
    sound(place.run(&["rates.toml"]));
    let again = place.json("reports/rates/report.json");
    assert_eq!(again["values"], report["values"]);
}

/// Catches a run that diverges and ends the study, or vanishes from it.
#[test]
fn a_run_that_diverges_is_a_point() {
    let place = Place::new(&STUDY.replace("rate = [0.01, 0.05]", "rate = [0.05, 1e38]"));
    sound(place.run(&["rates.toml"]));
    let report = place.json("reports/rates/report.json");
    let runs = report["runs"].as_array().unwrap();
    let ended: Vec<&str> = runs
        .iter()
        .map(|run| run["ended"].as_str().unwrap())
        .collect();
    assert_eq!(ended, ["finished", "finished", "diverged", "diverged"]);
    assert!(runs[2]["reason"].as_str().unwrap().contains("iteration"));
    // What diverged has no end: it is in no mean, and the claim says so.
    let claim = &report["claims"][0];
    assert_eq!(claim["cells"][1]["ours"], Value::Null);
    assert!(
        claim["sentence"].as_str().unwrap().contains("2 diverged"),
        "{claim}"
    );
    let page = fs::read_to_string(place.path("reports/rates/index.html")).unwrap();
    assert!(page.contains("diverged"), "a run is lost from the page");
}

/// Catches a choice by the test samples, or by another candidate's accuracy, and final runs on fewer samples.
#[test]
fn hyper_parameters_are_chosen_on_held_out_samples() {
    let study = STUDY.replace(
        "[group.set]",
        "[group.choose]\n held-out = 500\n [group.choose.among]\n decay = [0.0, 0.9]\n [group.set]\n \
         \"training.optimizer\" = { kind = \"sgd\", decay = \"$decay\" }\n",
    );
    let place = Place::new(&study);
    sound(place.run(&["rates.toml"]));
    let report = place.json("reports/rates/report.json");
    let choices = report["choices"].as_array().unwrap();
    assert_eq!(choices.len(), 2);
    for choice in choices {
        let accuracies: Vec<f64> = (choice["candidates"].as_array().unwrap().iter())
            .map(|candidate| candidate["accuracy"].as_f64().unwrap())
            .collect();
        let best = usize::from(accuracies[1] > accuracies[0]);
        assert_eq!(choice["chosen"], best);
        // 500 samples are counted, so accuracies are multiples of 1/500.
        assert!(
            accuracies
                .iter()
                .all(|a| (a * 500.0 - (a * 500.0).round()).abs() < 1e-9)
        );
    }
    let run = &report["runs"][0];
    let chosen = choices[0]["chosen"].as_u64().unwrap() as usize;
    assert_eq!(
        run["variables"]["decay"],
        choices[0]["candidates"][chosen]["variables"]["decay"]
    );
    let key = run["key"].as_str().unwrap();
    let record = place.json(&format!("runs/study/{key}/record.json"));
    assert!(record["recipe"]["data"].get("held-out").is_none());
}

/// Catches a quick run that takes the full one's place, has its length, or does not say what it is.
#[test]
fn quick_runs_are_short_and_say_so() {
    let place = Place::new(STUDY);
    sound(place.run(&["rates.toml", "--quick"]));
    assert!(!place.path("reports").exists());
    let report = place.json("runs/study/quick/rates/report.json");
    assert_eq!(report["quick"], true);
    let runs = report["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2);
    assert!(runs.iter().all(|run| run["iterations"] == 4));
    let page = fs::read_to_string(place.path("runs/study/quick/rates/index.html")).unwrap();
    assert!(page.to_lowercase().contains("quick"));
}

/// Catches a study that says to be shortened and is not, loses a seed by it, does not say so, or cannot be run in full; and
/// runs of one length taken for those of another.
#[test]
fn shortened_studies_have_all_seeds_and_say_so() {
    let text = format!("shortened = 4\n{STUDY}");
    let place = Place::new(&text);
    sound(place.run(&["rates.toml"]));
    let report = place.json("reports/rates/report.json");
    assert_eq!(
        (&report["quick"], &report["shortened"]),
        (&false.into(), &4.into())
    );
    let short = report["runs"].as_array().unwrap().len();
    let page = fs::read_to_string(place.path("reports/rates/index.html")).unwrap();
    assert!(page.contains("1/4 of their steps"));
    sound(place.run(&["rates.toml", "--shortened", "1", "--out", "full"]));
    let full = place.json("full/report.json");
    assert_eq!(full["shortened"], 1);
    let runs = full["runs"].as_array().unwrap();
    assert_eq!(runs.len(), short);
    for (run, short) in runs.iter().zip(report["runs"].as_array().unwrap()) {
        assert_eq!(
            (&run["iterations"], &short["iterations"]),
            (&40.into(), &10.into())
        );
    }
    let place = Place::new(&text.replace("= 4", "= 0"));
    let refused = place.run(&["rates.toml"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("shortened is 0"));
}

/// Catches a mistake that is found only after some runs, or told in more than one sentence, or not at all.
#[test]
fn bad_studies_are_refused_before_any_run() {
    for (from, to, words) in [
        (
            "column = \"test-accuracy\"",
            "column = \"accuracy\"",
            "accuracy is no column",
        ),
        ("\"training.rate.base\"", "\"training.rates.base\"", "rates"),
        ("\"$rate\"", "\"$rat\"", "variable rat"),
        ("tolerance = 0.1", "", "tolerance"),
        (
            "measure = \"accuracy\"\n    at-least = 20",
            "measure = \"acc\"\n    at-least = 20",
            "acc",
        ),
        (
            "at-least = 20",
            "at-least = 20\n at-most = 30",
            "more than one",
        ),
        (
            "train = \"recipe.toml\"",
            "train = \"missing.toml\"",
            "missing.toml",
        ),
        (
            "train = \"recipe.toml\"",
            "train = \"recipe.toml\"\n table = \"a.csv\"",
            "more than one",
        ),
        ("lines = [\"rate\"]", "lines = [\"rates\"]", "rates"),
        (
            "name = \"variance\"\n    title",
            "name = \"../variance\"\n    title",
            "letters",
        ),
        ("question = \"Which rate?\"", "", "question"),
        ("seeds = [1, 2]", "seeds = [1, 1]", "twice"),
        ("rate = [0.01, 0.05]", "rate = [0.5, 0.50]", "the same"),
        ("at-least = 20", "at-least = inf", "not finite"),
        (
            "measure = \"accuracy\"\n    at-least",
            "measure = \"accuracy\"\n    where = { rate = 7 }\n    at-least",
            "no cell",
        ),
        ("at-least = 20", "above = { rate = 7 }", "no cell"),
        (
            "x = \"iteration\"\n    y = [\"variance\"]\n    lines = [\"rate\"]",
            "x = \"iteration\"\n    y = [\"variance\"]",
            "lines",
        ),
        (
            "column = \"test-accuracy\"",
            "ratio = { of = \"variance\" }",
            "earlier measure",
        ),
        (
            "\"training.rate.base\"",
            "seed = 3\n \"training.rate.base\"",
            "seeds",
        ),
        (
            "[group.set]",
            "[group.choose]\n held-out = 0\n [group.choose.among]\n d = [1]\n [group.set]",
            "test samples",
        ),
        ("variance scores", "variance score", "score is not watched"),
        (
            "column = \"test-accuracy\"",
            "column = \"parameters score\"",
            "no layer is called score; there are scores",
        ),
        (
            "column = \"test-accuracy\"",
            "analyze = { layer = \"score\", number = \"variance\" }",
            "no layer is called score; there are scores",
        ),
        (
            "column = \"test-accuracy\"",
            "families = { layer = \"score\", family = \"low-rank\", budget = 0.5 }",
            "no layer is called score",
        ),
        ("seeds = [1, 2]", "seeds = []", "seeds"),
        ("rate = [0.01, 0.05]", "rate = []", "no values"),
        ("title = \"Rates\"", "title = ", "line 2"),
    ] {
        assert!(STUDY.contains(from), "{from}");
        let place = Place::new(&STUDY.replacen(from, to, 1));
        let text = error(&place.run(&["rates.toml"]));
        assert!(
            text.contains(words) && text.contains("rates.toml"),
            "{to}: {text}"
        );
        assert!(!place.path("runs").exists(), "{to}: something was run");
    }
    let axis = |name: &str| format!("{name} = {:?}\n", (0..40).collect::<Vec<_>>());
    let many = STUDY.replace("rate = [0.01, 0.05]", &(axis("rate") + &axis("b")));
    let text = error(&Place::new(&many).run(&["rates.toml"]));
    assert!(text.contains("1000 cells"), "{text}");
}

/// Catches a study without data that is run, or that ends a run of several.
#[test]
fn missing_data_are_told_before_any_run() {
    let place = Place::new(STUDY);
    place.write("recipe.toml", &format!("[data]\nset = \"mnist\"\n{RECIPE}"));
    let output = place.run(&["rates.toml"]);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        text.contains("mnist") && !place.path("runs").exists(),
        "{text}"
    );
    place.write("other.toml", &STUDY.replace("recipe.toml", "digits.toml"));
    place.write("digits.toml", RECIPE);
    sound(place.run(&["rates.toml", "other.toml"]));
    let report = place.json("reports/rates/report.json");
    assert_eq!(report["verdict"], "cannot-be-judged");
    assert!(
        report["data"][0]["problem"]
            .as_str()
            .unwrap()
            .contains("mnist")
    );
    assert_eq!(report["runs"][0]["ended"], "not-run");
    assert_eq!(
        place.json("reports/other/report.json")["verdict"],
        "in-part"
    );
}

/// Catches a choice that is made although one of its candidates failed, which may have been the best.
#[cfg(unix)]
#[test]
fn a_failed_candidate_is_not_passed_over() {
    let study = STUDY.replace(
        "[group.set]",
        "[group.choose]\n held-out = 500\n [group.choose.among]\n decay = [0.0, 0.9]\n [group.set]\n \
         \"training.optimizer\" = { kind = \"sgd\", decay = \"$decay\" }\n",
    );
    let place = Place::new(&study);
    sound(place.run(&["rates.toml", "--out", "first"]));
    let first = place.json("first/report.json");
    let finals: Vec<&str> = (first["runs"].as_array().unwrap().iter())
        .map(|run| run["key"].as_str().unwrap())
        .collect();
    // A trial is gone and cannot be made again: a file is where its folder was.
    let (trial, _) = (place.kept().into_iter())
        .find(|(key, _)| !finals.contains(&key.as_str()))
        .unwrap();
    let candidates = (first["choices"].as_array().unwrap().iter())
        .flat_map(|choice| choice["candidates"].as_array().unwrap());
    let named = candidates.filter(|candidate| candidate["key"] == trial.as_str());
    assert_eq!(
        named.count(),
        1,
        "the report names the runs that it chose by"
    );
    let folder = place.path("runs/study").join(trial);
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "in the way").unwrap();
    let output = place.run(&["rates.toml"]);
    assert_eq!(output.status.code(), Some(2));
    let report = place.json("reports/rates/report.json");
    assert_eq!(report["complete"], false);
    let runs = report["runs"].as_array().unwrap().iter();
    let missing: Vec<&Value> = runs.filter(|run| run["ended"] == "not-run").collect();
    assert_eq!(missing.len(), 2);
    assert!(missing[0]["reason"].as_str().unwrap().contains("candidate"));
}

/// Catches a report that is written over other files.
#[test]
fn other_files_are_left_alone() {
    let place = Place::new(STUDY);
    fs::create_dir(place.path("mine")).unwrap();
    place.write("mine/figure-mine.png", "mine");
    let text = error(&place.run(&["rates.toml", "--out", "mine"]));
    assert!(
        text.contains("mine: holds other files") && text.contains("another folder"),
        "{text}"
    );
    assert!(place.path("mine/figure-mine.png").exists() && !place.path("runs").exists());
}

/// Catches products that cannot be timed.
#[test]
fn products_are_timed() {
    let place = Place::new(
        r#"
        title = "Products"
        question = "How fast?"
        [[group]]
        name = "products"
        products = { rows = 64, columns = 64, blocks = "$b", batch = 16 }
        [group.grid]
        b = [1, 8]
        [[measure]]
        name = "speed-up"
        column = "speed-up"
        [[claim]]
        claim = "A number"
        measure = "speed-up"
        at-least = 0
    "#,
    );
    sound(place.run(&["rates.toml"]));
    assert_eq!(
        place.json("reports/rates/report.json")["verdict"],
        "reproduced"
    );
}

/// Catches numbers of a table that are taken from another row, and a missing table without the way to make it.
#[test]
fn tables_are_groups_too() {
    let study = r#"
        title = "Times"
        question = "How fast?"
        [[group]]
        name = "times"
        table = "times.csv"
        made-by = "analysis/versus/blocks.py"
        [[measure]]
        name = "speed"
        column = "speed"
        [[measure]]
        name = "relative"
        ratio = { of = "speed", to = { blocks = 1 } }
        [[claim]]
        claim = "Twice as fast"
        measure = "relative"
        where = { blocks = 4 }
        value = 2
        tolerance = 0
    "#;
    let place = Place::new(study);
    let text = error(&place.run(&["rates.toml"]));
    assert!(
        text.contains("times.csv") && text.contains("blocks.py"),
        "{text}"
    );
    place.write("times.csv", "blocks,speed,who\n1,1.5,me\n4,3.0,me\n");
    sound(place.run(&["rates.toml"]));
    let report = place.json("reports/rates/report.json");
    assert_eq!(report["claims"][0]["verdict"], "reproduced");
}

/// Catches an example that cannot be run as its documentation says, or a report that grows beyond its size.
#[test]
fn the_example_of_the_project_is_run_quickly() {
    let study =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("analysis/studies/blocks-and-rates.toml");
    let place = Place::new(STUDY);
    sound(place.run(&["--quick", study.to_str().unwrap()]));
    let folder = place.path("runs/study/quick/blocks-and-rates");
    let files = fs::read_dir(&folder).unwrap().map(|file| file.unwrap());
    let names: Vec<String> = files
        .map(|file| file.file_name().into_string().unwrap())
        .collect();
    for name in [
        "figure-accuracy.svg",
        "figure-accuracy.png",
        "figure-s1.svg",
        "runs.parquet",
    ] {
        assert!(
            names.iter().any(|found| found == name),
            "{name} is not among {names:?}"
        );
    }
    let bytes: u64 = fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum();
    assert!(bytes < 300_000, "{bytes} bytes");
    let report = place.json("runs/study/quick/blocks-and-rates/report.json");
    let runs = report["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 8);
    assert!(runs.iter().all(|run| run["ended"] == "finished"));
}

/// Catches a study of the project that is not sound.
#[test]
fn the_studies_of_the_project_are_sound() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("analysis/studies");
    let place = Place::new(STUDY);
    let listed = place.run(&["--list", folder.to_str().unwrap()]);
    let text = String::from_utf8(sound(listed).stdout).unwrap();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "toml") {
            let id = path.file_stem().unwrap().to_str().unwrap().to_owned();
            assert!(text.contains(&id), "{id} is not listed");
        }
    }
    let listed = place.run(&["--list", "--json", folder.to_str().unwrap()]);
    let list: Value = serde_json::from_slice(&listed.stdout).unwrap();
    let of = |id: &str| {
        list.as_array()
            .unwrap()
            .iter()
            .find(|study| study["id"] == id)
            .unwrap()
    };
    assert!(
        of("bdip-6")["data"][0]["problem"]
            .as_str()
            .unwrap()
            .contains("mnist")
    );
    let own = of("blocks-and-rates");
    assert_eq!(
        (own["trainings"].as_u64(), own["kept"].as_u64()),
        (Some(24), Some(0))
    );
    assert!(own["data"][0]["problem"].is_null(), "{own}");
}

/// Catches a Ctrl-C that only the first of several studies hears.
#[cfg(unix)]
#[test]
fn a_later_study_is_interrupted_too() {
    let place = Place::new(STUDY);
    let long = STUDY.replace(
        "[group.set]",
        "[group.set]\n \"training.iterations\" = 10000000",
    );
    place.write("second.toml", &long);
    place.write("third.toml", STUDY);
    let files = ["study", "rates.toml", "second.toml", "third.toml"];
    let child = spectra_in(place.folder.path())
        .args(files)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The four short runs are kept, the first long one is under way.
    let runs = place.path("runs/study");
    let begun = || fs::read_dir(&runs).map_or(0, Iterator::count) > 4;
    until("the first run of the second study", || {
        begun() && place.kept().len() >= 4
    });
    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains("interrupted; the same command goes on"),
        "{text}"
    );
    assert_eq!(place.json("reports/second/report.json")["complete"], false);
    assert!(!place.path("reports/third").exists(), "{text}");
}
