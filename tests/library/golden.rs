//! The fixtures against what other programs say of them (`fixtures/golden`, made by numpy, SciPy,
//! powerlaw and WeightWatcher).

use serde_json::Value;
use spectra::report::{to_json, weightwatcher_frame};
use spectra::spectrum::{
    Analysis, Analyzer, Initialisation, KsSide, Settings, SisterSettings, analyze_sources,
    compare_sources,
};
use spectra::weights::{OpenOptions, Selection, Source, ViewRules};
use std::path::{Path, PathBuf};

const F64: f64 = f64::EPSILON;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

fn golden(name: &str) -> Value {
    let text = std::fs::read_to_string(fixture("golden").join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn rows<'a>(golden: &'a Value, key: &str) -> &'a Vec<Value> {
    let rows = golden[key].as_array().unwrap();
    assert!(rows.len() > 1, "{key} has {} rows", rows.len());
    rows
}

fn open(file: &str) -> Source {
    Source::open(&fixture(file), &OpenOptions::default()).unwrap()
}

fn everything() -> Selection {
    Selection::new(vec![], ViewRules::default()).unwrap()
}

fn analysis(file: &str, settings: Settings) -> Analysis {
    analyze_sources(
        &[open(file)],
        &everything(),
        &Analyzer::new(settings),
        |_| true,
    )
}

/// The JSON row of the tensor that `row` is about.
fn ours(row: &Value, settings: Settings) -> Value {
    let json = to_json(&analysis(row["file"].as_str().unwrap(), settings)).unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    let layers = json["layers"].as_array().unwrap();
    let found = layers.iter().find(|layer| layer["name"] == row["tensor"]);
    found
        .unwrap_or_else(|| panic!("no {}", row["tensor"]))
        .clone()
}

fn few_draws() -> Settings {
    Settings {
        draws: 2,
        ..Settings::default()
    }
}

fn close(ours: &Value, theirs: &Value, tolerance: f64, what: &str) {
    match (ours.as_f64(), theirs.as_f64()) {
        (Some(a), Some(b)) => assert!(
            (a - b).abs() <= tolerance,
            "{what}: {a} here, {b} there, tolerance {tolerance:e}"
        ),
        _ => panic!("{what}: {ours} here, {theirs} there"),
    }
}

fn name(row: &Value) -> String {
    format!("{} {}", row["file"], row["tensor"])
}

/// LAPACK's values: catches a wrong singular value, order or view. Both programs are within
/// their error bounds of the truth, so of each other within the sum.
#[test]
fn singular_values_are_lapacks() {
    for row in rows(&golden("singular_values.json"), "matrices") {
        let ours = ours(row, few_draws());
        let theirs = row["singular_values"].as_array().unwrap();
        let values = ours["singular_values"].as_array().unwrap();
        assert_eq!(values.len(), theirs.len(), "{}", name(row));
        let bound = ours["method"]["tolerance"].as_f64().unwrap();
        for (a, b) in values.iter().zip(theirs) {
            close(a, b, 2.0 * bound, &name(row));
        }
    }
}

/// numpy's moments and norms: catches a wrong divisor, centre or power. A sum of N terms rounds
/// within N ε of the sum of their sizes; √N ε is what rounding that goes both ways reaches.
#[test]
fn statistics_are_numpys() {
    for row in rows(&golden("statistics.json"), "matrices") {
        let ours = ours(row, few_draws());
        let entries = ours["parameters"].as_f64().unwrap();
        let scale = ours["largest_entry"].as_f64().unwrap();
        let relative = 16.0 * entries.sqrt() * F64;
        let check = |key: &str, tolerance: f64| {
            close(
                &ours[key],
                &row[key],
                tolerance,
                &format!("{} {key}", name(row)),
            );
        };
        check("mean", relative * scale);
        for key in [
            "variance",
            "kurtosis",
            "frobenius_norm",
            "spectral_norm",
            "nuclear_norm",
            "stable_rank",
            "effective_rank",
            "participation_ratio",
            "largest_entry",
        ] {
            check(key, relative * row[key].as_f64().unwrap());
        }
        check("rank", 0.0);
        let condition = row["condition_number"].as_f64().unwrap();
        check("condition_number", relative * condition * condition);
    }
}

