//! Tables for the terminal: plain words and the few numbers that carry them.

use super::frame::shape;
use crate::spectrum::{
    Analysis, Comparison, Layer, LayerSpectrum, Listing, Sisters, Status, VerdictKind,
};
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table, presets};

/// One row a layer, with a line that counts them and the seed.
pub fn analysis_table(analysis: &Analysis, colours: bool) -> String {
    let mut table = table(
        &[
            "layer",
            "shape",
            "s₁",
            "stable rank",
            "spikes",
            "KS",
            "alpha",
            "s₁/R",
            "distance",
            "",
        ],
        2,
        9,
    );
    for layer in &analysis.layers {
        let mut row = vec![layer.name.clone(), shape_of(layer)];
        row.extend(match &layer.spectrum {
            Some(s) => numbers(s),
            None => vec![String::new(); 7],
        });
        let mut cells: Vec<Cell> = row.into_iter().map(Cell::new).collect();
        cells.push(verdict(layer, colours));
        table.add_row(cells);
    }
    let count = |status| {
        analysis
            .layers
            .iter()
            .filter(|l| l.status == status)
            .count()
    };
    let (done, skipped, failed) = (
        count(Status::Analyzed),
        count(Status::Skipped),
        count(Status::Failed),
    );
    let settings = &analysis.settings;
    format!(
        "{table}\n\n{done} analysed, {skipped} skipped, {failed} failed. Seed {}, {} draws.\n\
         spikes, KS: against the Marchenko-Pastur law of the fitted bulk. s₁/R, distance: largest \
         value and mean |1 - ratio| against random matrices R of the same shape and variance.\n",
        analysis.seed, settings.draws,
    )
}

/// One row a pair of sisters.
pub fn comparison_table(comparison: &Comparison, colours: bool) -> String {
    let mut table = table(
        &[
            "layer",
            "other",
            "shape",
            "blocks",
            "variance ratio",
            "expected",
            "distance",
            "by chance",
            "s₁/R",
            "",
        ],
        3,
        9,
    );
    for pair in &comparison.pairs {
        let mut row = vec![pair.name.clone(), pair.other.clone()];
        row.extend(match &pair.sisters {
            Some(s) => sister_numbers(s),
            None => vec![String::new(); 7],
        });
        let mut cells: Vec<Cell> = row.into_iter().map(Cell::new).collect();
        let reason = pair.reason.clone().unwrap_or_default();
        cells.push(painted(reason, status_colour(pair.status), colours));
        table.add_row(cells);
    }
    format!(
        "{table}\n\nONE is {}. Seed {}, {} draws.\n\
         distance: mean |1 - ratio| of OTHER's singular values, order by order, to random matrices R of the \
         full shape and ONE's variance; by chance: the same for random blocks of OTHER's shape.\n",
        comparison.files.first().map_or("", |file| &file.path),
        comparison.seed,
        comparison.settings.spectrum.draws,
    )
}

/// One row a tensor.
pub fn inspection_table(listing: &Listing, colours: bool) -> String {
    let mut table = table(&["tensor", "type", "shape", "elements", "read as"], 3, 4);
    for tensor in &listing.tensors {
        let view = match (&tensor.reason, &tensor.view) {
            (Some(reason), _) => {
                painted(format!("skipped: {reason}"), Some(Color::DarkGrey), colours)
            }
            (None, view) => Cell::new(view.as_deref().unwrap_or_default()),
        };
        table.add_row(vec![
            Cell::new(&tensor.name),
            Cell::new(&tensor.dtype),
            Cell::new(shape(&tensor.shape)),
            Cell::new(tensor.elements),
            view,
        ]);
    }
    let files: Vec<String> = listing
        .files
        .iter()
        .map(|file| format!("{}: {}, {} bytes\n", file.path, file.format, file.bytes))
        .collect();
    let warnings: Vec<String> = listing
        .warnings
        .iter()
        .map(|warning| format!("warning: {warning}\n"))
        .collect();
    format!("{}{}{table}\n", files.concat(), warnings.concat())
}

fn table(header: &[&str], first_number: usize, after_numbers: usize) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(
            header
                .iter()
                .map(|h| Cell::new(h).add_attribute(Attribute::Bold)),
        );
    for (i, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if (first_number..after_numbers).contains(&i) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn shape_of(layer: &Layer) -> String {
    match layer.spectrum.as_ref().and_then(|s| s.blocks.as_ref()) {
        Some(blocks) => format!("{} of {}x{}", blocks.count, blocks.rows, blocks.columns),
        None => shape(&layer.shape),
    }
}

fn numbers(s: &LayerSpectrum) -> Vec<String> {
    let bulk = s.fitted_bulk.as_ref();
    let baseline = s.random_baseline.as_ref();
    vec![
        significant(Some(s.spectral_norm)),
        fixed(s.stable_rank, 1),
        bulk.map_or(String::new(), |law| law.spikes.to_string()),
        fixed(bulk.map(|law| law.ks_distance), 3),
        fixed(s.power_law.as_ref().map(|fit| fit.alpha), 2),
        fixed(baseline.map(|b| b.largest_ratio), 3),
        fixed(baseline.map(|b| b.mean_distance), 3),
    ]
}

fn sister_numbers(s: &Sisters) -> Vec<String> {
    vec![
        format!("{}x{}", s.rows, s.columns),
        format!("{} to {}", s.blocks_one, s.blocks_other),
        significant(s.variance_ratio),
        significant(Some(s.expected_ratio)),
        fixed(s.mean_distance, 4),
        fixed(s.chance_distance, 4),
        fixed(s.largest_ratio, 3),
    ]
}

fn verdict(layer: &Layer, colours: bool) -> Cell {
    match (&layer.spectrum, &layer.reason) {
        (Some(s), _) => {
            let colour = match s.verdict.kind {
                VerdictKind::Random | VerdictKind::Degenerate => None,
                VerdictKind::Spikes => Some(Color::Green),
                VerdictKind::HeavyTail => Some(Color::Magenta),
                VerdictKind::Structured => Some(Color::Cyan),
                VerdictKind::LowRank => Some(Color::Yellow),
            };
            painted(s.verdict.text.clone(), colour, colours)
        }
        (None, reason) => {
            let reason = reason.as_deref().unwrap_or("not analysed");
            let text = match layer.status {
                Status::Failed => format!("failed: {reason}"),
                _ => format!("skipped: {reason}"),
            };
            painted(text, status_colour(layer.status), colours)
        }
    }
}

fn status_colour(status: Status) -> Option<Color> {
    match status {
        Status::Analyzed => None,
        Status::Skipped => Some(Color::DarkGrey),
        Status::Failed => Some(Color::Red),
    }
}

fn painted(text: String, colour: Option<Color>, colours: bool) -> Cell {
    let cell = Cell::new(text);
    match colour.filter(|_| colours) {
        Some(colour) => cell.fg(colour),
        None => cell,
    }
}

fn fixed(x: Option<f64>, digits: usize) -> String {
    x.map_or(String::new(), |x| format!("{x:.digits$}"))
}

/// Four significant digits, with an exponent for the very large and small.
fn significant(x: Option<f64>) -> String {
    match x {
        None => String::new(),
        Some(x) if x != 0.0 && !(1e-3..1e5).contains(&x.abs()) => format!("{x:.3e}"),
        Some(x) => {
            let digits = (3 - x.abs().max(1e-3).log10().floor() as i32).max(0);
            format!("{x:.0$}", digits as usize)
        }
    }
}
