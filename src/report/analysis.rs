//! The table of an analysis for the terminal: a row a layer, and what they come to.

use super::column::pick;
use super::frame::shape;
use super::layers::SPECTRUM;
use super::summary::summary_text;
use super::table::{Rows, status_style};
use super::text::natural_order;
use crate::spectrum::{Analysis, Layer, SkipKind, Skipped, VerdictKind};
use crate::weights::Status;
use console::Style;

/// How the table is shown.
#[derive(Debug, Clone, Copy)]
pub struct TableOptions<'a> {
    /// Whether words are coloured.
    pub colours: bool,
    /// By what the rows of each file are sorted.
    pub sort: SortColumn,
    /// Whether skipped tensors have rows; else one line counts them.
    pub all: bool,
    /// How to see the rows that are folded, said after their count.
    pub advice: &'a str,
}

/// What rows are sorted by: names ascending, numbers descending, rows without the number last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortColumn {
    /// Order in the file.
    File,
    /// Name, numbers in it by their size.
    Name,
    /// Entries of the matrix.
    Parameters,
    /// Largest singular value.
    S1,
    /// Effective rank.
    EffectiveRank,
    /// Stable rank.
    StableRank,
    /// Values above the random bulk.
    Spikes,
    /// Exponent of the power law.
    Alpha,
    /// Kolmogorov-Smirnov distance to the law of the fitted bulk.
    Ks,
    /// Mean distance to random matrices.
    Distance,
}

impl SortColumn {
    /// Returns the key of the column of numbers that it is.
    fn key(self) -> Option<&'static str> {
        match self {
            SortColumn::File | SortColumn::Name => None,
            SortColumn::Parameters => Some("parameters"),
            SortColumn::S1 => Some("spectral_norm"),
            SortColumn::EffectiveRank => Some("effective_rank"),
            SortColumn::StableRank => Some("stable_rank"),
            SortColumn::Spikes => Some("spikes"),
            SortColumn::Alpha => Some("alpha"),
            SortColumn::Ks => Some("bulk_ks_distance"),
            SortColumn::Distance => Some("baseline_mean_distance"),
        }
    }
}

/// Columns of the table by their keys, and whether each is shown although nothing is sorted by it.
const COLUMNS: [(&str, bool); 8] = [
    ("parameters", false),
    ("spectral_norm", true),
    ("effective_rank", true),
    ("stable_rank", false),
    ("spikes", true),
    ("alpha", true),
    ("bulk_ks_distance", false),
    ("baseline_mean_distance", false),
];

/// Rows of tensors, the summary of the model, and how much was done.
pub fn analysis_table(analysis: &Analysis, options: TableOptions<'_>) -> String {
    let sort = options.sort.key();
    let shown = COLUMNS.into_iter();
    let shown = shown.filter(|(key, always)| *always || sort == Some(key));
    let keys: Vec<&str> = shown.map(|(key, _)| key).collect();
    let shown = pick(&SPECTRUM, &keys);
    let mut header = vec!["layer", "shape"];
    header.extend(shown.iter().map(|column| column.heading));
    header.push("");
    let mut rows = Rows::new(&header, 2, 2 + shown.len());
    let is_shown = |layer: &&Layer| options.all || layer.status != Status::Skipped;
    let layers: Vec<&Layer> = analysis.rows.iter().filter(is_shown).collect();
    for of_file in layers.chunk_by(|a, b| a.file == b.file) {
        for layer in sorted(of_file, options.sort) {
            if analysis.files.len() > 1 {
                rows.head(&layer.file);
            }
            let mut row = vec![layer.name.clone(), shape_of(layer)];
            let spectrum = layer.spectrum.as_ref();
            row.extend(shown.iter().map(|column| column.on_line(spectrum)));
            let (text, style) = verdict(layer);
            row.push(text);
            rows.add(row, style);
        }
    }
    let count = |status| analysis.rows.iter().filter(|l| l.status == status).count();
    let table = if layers.is_empty() {
        String::new()
    } else {
        rows.show(options.colours) + "\n"
    };
    let folded = if options.all {
        None
    } else {
        folded(&analysis.summary.skipped, options.advice)
    };
    let summary = summary_text(&analysis.summary, analysis.files.len() > 1, options.colours);
    format!(
        "{table}{}{summary}{}{} analysed, {} skipped, {} failed. Seed {}, {} draws.\n",
        folded.map_or(String::new(), |line| format!("{line}\n\n")),
        if summary.is_empty() { "" } else { "\n" },
        count(Status::Analyzed),
        count(Status::Skipped),
        count(Status::Failed),
        analysis.seed,
        analysis.settings.draws,
    )
}