/// The law's distances against quadrature of its density; the reference takes the variance about
/// the mean, we about zero, so the law is made here from the same variance.
#[test]
fn distances_are_those_of_an_integrated_density() {
    use spectra::spectrum::{SingularLaw, ks_distance};
    use statrs::distribution::ContinuousCDF;
    let mut compared = 0;
    for row in rows(&golden("statistics.json"), "matrices") {
        let theirs = &row["marchenko_pastur"];
        if theirs.is_null() {
            continue;
        }
        compared += 1;
        let (m, n) = (
            row["rows"].as_u64().unwrap(),
            row["columns"].as_u64().unwrap(),
        );
        let layer = ours(row, few_draws());
        let (m, n) = if layer["blocks"].is_null() {
            (m as usize, n as usize)
        } else {
            (
                layer["blocks"]["rows"].as_u64().unwrap() as usize,
                layer["blocks"]["columns"].as_u64().unwrap() as usize,
            )
        };
        let variance = row["variance"].as_f64().unwrap();
        let law = SingularLaw::new(m, n, variance).unwrap();
        let values: Vec<f64> = layer["singular_values"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s.as_f64().unwrap())
            .collect();
        let distance = ks_distance(&values, KsSide::Two, |s| law.cdf(s));
        let quadrature = 1e-9;
        close(
            &distance.into(),
            &theirs["ks_distance"],
            quadrature,
            &name(row),
        );
        let edge = law.upper_edge().powi(2) / n as f64;
        let relative = 64.0 * F64 * edge;
        close(&edge.into(), &theirs["upper_edge"], relative, &name(row));
    }
    assert!(compared > 4, "only {compared} matrices were compared");
}

/// powerlaw's and SciPy's fits: catches another exponent, x_min or distance. Distances are
/// compared first: at a tie to rounding either x_min is right.
#[test]
fn power_laws_are_those_of_other_programs() {
    let golden = golden("power_law.json");
    let min_tail = golden["min_tail"].as_u64().unwrap() as usize;
    for row in rows(&golden, "matrices") {
        for (key, ks_side, min_tail) in [
            ("two_sided_min_tail", KsSide::Two, min_tail),
            ("two_sided", KsSide::Two, 2),
            ("left_limits", KsSide::One, 2),
        ] {
            let theirs = &row[key];
            let ours = &ours(
                row,
                Settings {
                    ks_side,
                    min_tail,
                    ..few_draws()
                },
            )["power_law"];
            let what = format!("{} {key}", name(row));
            if theirs.is_null() {
                assert!(ours.is_null(), "{what}: {ours}");
                continue;
            }
            close(&ours["ks_distance"], &theirs["ks_distance"], 1e-9, &what);
            if ours["tail_size"] == theirs["tail_size"] {
                let alpha = theirs["alpha"].as_f64().unwrap();
                close(&ours["alpha"], &theirs["alpha"], 1e-9 * alpha, &what);
            }
        }
    }
}

/// A thousand dense Gaussian matrices drawn by numpy: catches a baseline of another shape or
/// variance. Both means are over draws, whose spread bounds their difference.
#[test]
fn random_baselines_agree_with_dense_draws() {
    for row in rows(&golden("random_baseline.json"), "matrices") {
        let ours = &ours(row, Settings::default())["random_baseline"];
        let what = name(row);
        let draws = ours["draws"].as_f64().unwrap();
        let chance = ours["expected_distance"].as_f64().unwrap();
        let tolerance = 5.0 * chance / draws.sqrt();
        close(
            &ours["mean_distance"],
            &row["mean_distance"],
            tolerance,
            &what,
        );
        let orders = ours["mean"].as_array().unwrap().len();
        let spread = |key: &str| {
            let order = match key {
                "largest_ratio" => 0,
                _ => orders - 1,
            };
            let curve = |name: &str| ours[name][order].as_f64().unwrap();
            (curve("upper") - curve("lower")) / 4.0 / curve("mean")
        };
        for key in ["largest_ratio", "smallest_ratio"] {
            let ratio = row[key].as_f64().unwrap();
            let tolerance = 5.0 * spread(key) * ratio / draws.sqrt();
            close(&ours[key], &row[key], tolerance, &format!("{what} {key}"));
        }
    }
}

