//! The report page as bytes: size, determinism, and names that stay text. What a browser makes of
//! it is tested in `tests/browser`, on the pages that `browser.rs` writes.

use super::page_data::{data_block, whole};
use super::samples;
use crate::common::html;
use serde_json::Value;
use spectra::report::{TERMS, page};

/// The first mark of the figure of a layer, from 0, whose title begins so.
fn mark(data: &Value, layer: usize, title: &str) -> Option<Value> {
    let figures = data["layers"][layer]["figures"].as_array()?.iter();
    let mut figures = figures.map(|part| whole(data, part));
    let figure = figures.find(|figure| figure["title"].as_str().unwrap().starts_with(title))?;
    Some(figure["panels"][0]["marks"][0].clone())
}

fn numbers(list: &Value) -> Vec<f64> {
    let all = list.as_array().unwrap().iter();
    all.map(|x| x.as_f64().unwrap()).collect()
}

/// Would catch curves that are not thinned: 900 layers of 384 values are 30 MB otherwise.
#[test]
fn nine_hundred_layers_stay_under_three_megabytes() {
    let html = page::render(&samples::large(900));
    println!(
        "900 layers: {} bytes, {} points",
        html.len(),
        data_block(&html)["points"]
    );
    assert!(html.len() < 3_000_000, "{} bytes", html.len());
    assert!(data_block(&html)["points"].as_u64().unwrap() >= 40);
    assert!(html.contains("Curves keep "));
    let (data, title) = (data_block(&html), "Density of eigenvalues");
    let is_told = html.contains("There is no room for the densities of eigenvalues");
    assert_eq!(mark(&data, 0, title).is_none(), is_told);
}

/// Would catch thinning where there is room for all points.
#[test]
fn a_small_page_keeps_three_hundred_points() {
    let data = data_block(&page::render(&samples::small()));
    assert_eq!(data["points"], 300);
    let orders = |layer| numbers(&mark(&data, layer, "Ratio").unwrap()["points"]["x"]);
    assert_eq!((orders(2).len(), orders(7).len()), (300, 10));
    assert_eq!(orders(2)[299], 512.0);
}

/// Would catch a clock, a hash map's order or an address in the page.
#[test]
fn the_same_analysis_gives_the_same_bytes() {
    assert_eq!(
        page::render(&samples::small()),
        page::render(&samples::small())
    );
}

/// Would catch a series that is shifted against its orders, or rounded to fewer digits.
#[test]
fn the_data_block_holds_the_values_to_four_digits() {
    let analysis = samples::small();
    let data = data_block(&page::render(&analysis));
    // Half a unit of the fourth digit is at most 5e-4 of the number.
    let same = |shown: f64, exact: f64| (shown - exact).abs() <= 5.001e-4 * exact;
    for (place, layer) in analysis.rows.iter().enumerate() {
        let Some(s) = &layer.spectrum else { continue };
        let values = s.singular_values.as_ref().unwrap();
        let ratios = &s.random_baseline.as_ref().unwrap().ratios;
        let columns = s.blocks.as_ref().map_or(s.columns, |blocks| blocks.columns);
        let tail = mark(&data, place, "Tail").unwrap();
        let points = ["x", "y"].map(|key| numbers(&tail["points"][key]));
        assert!(points[0].len() >= 10);
        for (x, share) in points[0].iter().zip(&points[1]) {
            let order = (share * values.len() as f64).round() as usize;
            let exact = values[order - 1].powi(2) / columns as f64;
            assert!(same(*x, exact), "order {order}: {x}, not {exact}");
        }
        let ratio = mark(&data, place, "Ratio").unwrap();
        let points = ["x", "y"].map(|key| numbers(&ratio["points"][key]));
        for (order, ratio) in points[0].iter().zip(&points[1]) {
            assert!(same(*ratio, ratios[*order as usize - 1]), "order {order}");
        }
    }
}

/// Would catch a name that leaves the data block, an attribute or the text around it.
#[test]
fn hostile_names_stay_text() {
    let html = page::render(&samples::hostile());
    assert_eq!(
        html.matches("</script").count(),
        2,
        "the two elements of the page"
    );
    assert_eq!(html.matches("<script").count(), 2);
    assert!(!html.contains("<img") && !html.contains("<svg onload") && !html.contains("<!--"));
    let deceptive = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}')
    };
    assert_eq!(html.chars().find(|&c| deceptive(c)), None);
    assert!(
        html.len() < 300_000,
        "a name of a megabyte is shortened: {} bytes",
        html.len()
    );
    assert!(
        data_block(&html)["layers"][5]["name"]
            .as_str()
            .unwrap()
            .starts_with("{{data}}")
    );
    for name in [
        "</script><img src=x onerror=alert(1)>",
        "\"><svg onload=alert(3)>' onmouseover='alert(4)",
    ] {
        assert!(
            data_block(&html)["layers"]
                .as_array()
                .unwrap()
                .iter()
                .any(|layer| layer["name"] == name)
        );
    }
}

/// The text of a fact about a layer, by the place of its heading and its term.
fn fact(data: &Value, layer: usize, group: usize, term: &str) -> String {
    let facts = whole(data, &data["layers"][layer]["facts"]);
    let mut terms = facts[group]["terms"].as_array().unwrap().iter();
    let place = terms.position(|own| own == term).unwrap();
    facts[group]["texts"][place].as_str().unwrap().to_owned()
}

