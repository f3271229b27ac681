//! The report of a comparison: its files, a curve for every analysed pair, names that stay text.

use crate::common::html;
use std::path::Path;
use std::process::Command;

use spectra::report::{
    Color, Figure, Mark, Point, Stroke, comparison_figures, comparison_files, to_json,
};
use spectra::spectrum::{Comparison, Initialisation, Settings, SisterSettings, compare_sources};
use spectra::weights::{OpenOptions, Selection, Source, Status, ViewRules};

fn compared(files: &[&str], track: bool) -> Comparison {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let open = |file: &&str| {
        let path = folder.join(format!("lenet-{file}.safetensors"));
        Source::open(&path, &OpenOptions::default()).unwrap()
    };
    let sources: Vec<Source> = files.iter().map(open).collect();
    let settings = SisterSettings {
        spectrum: Settings {
            draws: 39,
            ..Settings::default()
        },
        initialisation: Initialisation::FanIn,
        track,
    };
    let all = Selection::new(vec![], ViewRules::default()).unwrap();
    compare_sources(&sources, &all, &settings, |_| true)
}

fn sisters() -> Comparison {
    compared(&["b1", "b4", "b20-step10000"], false)
}

fn run() -> Comparison {
    let steps = ["00000", "00100", "01000", "10000"].map(|step| format!("b20-step{step}"));
    compared(&steps.each_ref().map(String::as_str), true)
}

fn text(files: &[(String, Vec<u8>)], wanted: &str) -> String {
    let (_, bytes) = files.iter().find(|(name, _)| name == wanted).unwrap();
    String::from_utf8(bytes.clone()).unwrap()
}

fn figure(comparison: &Comparison, stem: &str) -> Figure {
    let figures = comparison_figures(comparison).into_iter();
    let mut named = figures.filter(|figure| figure.stem == stem);
    named.next().unwrap()
}

/// The lines of a figure that are drawn like this: their points, colours and words.
fn lines(figure: &Figure, wanted: Stroke) -> Vec<(&[Point], Color, &str)> {
    let marks = figure.panels.iter().flat_map(|panel| &panel.marks);
    let lines = marks.filter_map(|mark| match mark {
        Mark::Line {
            points,
            color,
            stroke,
            words,
            ..
        } if *stroke == wanted => Some((points.as_slice(), *color, words.as_str())),
        _ => None,
    });
    lines.collect()
}

/// How many curves a figure has, and in how many colours.
fn curves(figure: &Figure) -> (usize, usize) {
    let lines = lines(figure, Stroke::Solid);
    let mut colors: Vec<String> = lines.iter().map(|line| format!("{:?}", line.1)).collect();
    colors.sort_unstable();
    colors.dedup();
    (lines.len(), colors.len())
}

/// Would catch a lost or misnamed file, and a page that a reader finds before its pictures.
#[test]
fn a_report_has_its_files() {
    let names = |comparison: &Comparison| -> Vec<String> {
        let files = comparison_files(comparison).unwrap();
        files.into_iter().map(|(name, _)| name).collect()
    };
    let expected = |pictures: &[&str]| -> Vec<String> {
        let mut all = vec!["report.json".to_owned(), "pairs.parquet".to_owned()];
        // The vectors between them, the biases, have no picture.
        for tensor in [2, 4, 6, 8] {
            for what in pictures {
                for format in ["png", "svg"] {
                    all.push(format!("tensor-{tensor:03}-{what}.{format}"));
                }
            }
        }
        all.push("index.html".to_owned());
        all
    };
    assert_eq!(names(&sisters()), expected(&["ratios"]));
    assert_eq!(names(&run()), expected(&["ratios", "course"]));
}

