//! What a study leaves to be read: figures, page, table, files, and names that stay text.

use super::study_sample::{cell, sample, single};
use crate::common::html;
use spectra::report::{Figure, Mark, Point, Shape, study_files, study_frame, study_table};
use spectra::study::{CellValue, Observation, Outcome, RunEnd, StudyReport, Value, Verdict};
use std::path::Path;

type Files = Vec<(String, Vec<u8>)>;

fn text(files: &Files, wanted: &str) -> String {
    let (_, bytes) = files.iter().find(|(name, _)| name == wanted).unwrap();
    String::from_utf8(bytes.clone()).unwrap()
}

fn page(report: &StudyReport) -> String {
    text(&study_files(report).unwrap(), "index.html")
}

fn figure(report: &StudyReport, name: &str) -> Figure {
    let figures = spectra::report::study_figures(report);
    let stem = format!("figure-{name}");
    figures
        .into_iter()
        .find(|figure| figure.stem == stem)
        .unwrap()
}

/// The points of marks that draw points in this shape.
fn published(figure: &Figure) -> Vec<Point> {
    let marks = figure.panels[0].marks.iter().filter_map(|mark| match mark {
        Mark::Points { points, shape, .. } if *shape == Shape::Diamond => Some(points.clone()),
        _ => None,
    });
    marks.flatten().collect()
}

/// The lines with points, by their words.
fn lines(figure: &Figure) -> Vec<(&str, &[Point])> {
    let marks = figure.panels[0].marks.iter().filter_map(|mark| match mark {
        Mark::Line { points, words, .. } if !points.is_empty() => {
            Some((words.as_str(), points.as_slice()))
        }
        _ => None,
    });
    marks.collect()
}

/// Catches a lost or misnamed file, a page that is not written last, bytes that depend on threads or a clock, and a folder
/// that grows with its curves.
#[test]
fn the_files_are_the_same_each_time_and_small() {
    let report = sample();
    let files = study_files(&report).unwrap();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let mut expected = vec!["report.json".to_owned(), "runs.parquet".to_owned()];
    for name in ["accuracy", "loss", "orders", "families", "trade"] {
        expected.extend(["png", "svg"].map(|format| format!("figure-{name}.{format}")));
    }
    expected.push("index.html".to_owned());
    assert_eq!(names, expected);
    let alone = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    assert!(files == alone.install(|| study_files(&report)).unwrap());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages/study");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, bytes) in &files {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    let sizes: Vec<(&str, usize)> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.len()))
        .collect();
    let total: usize = sizes.iter().map(|(_, size)| size).sum();
    assert!(total < 300_000, "{total}: {sizes:?}");
}

/// Catches a published number at the wrong cell or place of a curve, and one that is left out.
#[test]
fn published_numbers_stand_where_they_belong() {
    let report = sample();
    let points = published(&figure(&report, "accuracy"));
    let expected = [(1.0, 98.9), (50.0, 97.6), (50.0, 98.95)];
    let expected = expected.map(|(x, y)| Point { x, y });
    assert_eq!(points, expected);
    // The claim on the loss is a null, which nobody published.
    assert_eq!(published(&figure(&report, "loss")), []);
    assert_eq!(published(&figure(&report, "orders")), []);
}

/// Catches a line through the wrong cells, one that joins words, and a group without the variable that is not drawn.
#[test]
fn lines_run_through_their_cells() {
    let report = sample();
    let accuracy = figure(&report, "accuracy");
    let all = lines(&accuracy);
    assert_eq!(
        all.iter().map(|(words, _)| *words).collect::<Vec<_>>(),
        ["blocks", "dense"]
    );
    let across: Vec<f64> = all[0].1.iter().map(|point| point.x).collect();
    // The cell of b1 = 20 diverged.
    assert_eq!(across[..3], [1.0, 5.0, 10.0]);
    assert!(across[3..].contains(&50.0));
    let flat: Vec<(f64, f64)> = all[1].1.iter().map(|point| (point.x, point.y)).collect();
    assert_eq!(flat, [(1.0, 98.9), (50.0, 98.9)]);

    let families = figure(&report, "families");
    assert_eq!(
        families.panels[0].x.names,
        ["dense", "low rank", "block-diagonal", "Toeplitz"]
    );
    for (words, points) in lines(&families) {
        let alone = points
            .split(|point| point.y.is_nan())
            .all(|run| run.len() < 2);
        assert!(alone, "{words}: {points:?}");
    }
    let loss = figure(&report, "loss");
    let words: Vec<&str> = lines(&loss).iter().map(|(words, _)| *words).collect();
    assert_eq!(words, ["b1 = 1", "b1 = 5", "b1 = 10", "b1 = 20", "b1 = 50"]);
    assert!(lines(&loss).iter().all(|(_, points)| points.len() <= 120));
}