/// The block-diagonal paper's numbers, by numpy with a thousand draws of R: catches variance over
/// the zeros outside the blocks, or R of another shape.
#[test]
fn sisters_agree_with_numpy() {
    let golden = golden("sisters.json");
    let one = open(golden["one"].as_str().unwrap());
    let files: Vec<&str> = rows(&golden, "sisters")
        .iter()
        .map(|row| row["file"].as_str().unwrap())
        .collect();
    let mut sources = vec![one];
    sources.extend(files.iter().map(|file| open(file)));
    let settings = SisterSettings {
        spectrum: Settings::default(),
        initialisation: Initialisation::FanIn,
        track: false,
    };
    let found = compare_sources(&sources, &everything(), &settings, |_| true);
    for row in rows(&golden, "sisters") {
        let ours = found.rows.iter().find(|pair| {
            pair.name == row["tensor"] && pair.other.ends_with(row["file"].as_str().unwrap())
        });
        let ours = ours.and_then(|pair| pair.sisters.as_ref()).unwrap();
        let what = name(row);
        assert_eq!(ours.blocks_other as u64, row["blocks"].as_u64().unwrap());
        let ratio = row["variance_ratio"].as_f64().unwrap();
        let rounding = 1e3 * F64 * ratio;
        close(
            &ours.variance_ratio.into(),
            &row["variance_ratio"],
            rounding,
            &what,
        );
        let level = &row["expected_order_ratio"];
        close(&ours.expected_level.into(), level, 1e3 * F64, &what);
        let spread = row["deviation_over_draws"].as_f64().unwrap();
        let tolerance = 5.0 * spread / (ours.draws as f64).sqrt();
        close(
            &ours.mean_distance.into(),
            &row["mean_distance"],
            tolerance,
            &what,
        );
    }
}

/// WeightWatcher's own columns on 2-D tensors: catches a norm that is not squared, another
/// logarithm, entropy or rank.
#[test]
fn columns_are_weightwatchers() {
    let golden = golden("weightwatcher.json");
    let mut compared = 0;
    for row in rows(&golden, "layers") {
        let settings = Settings {
            ks_side: KsSide::One,
            min_tail: 2,
            ..few_draws()
        };
        let analysis = analysis(row["file"].as_str().unwrap(), settings);
        // WeightWatcher was given an array under a name that ends as it needs it.
        let tensor = row["tensor"].as_str().unwrap();
        let stem = tensor.trim_end_matches(".weight");
        let layer = analysis
            .rows
            .iter()
            .position(|l| l.name == tensor || l.name == stem);
        let layer = &analysis.rows[layer.unwrap()];
        assert!(
            layer.spectrum.is_some(),
            "{}: {:?}",
            name(row),
            layer.reason
        );
        if layer.shape.len() != 2 || layer.spectrum.as_ref().unwrap().blocks.is_some() {
            continue;
        }
        let frame = weightwatcher_frame(&analysis).unwrap();
        let names: Vec<_> = frame
            .column("name")
            .unwrap()
            .str()
            .unwrap()
            .iter()
            .collect();
        let index = names.iter().position(|n| *n == Some(&layer.name)).unwrap();
        let few = row["num_evals"].as_u64().unwrap() < 20;
        let mut columns = vec![
            "log_norm",
            "log_spectral_norm",
            "stable_rank",
            "entropy",
            "rank_loss",
        ];
        if !few && row["xmin"].as_f64().unwrap() > 1e-5 {
            columns.extend(["alpha", "alpha_weighted", "log_alpha_norm"]);
        }
        for column in columns {
            let ours = frame.column(column).unwrap().f64().unwrap().get(index);
            let size = row[column].as_f64().unwrap().abs().max(1.0);
            // WeightWatcher takes single precision of the entries, exact for these files; what is
            // left is rounding, and the smallest values' in the entropy.
            let what = format!("{} {column}", name(row));
            close(&ours.into(), &row[column], 1e-7 * size, &what);
        }
        compared += 1;
    }
    assert!(compared > 5, "only {compared} layers were compared");
}