/// Would catch a share of the energy that does not say of which values.
#[test]
fn the_energy_names_its_values() {
    let data = data_block(&page::render(&samples::small()));
    let layer = samples::small()
        .rows
        .iter()
        .position(|row| row.spectrum.is_some());
    let text = fact(&data, layer.unwrap(), 1, "energy");
    assert!(text.ends_with(" % in 10 leading values"), "{text}");
}

/// Would catch NaN or Infinity, which are not JSON, and undefined numbers that become text.
#[test]
fn undefined_numbers_are_null() {
    let mut analysis = samples::odd();
    if let Some(s) = &mut analysis.rows[0].spectrum {
        (s.mean, s.kurtosis, s.largest_entry) = (f64::NAN, Some(f64::INFINITY), f64::NEG_INFINITY);
    }
    let html = page::render(&analysis);
    let data = data_block(&html);
    let text = |term| fact(&data, 0, 0, term);
    for term in ["mean", "kurtosis", "largest entry"] {
        assert_eq!(text(term), "–", "{term}");
    }
    assert_ne!(text("variance"), "–");
    for word in ["NaN", "Infinity", "inf<", ">inf"] {
        let before_script = html.split("\"use strict\"").next().unwrap();
        assert!(!before_script.contains(word), "{word}");
    }
}

/// Would catch a sentence that counts wrongly.
#[test]
fn the_page_says_what_was_found() {
    let html = page::render(&samples::small());
    assert!(html.contains("2 of 5 layers differ from a random matrix: spikes above the bulk in 1 and a heavy tail in 1. 3 are like noise."));
    assert!(html.contains("8 tensors in 1 file: 5 analysed, 2 skipped and 1 failed."));
    assert!(html.contains(
        "<a href=\"#layer-7\">decoder.weight</a> failed: 3 NaN and 0 infinite entries, the first at index 17."
    ));
    assert!(html.contains("2 skipped: 2 vectors. The rows say why."));
    let none = page::render(&samples::analysis(vec![]));
    assert!(none.contains("No tensors were found."));
}

/// Would catch layers of the summary that are named by number, lead elsewhere, or are not led to at all.
#[test]
fn the_summary_names_layers_and_leads_to_them() {
    let html = page::render(&samples::small());
    let (_, rest) = html.split_once("<section id=\"model\"").unwrap();
    let (model, _) = rest.split_once("</section>").unwrap();
    assert!(model.contains("parameters in 8 tensors"));
    for name in ["features.0.weight", "ip1.weight", "classifier.weight"] {
        let row = samples::small()
            .rows
            .iter()
            .position(|layer| layer.name == name)
            .unwrap()
            + 1;
        assert!(
            model.contains(&format!("<a href=\"#layer-{row}\">{name}</a>")),
            "{name}"
        );
    }
    assert!(model.contains("data-filter=\"role:query\">query</button>"));
    let map = page::render(&samples::large(70));
    let words = "<a href=\"#layer-64\" aria-label=\"model.layers.9.self_attn.q_proj.weight: ";
    assert!(map.contains(words));
}

/// Would catch a phrase of a verdict that the page and docs/analyze.md do not explain, or explain differently.
#[test]
fn every_phrase_of_a_verdict_is_explained() {
    let phrases = [
        "like noise",
        "spikes above a random bulk",
        "values below it",
        "the mean of all entries",
        "heavy tail: a power law",
        "a power law or a lognormal",
        "a lognormal rather than a power law",
        "no random bulk",
        "rank r of m",
        "set aside",
        "rows of unequal scale",
        "heavy-tailed entries",
        "too few to judge",
        "a few entries hold the energy",
        "the diagonal stands out",
        "all singular values are equal",
        "all zero, constant entries",
        "blocks",
        "effective rank",
        "rank worth keeping",
        "soft rank",
        "edge",
    ];
    let known: Vec<&str> = TERMS.iter().map(|term| term.phrase).collect();
    assert_eq!(known, phrases);
    // Words of verdicts stand in the source that makes them.
    let source = include_str!("../../src/spectrum/verdict.rs");
    for word in [
        "like noise",
        "a random bulk",
        "the mean of all entries",
        "a lognormal rather than a power law",
        "a power law or a lognormal",
        "no random bulk",
        "set aside",
        "of unequal scale",
        "heavy-tailed entries",
        "too few to judge",
        "singular values are equal",
        "all zero",
        "constant entries",
    ] {
        assert!(source.contains(word), "verdicts no longer say {word:?}");
    }
    let html = page::render(&samples::small());
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let document = flat(include_str!("../../docs/analyze.md"));
    for term in &TERMS {
        assert!(
            html.contains(&format!(
                "<dt>{}</dt><dd>{} <em>",
                term.phrase, term.meaning
            )),
            "{}",
            term.phrase
        );
        let line = flat(&format!(
            "- **{}**: {} {}",
            term.phrase, term.meaning, term.next
        ));
        assert!(document.contains(&line), "README lacks: {line}");
    }
}

/// Would catch an address or a request in the page, or a policy that allows one.
#[test]
fn the_page_asks_for_nothing() {
    for analysis in [samples::small(), samples::hostile(), samples::odd()] {
        html::check(&page::render(&analysis));
    }
}