/// Catches a band of one seed, a band that is not the range over seeds, and one without an entry in the key.
#[test]
fn bands_are_the_range_over_seeds() {
    let mut report = sample();
    let bands = |report: &StudyReport| -> Vec<(usize, String)> {
        let marks = figure(report, "accuracy").panels.remove(0).marks;
        let bands = marks.into_iter().filter_map(|mark| match mark {
            Mark::Band {
                stretches, words, ..
            } => Some((stretches.len(), words)),
            _ => None,
        });
        bands.collect()
    };
    assert_eq!(
        bands(&report),
        [
            (4, String::new()),
            (2, String::new()),
            (0, "least to most over seeds".to_owned())
        ]
    );
    for value in &mut report.values {
        (value.least, value.most) = (value.mean.clone(), value.mean.clone());
    }
    assert_eq!(bands(&report), []);
}

/// Catches a cell that diverged, failed or was not run and of which the figure says nothing.
#[test]
fn cells_without_a_number_are_named() {
    let mut report = sample();
    let reading = figure(&report, "accuracy").reading;
    assert!(
        reading.ends_with(" Without a number: blocks: b1 = 20 (3 of 3 seeds diverged)."),
        "{reading}"
    );
    let is_ten = |variables: &spectra::study::Cell| variables.get("b1") == Some(&Value::Whole(10));
    let run = report
        .runs
        .iter_mut()
        .find(|run| is_ten(&run.variables))
        .unwrap();
    (run.ended, run.reason) = (RunEnd::Failed, Some("no memory".to_owned()));
    let reading = figure(&report, "accuracy").reading;
    let said = " With unfinished runs: blocks: b1 = 10 (1 of 3 seeds failed: no memory).";
    assert!(reading.ends_with(said), "{reading}");
    let html = page(&report);
    assert!(html.contains("1 of 3 seeds failed: no memory"));
    assert!(html.contains("3 runs diverged; the table of runs says which"));
}

/// Catches a page that fails or draws something where no run is finished, and one that hides it.
#[test]
fn a_study_without_numbers_has_a_page() {
    let mut report = sample();
    report.values.clear();
    report.observations.clear();
    report.complete = false;
    report.quick = true;
    report.shortened = 4;
    report.verdict = Verdict::CannotBeJudged;
    for run in &mut report.runs {
        (run.ended, run.iterations, run.seconds) = (RunEnd::NotRun, None, None);
    }
    for claim in &mut report.claims {
        claim.verdict = Verdict::CannotBeJudged;
        claim.cells.clear();
    }
    let files = study_files(&report).unwrap();
    let pictures = files.iter().filter(|(name, _)| name.starts_with("figure-"));
    assert_eq!(pictures.count(), 0);
    let html = text(&files, "index.html");
    for said in [
        "There is no number to draw.",
        "This is a quick study",
        "Trainings have 1/4 of their steps",
        "This study is not complete",
        "<strong>Cannot be judged.</strong>",
        "blocks: b1 = 1 (3 of 3 seeds not run)",
    ] {
        assert!(html.contains(said), "{said}");
    }
    assert_eq!(study_frame(&report).unwrap().height(), 0);
    let table = study_table(&report, false);
    assert!(
        table.contains("not complete") && table.contains("quick") && table.contains("1/4"),
        "{table}"
    );
}

/// Catches NaN, numbers that are not finite or subnormal and a single place in a picture, a page or a search for ticks that
/// does not end.
#[test]
fn odd_numbers_are_drawn_as_gaps() {
    let mut report = sample();
    for value in &mut report.values {
        if value.measure == "loss" {
            let odd = [
                None,
                Some(f64::NAN),
                Some(f64::INFINITY),
                Some(1e-310),
                Some(1e200),
            ];
            for (place, odd) in odd.into_iter().enumerate() {
                (value.mean[place + 3], value.most[place + 3]) = (odd, odd);
            }
        }
        if value.measure == "ratio" {
            for all in [&mut value.mean, &mut value.least, &mut value.most] {
                all.truncate(1);
            }
            value.at.truncate(1);
        }
        if value.measure == "error" {
            value.mean[0] = value.mean[0].map(|x| -x);
        }
    }
    let files = study_files(&report).unwrap();
    for (name, bytes) in &files {
        if name.ends_with(".svg") || name.ends_with(".html") {
            let text = std::str::from_utf8(bytes).unwrap();
            assert!(!text.contains("NaN") && !text.contains(">inf"), "{name}");
        }
    }
    assert!(files.iter().any(|(name, _)| name == "figure-orders.svg"));
}

