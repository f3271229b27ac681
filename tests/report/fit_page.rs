//! The report of `fit-basis`: its files, pictures where the numbers say, words, names that stay text.

use crate::common::html;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::LazyLock;

use serde_json::Value;
use spectra::fit::product::{
    FitRequest, ProductFits, ProductSettings, Stage, Stopped, fit_sources,
};
use spectra::report::{product_files, to_json};
use spectra::weights::{OpenOptions, Selection, Source, Status, ViewRules};

type Files = Vec<(String, Vec<u8>)>;

/// Runs `fit-basis` on a fixture with a report into `folder`.
fn run(folder: &Path, arguments: &[&str], threads: &str) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_fit-basis"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"))
        .args(arguments)
        .arg("--report")
        .arg(folder)
        .env("RAYON_NUM_THREADS", threads)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    output
}

fn read(folder: &Path) -> Files {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut files: Files = paths
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn text(files: &Files, wanted: &str) -> String {
    let (_, bytes) = files.iter().find(|(name, _)| name == wanted).unwrap();
    String::from_utf8(bytes.clone()).unwrap()
}

fn report(arguments: &[&str]) -> Files {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), arguments, "2");
    read(folder.path())
}

/// Products of two sums, fitted to three matrices between three vectors.
pub fn product() -> ProductFits {
    static FITS: LazyLock<ProductFits> = LazyLock::new(fitted);
    FITS.clone()
}

fn fitted() -> ProductFits {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/mlp-long.safetensors");
    let source = Source::open(&path, &OpenOptions::default()).unwrap();
    let settings = ProductSettings {
        factors: 2,
        terms: vec![12],
        stages: vec![Stage {
            terms: vec![6],
            family: None,
        }],
        iterations: 15,
        ..ProductSettings::default()
    };
    let request = FitRequest {
        settings: &settings,
        basis: None,
        inputs: None,
    };
    let all = Selection::new(vec![], ViewRules::default()).unwrap();
    fit_sources(&[source], &all, &request, None, |_| true).unwrap()
}

pub fn page(fits: &ProductFits) -> String {
    text(&product_files(fits, 16).unwrap().files, "index.html")
}

/// Catches a lost or misnamed file, a matrix without its picture, and pictures that an earlier report left.
#[test]
fn a_report_has_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["mlp-long.safetensors", "--k", "12", "--no-controls"];
    let output = run(folder.path(), &arguments, "2");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("no picture"));
    let files = read(folder.path());
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    // The biases are vectors, which are not fitted.
    let expected = [
        ".spectra-report.json",
        "fits.parquet",
        "index.html",
        "layer-002-fit.png",
        "layer-002-fit.svg",
        "layer-004-fit.png",
        "layer-004-fit.svg",
        "layer-006-fit.png",
        "layer-006-fit.svg",
        "report.json",
    ];
    assert_eq!(names, expected);
    assert!(files[1].1.starts_with(b"PAR1"));
    assert!(files[3].1.starts_with(b"\x89PNG"));
    let json: Value = serde_json::from_str(&text(&files, "report.json")).unwrap();
    assert_eq!(json["fits"].as_array().unwrap().len(), 6);
    assert_eq!(
        json["fits"][1]["coefficients"][0].as_array().unwrap().len(),
        12
    );
    let html = text(&files, "index.html");
    assert_eq!(html.matches("<figure>").count(), 3);
    assert!(!html.contains("have no picture"));

    let output = run(
        folder.path(),
        &[&arguments[..], &["--pictures", "1"]].concat(),
        "2",
    );
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("2 matrices have no picture; --pictures N draws more"),
        "{said}"
    );
    let files = read(folder.path());
    let pictures = files.iter().filter(|(name, _)| name.starts_with("layer-"));
    let pictures: Vec<&str> = pictures.map(|(name, _)| name.as_str()).collect();
    assert_eq!(pictures, ["layer-002-fit.png", "layer-002-fit.svg"]);
    let html = text(&files, "index.html");
    assert_eq!(html.matches("<figure>").count(), 1);
    assert!(html.contains("2 fits after the first 1 have no picture; --pictures N draws more."));
    assert!(
        html.contains("id=\"layer-6\""),
        "the others have their sections"
    );
}

