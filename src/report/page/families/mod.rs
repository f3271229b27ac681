//! A comparison of structured families as one self-contained page without a script.

mod tables;

use super::html::Terms;
use super::layout::Page;
use super::run::{Words, page};
use crate::fit::VerdictKind;
use crate::fit::families::{FamilyComparison, FamilyLayer};
use crate::weights::Status;
use maud::html;

const TERMS: Terms = &[
    "Budget: parameters allowed, as a share of the entries of W. A family is shown by its nearest member within it; a dash means that it has none so small.",
    "Residual: ‖W − Ŵ‖ / ‖W‖ in the Frobenius norm, of the nearest member Ŵ.",
    "Null line: √(1 − K/mn): what K random terms that know nothing of W leave.",
    "Shuffled: the same fit to the entries of W in random order.",
    "Rotated: the same fit to Q₁ W Q₂ᵀ with random rotations: the singular values are kept, the coordinates are not.",
    "Parameters: numbers stored. Seeds, and the permutations of the permuted blocks, are not counted; each cell says more when pointed at.",
];

const WORDS: Words = Words {
    kind: "structured families",
    kicker: "Structured families at equal numbers of parameters",
    nameless: "Structured families",
    other: "other file",
    rows: ["tensor", "fitted"],
    digits: "Numbers here are rounded to three digits; report.json and families.parquet beside this page have all of them, and the pictures lie there as SVG and PNG.",
    all_linked: false,
};

/// The page for a comparison and its pictures, file names with their contents. The same comparison
/// gives the same bytes.
///
/// Matrix 3 has the anchor `#layer-3`.
pub fn render_families(comparison: &FamilyComparison, pictures: &[(String, Vec<u8>)]) -> String {
    let page = Page {
        headline: headline(comparison),
        sections: html! { (tables::findings(comparison)) (tables::matrices(comparison, pictures)) },
        terms: TERMS,
        ..page(comparison, &WORDS)
    };
    page.render()
}

fn fitted(comparison: &FamilyComparison) -> impl Iterator<Item = &FamilyLayer> {
    let layers = comparison.rows.iter();
    layers.filter(|layer| layer.status == Status::Analyzed)
}

/// Says in how many matrices coordinates matter and to which families, and in how many there is low rank.
fn headline(comparison: &FamilyComparison) -> String {
    let count = fitted(comparison).count();
    if count == 0 {
        return "No matrix could be fitted.".to_owned();
    }
    let share = |matrices: usize| match count {
        1 => String::new(),
        _ => format!(" in {matrices} of {count} matrices"),
    };
    let (matrices, families) = found(comparison, VerdictKind::Coordinates);
    let coordinates = match matrices {
        0 => "No family finds coordinates that matter".to_owned(),
        _ => format!("Coordinates matter{} ({families})", share(matrices)),
    };
    match found(comparison, VerdictKind::LowRank).0 {
        0 => format!("{coordinates}; no low rank beyond chance."),
        matrices => format!("{coordinates}; there is low rank{}.", share(matrices)),
    }
}

/// Returns in how many matrices a family found this, alone or in part, and which families.
fn found(comparison: &FamilyComparison, wanted: VerdictKind) -> (usize, String) {
    let mut families: Vec<&str> = Vec::new();
    let mut matrices = 0;
    for layer in fitted(comparison) {
        let found = layer.findings.iter().filter(|finding| {
            let kind = finding.verdict.kind;
            kind == wanted || kind == VerdictKind::Both
        });
        matrices += usize::from(found.clone().next().is_some());
        for finding in found {
            if !families.contains(&finding.family.name()) {
                families.push(finding.family.name());
            }
        }
    }
    (matrices, families.join(", "))
}