/// Catches zeros that are lost on a logarithmic axis, or drawn without a word.
#[test]
fn zeros_on_a_logarithmic_axis_are_said() {
    let report = sample();
    let families = figure(&report, "families");
    let y = &families.panels[0].y;
    let floor = y.floor.unwrap();
    assert!(y.log && y.from <= floor && floor > 0.0);
    let said = "On the vertical axis, numbers that are not positive are drawn at 0.";
    assert!(families.reading.contains(said), "{}", families.reading);
    assert_eq!(figure(&report, "accuracy").panels[0].y.floor, None);
}

/// Catches claims whose numbers, spread, tolerance or verdict the page or the terminal leaves out or changes.
#[test]
fn claims_are_told_with_their_numbers() {
    let report = sample();
    let html = page(&report);
    for said in [
        "<td class=\"words verdict\"><i class=\"reproduced\"></i>reproduced</td>",
        "Null: Random blocks have the same largest value",
        "<small>b1 = 5: 98.79 ± 0.05 % (3 seeds), against 98.86: no</small>",
        "<strong>Reproduced in part.</strong> Of 4 claims: 2 reproduced, 1 reproduced in part, 1 not reproduced.",
        "SHA-256 9f86d081884c7d65",
        "<dt>cifar10</dt><dd class=\"problem\">no such folder",
        "<p>The published rate is a misprint.</p>",
    ] {
        assert!(html.contains(said), "{said}\n{html}");
    }
    let claim = html::row_with(&html, "98.90 ± 0.05 % (3 seeds)");
    assert_eq!(
        claim[1..5],
        ["98.9 %", "98.90 ± 0.05 % (3 seeds)", "0.2 %", "reproduced"]
    );
    let choice = html::row_with(&html, "chosen");
    assert_eq!(choice[1..], ["rate = 0.1", "97.50 %", "chosen"]);
    let plain = study_table(&report, false);
    assert!(!plain.contains('\u{1b}'));
    let line = plain
        .lines()
        .find(|line| line.contains("One block"))
        .unwrap();
    for said in ["reproduced", "98.9 %", "98.90 ± 0.05 % (3 seeds)"] {
        assert!(line.contains(said), "{line}");
    }
    assert_eq!(
        plain
            .lines()
            .filter(|line| line.starts_with("reproduced  "))
            .count(),
        3
    );
    assert!(study_table(&report, true).contains("\u{1b}[31mFifty blocks lose"));
}

/// Catches rows of the table that are lost, belong to another run, or have a variable in the place of a column.
#[test]
fn the_table_has_a_row_for_each_number() {
    let mut report = sample();
    for run in &mut report.runs {
        run.variables
            .insert("seed".to_owned(), Value::Word("x".to_owned()));
    }
    let frame = study_frame(&report).unwrap();
    let names: Vec<&str> = frame.columns().iter().map(|c| c.name().as_str()).collect();
    let expected = [
        "group",
        "b1",
        "family",
        "variable seed",
        "seed",
        "key",
        "measure",
        "over",
        "at",
        "value",
    ];
    assert_eq!(names, expected);
    // 15 curves of 401 places: 400 are kept of each, with its ends, and every single number.
    let expected = report
        .observations
        .iter()
        .map(|o| o.curve.at.len().min(6_000 / 15));
    assert_eq!(frame.height(), expected.sum::<usize>());
    let number = |column: &str, row: usize| frame.column(column).unwrap().f64().unwrap().get(row);
    let observation = &report.observations[0];
    assert_eq!(number("value", 0), Some(observation.curve.values[0]));
    assert_eq!(number("at", 0), Some(0.0));
    let b1 = frame.column("b1").unwrap().f64().expect("numbers");
    assert_eq!(b1.get(0), report.runs[0].variables["b1"].number());
    let family = frame.column("family").unwrap();
    assert!(family.str().is_ok(), "words stay words");
    let mut row = 0;
    for Observation {
        run,
        curve,
        measure,
    } in &report.observations
    {
        let last = row + curve.at.len().min(400) - 1;
        assert_eq!(number("at", row), curve.at.first().copied());
        assert_eq!(number("at", last), curve.at.last().copied());
        assert_eq!(number("value", last), curve.values.last().copied());
        for row in [row, last] {
            let word = |column: &str| frame.column(column).unwrap().str().unwrap().get(row);
            assert_eq!(word("measure"), Some(measure.as_str()));
            assert_eq!(word("key"), report.runs[*run].key.as_deref());
        }
        row = last + 1;
    }
}