/// Would catch a sister that is not drawn, or drawn in another's colour.
#[test]
fn every_analysed_pair_has_a_curve() {
    for comparison in [sisters(), run()] {
        let files = comparison_files(&comparison).unwrap();
        for (number, name) in [
            (2, "conv1.weight"),
            (4, "conv2.weight"),
            (6, "ip1.weight"),
            (8, "ip2.weight"),
        ] {
            let pairs = comparison.rows.iter().filter(|pair| pair.name == name);
            let pairs: Vec<_> = pairs.collect();
            assert!(pairs.len() > 1 && pairs.iter().all(|p| p.status == Status::Analyzed));
            let ratios = figure(&comparison, &format!("tensor-{number:03}-ratios"));
            let svg = text(&files, &format!("tensor-{number:03}-ratios.svg"));
            assert_eq!(curves(&ratios), (pairs.len(), pairs.len()), "{name}");
            for pair in pairs {
                let blocks = match pair.sisters.as_ref().unwrap().blocks_other {
                    1 => "1 block".to_owned(),
                    count => format!("{count} blocks"),
                };
                let file = pair.other.rsplit('/').next().unwrap();
                let words = format!("\n{} {file}, {blocks}\n", pair.step);
                assert!(svg.contains(&words), "{name}: {words}");
            }
            if comparison.settings.track {
                // Three rows, and the distance about the level in the last.
                let course = figure(&comparison, &format!("tensor-{number:03}-course"));
                assert_eq!(curves(&course), (4, 2), "{name}");
            }
        }
    }
}

/// Would catch a level or a curve that is another pair's, and one without its line.
#[test]
fn curves_and_levels_are_the_pairs_numbers() {
    let comparison = sisters();
    let ratios = figure(&comparison, "tensor-002-ratios");
    let (solid, dashed) = (
        lines(&ratios, Stroke::Solid),
        lines(&ratios, Stroke::ThinDashed),
    );
    let pairs = comparison
        .rows
        .iter()
        .filter(|pair| pair.name == "conv1.weight");
    let pairs: Vec<_> = pairs.map(|pair| pair.sisters.as_ref().unwrap()).collect();
    assert_eq!((solid.len(), dashed.len()), (pairs.len(), pairs.len()));
    for (sisters, (solid, dashed)) in pairs.into_iter().zip(solid.iter().zip(&dashed)) {
        let heights: Vec<f64> = solid.0.iter().map(|point| point.y).collect();
        assert_eq!(heights, sisters.ratios);
        let level = sisters.expected_level.unwrap();
        assert!(dashed.0.iter().all(|point| point.y == level));
        assert_eq!(solid.1, dashed.1);
    }
    let y = &ratios.panels[0].y;
    assert!(y.from < 1.0 && 1.0 < y.to);
}

/// Would catch an order that depends on threads, or a clock.
#[test]
fn the_same_comparison_gives_the_same_bytes() {
    let alone = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let files = || comparison_files(&run()).unwrap();
    assert!(files() == alone.install(files));
}

/// Would catch a name, a path or a reason that becomes markup or a path.
#[test]
fn hostile_names_stay_text() {
    let names = [
        "</script><script>alert(1)</script>",
        "\"><svg onload=alert(2)>' onmouseover='alert(3)",
        "../../etc/{{style}}\u{202e}thgiew\u{1b}[31m\0",
        "<!--</svg></figure><img src=x onerror=alert(4)>",
    ];
    let mut comparison = run();
    for (i, pair) in comparison.rows.iter_mut().enumerate() {
        // A step has eight tensors, of one name in all files.
        pair.name = names[i % 8 % 4].to_owned();
        pair.other = format!("/tmp/{}", names[i / 8 % 4].replace('/', "|"));
        pair.reason = pair.reason.as_ref().map(|_| names[i % 4].to_owned());
    }
    comparison.rows[0].status = Status::Failed;
    comparison.warnings = names.map(str::to_owned).to_vec();
    comparison.files[0].path = names[1].to_owned();
    comparison.selection.tensor = names.map(str::to_owned).to_vec();
    let files = comparison_files(&comparison).unwrap();
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
    assert!(page.contains("&lt;/script&gt;&lt;script&gt;alert(1)"));
    assert!(
        page.contains("{{style}}"),
        "a name is not a key of the template"
    );
    assert_eq!(page.matches("<svg ").count(), 8);
    html::check(&page);
}

/// Would catch an address, a script or a style that the policy would have to allow.
#[test]
fn the_page_asks_for_nothing() {
    let page = text(&comparison_files(&run()).unwrap(), "index.html");
    html::check(&page);
    for word in ["NaN", "inf<"] {
        assert!(!page.contains(word), "{word}");
    }
}

