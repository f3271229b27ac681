//! Tables for the terminal: plain words and the few numbers that carry them.

use super::format::significant;
use super::frame::shape;
use crate::spectrum::Listing;
use crate::weights::Status;
use comfy_table::{CellAlignment, Table, presets};
use console::Style;
use polars::prelude::{Column, DataFrame};

/// One row a tensor.
pub fn inspection_table(listing: &Listing, colours: bool) -> String {
    let mut rows = Rows::new(&["tensor", "type", "shape", "elements", "read as"], 3, 4);
    for tensor in &listing.tensors {
        let (view, style) = match (&tensor.reason, &tensor.view) {
            (Some(reason), _) => {
                let what = match tensor.status {
                    Status::Failed => "unreadable",
                    _ => "skipped",
                };
                (format!("{what}: {reason}"), status_style(tensor.status))
            }
            (None, view) => (view.clone().unwrap_or_default(), Style::new()),
        };
        let row = vec![
            tensor.name.clone(),
            tensor.dtype.clone(),
            shape(&tensor.shape),
            tensor.elements.to_string(),
            view,
        ];
        rows.add(row, style);
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
    format!(
        "{}{}\n{}",
        files.concat(),
        warnings.concat(),
        rows.show(colours)
    )
}

/// A table of one line a row, whose last column is words that may be coloured.
pub(super) struct Rows {
    /// All columns but the last.
    table: Table,
    /// The last column: the heading, then a row each.
    words: Vec<(String, Style)>,
    /// Headings, each before the row of this number, the header's being 0.
    headings: Vec<(usize, String)>,
}

impl Rows {
    /// Columns from `first_number` up to `after_numbers` are aligned to the right.
    pub(super) fn new(header: &[&str], first_number: usize, after_numbers: usize) -> Rows {
        let mut table = Table::new();
        let (last, others) = header.split_last().unwrap_or((&"", &[]));
        table.load_preset(presets::NOTHING).set_header(others);
        for (i, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, 2));
            if (first_number..after_numbers).contains(&i) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        Rows {
            table,
            words: vec![((*last).to_owned(), Style::new().bold())],
            headings: Vec::new(),
        }
    }

    /// Puts `heading` before the next row, unless it is the last one again.
    pub(super) fn head(&mut self, heading: &str) {
        if self.headings.last().is_none_or(|(_, last)| last != heading) {
            self.headings.push((self.words.len(), heading.into()));
        }
    }

    /// Adds a row, its last cell in a style.
    pub(super) fn add(&mut self, mut row: Vec<String>, style: Style) {
        let words = row.pop().unwrap_or_default();
        self.table.add_row(row);
        self.words.push((words, style));
    }

    pub(super) fn show(&self, colours: bool) -> String {
        let mut text = String::new();
        let mut headings = self.headings.iter().peekable();
        for (row, (line, (words, style))) in self.table.lines().zip(&self.words).enumerate() {
            while let Some((_, heading)) = headings.next_if(|(before, _)| *before == row) {
                text += &format!("\n{heading}\n");
            }
            let words = words.trim_end();
            text += &if words.is_empty() {
                format!("{}\n", line.trim_end())
            } else if colours {
                format!("{line}{}\n", style.apply_to(words).force_styling(true))
            } else {
                format!("{line}{words}\n")
            };
        }
        text
    }
}

/// Any table of a few columns, numbers to four digits.
pub fn frame_table(frame: &DataFrame) -> String {
    let mut names: Vec<&str> = frame.columns().iter().map(|c| c.name().as_str()).collect();
    let texts = frame.columns().iter().filter(|c| c.str().is_ok()).count();
    names.push("");
    let mut rows = Rows::new(&names, texts, names.len());
    for row in 0..frame.height() {
        let cell = |column: &Column| match (column.str(), column.f64()) {
            (Ok(texts), _) => texts.get(row).unwrap_or_default().to_string(),
            (_, Ok(numbers)) => significant(numbers.get(row)),
            _ => String::new(),
        };
        let mut cells: Vec<String> = frame.columns().iter().map(cell).collect();
        cells.push(String::new());
        rows.add(cells, Style::new());
    }
    rows.show(false)
}

pub(super) fn status_style(status: Status) -> Style {
    match status {
        Status::Analyzed => Style::new(),
        Status::Skipped => Style::new().dim(),
        Status::Failed => Style::new().red(),
    }
}