/// Catches a name in the study's file or in a result that becomes markup, a path, an address or a command of the terminal.
#[test]
fn hostile_names_stay_text() {
    const HOSTILE: &str =
        "</td><img src=x onerror=alert(1)>\"'{{style}}\u{202e}\u{1b}[31m../../etc";
    let mut report = sample();
    let study = &mut report.study;
    for text in [
        &mut study.title,
        &mut study.question,
        &mut study.source,
        &mut study.cost,
    ] {
        *text = HOSTILE.to_owned();
    }
    study.notes = vec![HOSTILE.to_owned()];
    for measure in &mut study.measures {
        measure.words = Some(HOSTILE.to_owned());
    }
    for figure in &mut study.figures {
        figure.name = HOSTILE.to_owned();
        figure.title = HOSTILE.to_owned();
        figure.reading = HOSTILE.to_owned();
        for level in &mut figure.levels {
            level.words = HOSTILE.to_owned();
        }
    }
    for run in &mut report.runs {
        run.reason = Some(HOSTILE.to_owned());
        run.device = Some(HOSTILE.to_owned());
        run.variables
            .insert(HOSTILE.to_owned(), Value::Word(HOSTILE.to_owned()));
    }
    for claim in &mut report.claims {
        (claim.claim, claim.sentence) = (HOSTILE.to_owned(), HOSTILE.to_owned());
        claim.demanded = HOSTILE.to_owned();
    }
    for data in &mut report.data {
        (data.set, data.problem) = (HOSTILE.to_owned(), Some(HOSTILE.to_owned()));
    }
    report.id = HOSTILE.to_owned();
    report.program = HOSTILE.to_owned();
    let files = study_files(&report).unwrap();
    let mut names: Vec<&String> = files.iter().map(|(name, _)| name).collect();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
    let deceptive = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    for (name, bytes) in &files {
        assert!(name.chars().all(plain) && !name.contains(".."), "{name}");
        if name.ends_with(".svg") || name.ends_with(".html") {
            let text = std::str::from_utf8(bytes).unwrap();
            assert!(!text.contains("<img src=x"), "{name}");
            assert!(!text.contains(deceptive), "{name}");
        }
    }
    names.sort();
    names.dedup();
    assert_eq!(
        names.len(),
        files.len(),
        "figures of one name have files of their own"
    );
    assert!(!study_table(&report, false).contains(deceptive));
    let html = text(&files, "index.html");
    assert!(
        html.contains("{{style}}"),
        "a name is no key of the template"
    );
    html::check(&html);
    assert!(!html.contains("<script"));
}

/// Catches tables without heads, pictures without a text for those who do not see them, and headings that skip a level.
#[test]
fn the_page_can_be_heard() {
    let html = page(&sample());
    assert_eq!(
        html.matches("<table").count(),
        html.matches("<thead>").count()
    );
    assert_eq!(
        html.matches("<table").count(),
        html.matches("<caption>").count()
    );
    let pictures: Vec<&str> = html.split("<img ").skip(1).collect();
    assert_eq!(pictures.len(), 5);
    assert!(
        pictures
            .iter()
            .all(|tag| tag.contains("alt=\"") && !tag.contains("alt=\"\""))
    );
    assert_eq!(html.matches("<h1>").count(), 1);
    assert!(html.contains("<html lang=\"en\">"));
}

/// Catches a claim of many cells that fills the page, or says only how many hold and not how many are open.
#[test]
fn many_cells_of_a_claim_are_counted() {
    let mut report = sample();
    let claim = &mut report.claims[3];
    let one = claim.cells[0].clone();
    claim.cells = (0..40)
        .map(|b1| {
            let mut own = one.clone();
            own.variables = cell(&[("b1", Value::Whole(b1))]);
            own.holds = if b1 < 30 {
                Outcome::Yes
            } else {
                Outcome::Unknown
            };
            own
        })
        .collect();
    let html = page(&report);
    assert!(html.contains("in 30 of 40 cells, open in 10<small>"));
    assert!(html.contains("<small>and 28 more</small>"));
}

/// Catches curves in the JSON that are as long as they were measured.
#[test]
fn the_json_keeps_single_numbers_and_thins_curves() {
    let mut report = sample();
    report.values.push(CellValue {
        mean: vec![Some(0.123_456_789_012)],
        ..single("dense", cell(&[]), "parameters", 1.0, 0.0)
    });
    let json = text(&study_files(&report).unwrap(), "report.json");
    assert!(json.contains("0.123456789012"));
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
    assert_eq!(keys[..4], ["schema_version", "program", "id", "study"]);
    for value in value["values"].as_array().unwrap() {
        let count = value["at"].as_array().unwrap().len();
        assert!(count <= 120);
        for list in ["mean", "least", "most", "deviation"] {
            assert_eq!(value[list].as_array().unwrap().len(), count);
        }
    }
}