fn sorted<'a>(layers: &[&'a Layer], sort: SortColumn) -> Vec<&'a Layer> {
    let mut layers = layers.to_vec();
    // Both sorts are stable: equal rows stay in the order of the file.
    match sort.key() {
        Some(key) => {
            let column = pick(&SPECTRUM, &[key])[0];
            let of = |layer: &Layer| layer.spectrum.as_ref().and_then(|s| column.of(s));
            // Without the number it is below all numbers.
            let number = |layer: &Layer| of(layer).unwrap_or(f64::NEG_INFINITY);
            layers.sort_by(|a, b| number(b).total_cmp(&number(a)));
        }
        None if sort == SortColumn::Name => layers.sort_by(|a, b| natural_order(&a.name, &b.name)),
        None => {}
    }
    layers
}

/// `37 skipped: 30 vectors, 7 scalars; --all lists them`.
pub(super) fn folded(skipped: &[Skipped], advice: &str) -> Option<String> {
    let all: usize = skipped.iter().map(|s| s.tensors).sum();
    let parts: Vec<String> = skipped.iter().map(skip_words).collect();
    let advice = match advice {
        "" => String::new(),
        advice => format!("; {advice}"),
    };
    (all > 0).then(|| format!("{all} skipped: {}{advice}", parts.join(", ")))
}

/// `30 vectors`.
pub(super) fn skip_words(skipped: &Skipped) -> String {
    let (one, several) = match skipped.kind {
        SkipKind::Vector => ("vector", "vectors"),
        SkipKind::Scalar => ("scalar", "scalars"),
        SkipKind::Alias => ("other name of a tensor", "other names of tensors"),
        SkipKind::Small => ("matrix that is too small", "matrices that are too small"),
        SkipKind::Empty => ("empty tensor", "empty tensors"),
        SkipKind::NotWeight => ("tensor that is no weight", "tensors that are no weights"),
        SkipKind::Other => ("for another reason", "for other reasons"),
    };
    let words = if skipped.tensors == 1 { one } else { several };
    format!("{} {words}", skipped.tensors)
}

fn shape_of(layer: &Layer) -> String {
    match layer.spectrum.as_ref().and_then(|s| s.blocks.as_ref()) {
        Some(blocks) => format!("{} of {}x{}", blocks.count, blocks.rows, blocks.columns),
        None => shape(&layer.shape),
    }
}

fn verdict(layer: &Layer) -> (String, Style) {
    match (&layer.spectrum, &layer.reason) {
        (Some(s), _) => {
            let plain = Style::new();
            let style = match s.verdict.kind {
                VerdictKind::Noise | VerdictKind::Degenerate => plain,
                VerdictKind::Spikes => plain.green(),
                VerdictKind::HeavyTail => plain.magenta(),
                VerdictKind::NoBulk => plain.cyan(),
                VerdictKind::LowRank => plain.yellow(),
            };
            // The effective rank has its column.
            let rank = format!(
                ", effective rank {:.0}",
                s.effective_rank.unwrap_or_default()
            );
            (s.verdict.text.replacen(&rank, "", 1), style)
        }
        (None, reason) => {
            let word = match layer.status {
                Status::Failed => "failed",
                _ => "skipped",
            };
            let reason = reason.as_deref().unwrap_or("not analysed");
            (format!("{word}: {reason}"), status_style(layer.status))
        }
    }
}
