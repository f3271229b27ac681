//! The table of an analysis for the terminal: a row a layer, and what they come to.

use super::frame::shape;
use super::summary::{counted, summary_text};
use super::table::{Rows, fixed, significant, status_style};
use super::text::natural_order;
use crate::spectrum::{Analysis, Layer, LayerSpectrum, SkipKind, Skipped, VerdictKind};
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

/// A column of numbers: what sorts by it, its heading, its value and how that is written.
struct Column {
    sort: SortColumn,
    heading: &'static str,
    value: fn(&LayerSpectrum) -> Option<f64>,
    digits: Digits,
    /// Whether it is shown although nothing is sorted by it.
    always: bool,
}

enum Digits {
    Significant,
    Fixed(usize),
}

const COLUMNS: [Column; 8] = [
    column(
        SortColumn::Parameters,
        "parameters",
        |s| Some(s.parameters as f64),
        Digits::Fixed(0),
        false,
    ),
    column(
        SortColumn::S1,
        "s₁",
        |s| Some(s.spectral_norm),
        Digits::Significant,
        true,
    ),
    column(
        SortColumn::EffectiveRank,
        "eff. rank",
        |s| s.effective_rank,
        Digits::Fixed(0),
        true,
    ),
    column(
        SortColumn::StableRank,
        "stable rank",
        |s| s.stable_rank,
        Digits::Fixed(1),
        false,
    ),
    column(
        SortColumn::Spikes,
        "spikes",
        |s| spikes(s).map(|k| k as f64),
        Digits::Fixed(0),
        true,
    ),
    column(
        SortColumn::Alpha,
        "alpha",
        |s| Some(s.power_law.as_ref()?.alpha),
        Digits::Fixed(2),
        true,
    ),
    column(
        SortColumn::Ks,
        "KS",
        |s| Some(s.fitted_bulk.as_ref()?.ks_distance),
        Digits::Fixed(3),
        false,
    ),
    column(
        SortColumn::Distance,
        "distance",
        |s| Some(s.random_baseline.as_ref()?.mean_distance),
        Digits::Fixed(3),
        false,
    ),
];

const fn column(
    sort: SortColumn,
    heading: &'static str,
    value: fn(&LayerSpectrum) -> Option<f64>,
    digits: Digits,
    always: bool,
) -> Column {
    Column {
        sort,
        heading,
        value,
        digits,
        always,
    }
}

impl Column {
    fn of(&self, layer: &Layer) -> Option<f64> {
        let value = layer.spectrum.as_ref().and_then(self.value);
        value.filter(|x| x.is_finite())
    }

    fn text(&self, layer: &Layer) -> String {
        match self.digits {
            Digits::Significant => significant(self.of(layer)),
            Digits::Fixed(digits) => fixed(self.of(layer), digits),
        }
    }
}

/// Values above the random bulk, of all blocks together where there are blocks; `None` where no bulk was accepted.
pub(super) fn spikes(s: &LayerSpectrum) -> Option<usize> {
    let of_blocks = || {
        let blocks = s
            .blocks
            .as_ref()?
            .each
            .iter()
            .filter_map(|block| block.spikes);
        blocks.reduce(|a, b| a + b)
    };
    s.fitted_bulk
        .as_ref()
        .map(|bulk| bulk.spikes)
        .or_else(of_blocks)
}

/// Rows of tensors, the summary of the model, and how much was done.
pub fn analysis_table(analysis: &Analysis, options: TableOptions<'_>) -> String {
    let shown: Vec<&Column> = COLUMNS
        .iter()
        .filter(|c| c.always || c.sort == options.sort)
        .collect();
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
            row.extend(shown.iter().map(|column| column.text(layer)));
            let (text, style) = verdict(layer);
            row.push(text);
            rows.add(row, style);
        }
    }
    let count = |status| analysis.rows.iter().filter(|l| l.status == status).count();
    let table = match layers.is_empty() {
        true => String::new(),
        false => rows.show(options.colours) + "\n",
    };
    let folded = match options.all {
        true => None,
        false => folded(&analysis.summary.skipped, options.advice),
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
    match COLUMNS.iter().find(|column| column.sort == sort) {
        Some(column) => {
            // Without the number it is below all numbers.
            let key = |layer: &Layer| column.of(layer).unwrap_or(f64::NEG_INFINITY);
            layers.sort_by(|a, b| key(b).total_cmp(&key(a)));
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
    counted(skipped.tensors, one, several)
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