/// Would catch numbers in the wrong column: the table's row against the pair itself.
#[test]
fn the_table_holds_the_pairs_numbers() {
    let comparison = sisters();
    let page = text(&comparison_files(&comparison).unwrap(), "index.html");
    let pair = comparison
        .rows
        .iter()
        .find(|pair| pair.name == "ip1.weight" && pair.step == 1);
    let s = pair.unwrap().sisters.as_ref().unwrap();
    let rows = html::rows(&page);
    let is_own = |row: &&Vec<String>| row[1] == "ip1.weight" && row[2] == "1 lenet-b4.safetensors ";
    let row = rows.iter().find(is_own).unwrap();
    let cells: Vec<f64> = row[5..].iter().map(|cell| cell.parse().unwrap()).collect();
    let expected = [
        s.variance_ratio.unwrap(),
        s.expected_ratio,
        s.largest_ratio.unwrap(),
        s.smallest_ratio.unwrap(),
        s.expected_level.unwrap(),
        s.mean_distance.unwrap(),
        s.mean_distance_from_expected.unwrap(),
        s.chance_distance.unwrap(),
        s.mean_distance_matched.unwrap(),
    ];
    assert_eq!(row[3..5], ["160×320", "1 to 4"]);
    assert_eq!(cells.len(), expected.len(), "{row:?}");
    for (cell, number) in cells.iter().zip(expected) {
        // Half a unit of the third digit is at most 5e-3 of the number.
        assert!(
            (cell - number).abs() <= 5.001e-3 * number,
            "{cell} {number}"
        );
    }
}

/// Would catch pictures that pairs without ratios, without values or of one order break, and a
/// report that holds other numbers than the comparison.
#[test]
fn odd_pairs_are_drawn_or_left_out() {
    let mut comparison = run();
    comparison.leave_out_values();
    for (i, pair) in comparison.rows.iter_mut().enumerate() {
        if let Some(sisters) = &mut pair.sisters {
            match i % 8 {
                1 => {
                    sisters.ratios.clear();
                    sisters.variance_ratio = None;
                    sisters.largest_ratio = None;
                    sisters.mean_distance = None;
                }
                3 => sisters.ratios.truncate(1),
                5 => sisters.ratios.fill(f64::NAN),
                _ => sisters.ratios.fill(0.0),
            }
        }
    }
    let files = comparison_files(&comparison).unwrap();
    let drawn = |number: usize| {
        let wanted = format!("tensor-{number:03}-ratios.svg");
        files.iter().any(|(name, _)| *name == wanted)
    };
    assert_eq!([2, 4, 6, 8].map(drawn), [false, true, false, true]);
    for (name, bytes) in &files {
        if name.ends_with(".svg") || name == "index.html" {
            assert!(
                !std::str::from_utf8(bytes).unwrap().contains("NaN"),
                "{name}"
            );
        }
    }
    assert_eq!(text(&files, "report.json"), to_json(&comparison).unwrap());
    comparison.rows.clear();
    let files = comparison_files(&comparison).unwrap();
    assert_eq!(files.len(), 3);
    assert!(text(&files, "index.html").contains("No pair of matrices could be compared."));
}

/// Would catch a run of a thousand checkpoints that makes a key of a thousand names.
#[test]
fn a_long_run_names_its_ends() {
    let mut comparison = run();
    let last = comparison.rows[24..].to_vec();
    for step in 4..100 {
        comparison.rows.extend(last.iter().cloned().map(|mut pair| {
            pair.step = step;
            pair
        }));
    }
    let files = comparison_files(&comparison).unwrap();
    let svg = text(&files, "tensor-006-ratios.svg");
    assert_eq!(curves(&figure(&comparison, "tensor-006-ratios")).0, 100);
    assert!(svg.contains("\n98 between, in order\n") && svg.contains("\n99 lenet-"));
    assert!(!svg.contains("\n50 lenet-"));
}

/// Would catch a folder that is not written, and values that --no-values takes out of it too.
#[test]
fn the_command_writes_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("out");
    let output = Command::new(env!("CARGO_BIN_EXE_spectra"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["compare", "fixtures/lenet-b1.safetensors"])
        .args(["fixtures/lenet-b4.safetensors", "--draws", "39"])
        .args(["--json", "--no-values", "--report"])
        .arg(&report)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("out/index.html"), "{said}");
    let values = |bytes: &[u8]| -> usize {
        let found: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        let pairs = found["pairs"].as_array().unwrap().iter();
        pairs.filter(|p| p["singular_values"].is_array()).count()
    };
    let written = std::fs::read(report.join("report.json")).unwrap();
    assert_eq!((values(&output.stdout), values(&written)), (0, 4));
    // Data, table, page, the list of them all, and the pictures.
    assert_eq!(std::fs::read_dir(&report).unwrap().count(), 4 + 4 * 2);
}