/// Catches an order that depends on threads, a clock, or a hash map's order.
#[test]
fn the_same_input_gives_the_same_bytes() {
    let [one, two, three] = ["1", "2", "3"].map(|threads| {
        let folder = tempfile::tempdir().unwrap();
        let cosines = ["--k", "100", "--basis", "dct", "--image", "28x28"];
        run(folder.path(), &cosines, threads);
        read(folder.path())
    });
    assert!(one == two && two == three);
    let fits = product();
    let files = || product_files(&fits, 16).unwrap().files;
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1);
    assert!(files() == alone.build().unwrap().install(files));
}

/// The centres of a picture's circles of a radius and a fill.
fn circles(svg: &str, fill: &str) -> Vec<(f64, f64)> {
    let attribute = |line: &str, name: &str| -> Option<f64> {
        let (_, rest) = line.split_once(&format!(" {name}=\""))?;
        rest.split_once('"')?.0.parse().ok()
    };
    let lines = svg.lines().filter(|line| line.starts_with("<circle"));
    lines
        .filter(|line| line.contains(&format!("fill=\"{fill}\"")))
        .map(|line| {
            (
                attribute(line, "cx").unwrap(),
                attribute(line, "cy").unwrap(),
            )
        })
        .collect()
}

/// Catches stages drawn at other parameters or residuals than theirs, and a lost start: the first and
/// the last stage give the scales, the others stand on them to a pixel or two.
#[test]
fn stages_and_starts_stand_where_the_numbers_say() {
    let files = report(&[
        "--p",
        "2",
        "--k",
        "24",
        "--stages",
        "3,6,12",
        "--no-controls",
    ]);
    let json: Value = serde_json::from_str(&text(&files, "report.json")).unwrap();
    let fit = &json["fits"][0];
    let numbers = |key: &str| -> Vec<f64> {
        let stages = fit["stages"].as_array().unwrap().iter();
        stages.map(|stage| stage[key].as_f64().unwrap()).collect()
    };
    let (sizes, begins, ends) = (
        numbers("parameters"),
        numbers("start_residual"),
        numbers("relative_residual"),
    );
    let svg = text(&files, "layer-001-fit.svg");
    let rings = circles(&svg, "#FFFFFF");
    let filled = circles(&svg, "#0067A3");
    // After the key's, four stages, and the starts beside them, of which one is kept.
    assert_eq!((rings.len(), filled.len()), (1 + 4 + 3, 1 + 4 + 1));
    let (rings, starts) = (&rings[1..5], &rings[5..]);
    let (dots, kept) = (&filled[1..5], filled[5]);
    let scale = (dots[3].1 - dots[0].1) / (ends[3] - ends[0]);
    let height = |residual: f64| dots[0].1 + scale * (residual - ends[0]);
    let stretch = (dots[3].0 - dots[0].0) / (sizes[3] / sizes[0]).ln();
    assert!(scale < -1000.0 && stretch > 50.0, "{scale} {stretch}");
    for i in 0..4 {
        let x = dots[0].0 + stretch * (sizes[i] / sizes[0]).ln();
        assert!((dots[i].0 - x).abs() <= 2.0, "stage {i}: {} {x}", dots[i].0);
        assert_eq!(rings[i].0, dots[i].0);
        assert!((dots[i].1 - height(ends[i])).abs() <= 2.0, "end {i}");
        assert!((rings[i].1 - height(begins[i])).abs() <= 2.0, "start {i}");
    }
    let residuals: Vec<f64> = fit["restarts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r.as_f64().unwrap())
        .collect();
    assert_eq!((starts.len(), residuals.len()), (3, 3));
    for (point, residual) in starts.iter().zip(&residuals) {
        assert!((point.1 - height(*residual)).abs() <= 2.0, "{residual}");
    }
    let best = (0..3).min_by(|&i, &j| residuals[i].total_cmp(&residuals[j]));
    assert_eq!(kept, starts[best.unwrap()]);
}

/// A linear classifier of images: catches a finding told of the wrong numbers, and a null line that is not
/// drawn, or drawn for activations, of which chance is not known.
#[test]
fn the_page_says_what_was_found() {
    let files = report(&[
        "mnist-linear.npy",
        "--k",
        "500",
        "--basis",
        "dct",
        "--image",
        "28x28",
        "--stages",
        "50,250",
    ]);
    let html = text(&files, "index.html");
    for words in [
        "500 parameters explain 45.9 % of mnist-linear, as many random terms 6.38 %: coordinates matter.",
        "W ≈ F₁, a sum of 500 dct terms, in 3 stages, seed 0.",
        "<dt>image</dt><dd>28×28</dd>",
        "<dt>stages</dt><dd>50, 250</dd>",
    ] {
        assert!(html.contains(words), "{words}");
    }
    assert!(!html.contains("counting") && !html.contains("class=\"warning\""));
    let svg = text(&files, "layer-001-fit.svg");
    assert!(svg.contains("\nchance\n") && svg.contains("\nrotated\n"));

    let html = page(&product());
    assert!(html.contains("None of 3 matrices is nearer than as many random terms bring it."));
    assert!(html.contains("counting, not a bug"));
    assert!(html.contains("3 tensors skipped; the table says why."));
    assert!(html.contains("the best of 3 starts"));
}

/// Catches a search cut short, an interrupted run, starts that disagree or lost digits that go unsaid.
#[test]
fn the_page_warns() {
    let mut fits = product();
    for words in [
        "has not converged",
        "Interrupted",
        "has starts that end",
        "half of their digits",
    ] {
        assert!(!page(&fits).contains(words), "{words}");
    }
    fits.complete = false;
    let failed = &mut fits.rows[0];
    (failed.status, failed.reason) = (Status::Failed, Some("1 entry is NaN".into()));
    let fit = fits.rows[3].fit.as_mut().unwrap();
    fit.stopped = Stopped::Iterations;
    fit.condition = Some(1e12);
    fit.restarts[1] = 1.2;
    let html = page(&fits);
    let link = ": <a href=\"#layer-4\">";
    let alert = |words: &str| {
        let line = html.lines().find(|line| line.contains(words));
        line.unwrap_or_else(|| panic!("{words}"))
    };
    for words in [
        "has not converged",
        "has starts that end",
        "half of their digits",
    ] {
        assert!(alert(words).contains(link), "{words}");
    }
    assert!(alert("Interrupted: ").starts_with("<li class=\"warning\">"));
    assert!(alert("fc1.bias failed: 1 entry is NaN").starts_with("<li class=\"error\">"));
}

/// Catches numbers in the wrong column, and columns of controls that were not fitted.
#[test]
fn the_table_holds_the_fits_numbers() {
    let fits = product();
    let html = page(&fits);
    let fit = fits.rows[3].fit.as_ref().unwrap();
    let rows = html::rows(&html);
    let cells = rows.iter().find(|row| row[0] == "4").unwrap();
    assert_eq!(cells[3..5], ["96×128", "24"]);
    let close = |cell: &str, number: f64| {
        let shown: f64 = cell.parse().unwrap_or_else(|_| panic!("{cell}"));
        // Half a unit of the fourth digit is at most 5e-4 of the number.
        assert!(
            (shown - number).abs() <= 5.01e-4 * number,
            "{cell} {number}"
        );
    };
    close(&cells[6], fit.relative_residual);
    close(&cells[7], fit.null_residual);
    close(&cells[8], fit.shuffled_residual.unwrap());
    close(&cells[9], fit.rotated_residual.unwrap());
    assert_eq!(cells[11], fit.iterations.to_string());
    let without = text(&report(&["--k", "9", "--no-controls"]), "index.html");
    assert!(rows[0].contains(&"Shuffled".to_owned()));
    assert!(!html::rows(&without)[0].contains(&"Shuffled".to_owned()));
    assert!(without.contains("Shuffled and rotated matrices were not fitted"));
}

/// Catches residuals of all sizes that hang or spoil a picture: exact, huge, not finite, all alike.
#[test]
fn odd_residuals_are_drawn() {
    let mut fits = product();
    let at = [1, 3, 5];
    let odd = [(1e-16, 1.0), (1e120, f64::INFINITY), (0.0, 0.0)];
    for (i, (end, start)) in at.into_iter().zip(odd) {
        let fit = fits.rows[i].fit.as_mut().unwrap();
        fit.relative_residual = end;
        fit.restarts = vec![start, end, f64::NAN];
        (fit.shuffled_residual, fit.rotated_residual) = (Some(end), Some(start));
        for stage in &mut fit.stages {
            (stage.start_residual, stage.relative_residual) = (start, end);
        }
    }
    let files = product_files(&fits, 16).unwrap().files;
    for i in at {
        let svg = text(&files, &format!("layer-{:03}-fit.svg", i + 1));
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{i}");
    }
    assert!(!text(&files, "index.html").contains(">NaN"));
}

const HOSTILE: [&str; 4] = [
    "</script><script>alert(1)</script>",
    "\"><svg onload=alert(2)>' onmouseover='alert(3)",
    "../../etc/{{style}}\u{202e}thgiew\u{1b}[31m\0",
    "<!--</svg></figure><img src=x onerror=alert(4)>",
];

pub fn hostile() -> ProductFits {
    let mut fits = product();
    for (i, row) in fits.rows.iter_mut().enumerate() {
        row.name = HOSTILE[i % 4].to_owned();
        row.file = format!("/tmp/{}", HOSTILE[(i + 1) % 4].replace('/', "|"));
        row.reason = row.reason.as_ref().map(|_| HOSTILE[i % 4].to_owned());
    }
    fits.rows[0].status = Status::Failed;
    fits.warnings = HOSTILE.map(str::to_owned).to_vec();
    fits.files[0].path = HOSTILE[1].to_owned();
    fits.files.push(fits.files[0].clone());
    fits.extra.basis_file = Some(HOSTILE[3].to_owned());
    fits.selection.tensor = HOSTILE.map(str::to_owned).to_vec();
    fits
}

/// Catches a name, a path or a reason that becomes markup or a path.
#[test]
fn hostile_names_stay_text() {
    let files = product_files(&hostile(), 16).unwrap().files;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
    for (name, bytes) in &files {
        assert!(name.chars().all(plain) && !name.contains(".."), "{name}");
        if name.ends_with(".png") || name.ends_with(".parquet") || name == "report.json" {
            continue;
        }
        let text = std::str::from_utf8(bytes).unwrap();
        for markup in ["<script", "</script", "<img", "<svg onload", "<!--"] {
            assert!(!text.contains(markup), "{name}: {markup}");
        }
        let deceptive = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!text.contains(deceptive), "{name}");
    }
    let page = text(&files, "index.html");
    assert!(
        page.contains("{{style}}"),
        "a name is not a key of the template"
    );
    assert_eq!(page.matches("<svg ").count(), 3);
    html::check(&page);
}

/// Catches an address, a script or a style that the policy would have to allow.
#[test]
fn the_page_asks_for_nothing() {
    let page = page(&product());
    html::check(&page);
    assert!(!page.contains("<script"));
}

/// Catches a page that differs from the JSON beside it: both are of the same fits.
#[test]
fn the_json_is_that_of_the_command() {
    let fits = product();
    let files = product_files(&fits, 0).unwrap().files;
    assert_eq!(text(&files, "report.json"), to_json(&fits).unwrap());
}
