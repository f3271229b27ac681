//! Tables that another program wrote, as the cells of a group.

use super::cell::{Cell, Value, words};
use crate::weights::{escape, plain_reason};
use polars::prelude::{AnyValue, CsvReadOptions, SerReader};
use std::collections::BTreeMap;
use std::path::Path;

/// Most rows of a table.
const MOST_ROWS: usize = 1000;

/// Largest table, in bytes.
const LARGEST: u64 = 16 << 20;

/// A row: its words and whole numbers are variables, and all its numbers can be measured.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TableRow {
    /// What tells it from other rows.
    pub variables: Cell,
    /// The numbers by column.
    pub numbers: BTreeMap<String, f64>,
}

/// The rows of the CSV file at `path`.
///
/// # Errors
///
/// A sentence: no such file, no CSV, two equal rows.
pub(super) fn read_table(path: &Path) -> Result<Vec<TableRow>, String> {
    let name = escape(&path.to_string_lossy());
    let file = std::fs::metadata(path)
        .map_err(|error| format!("{name}: cannot be read: {}", plain_reason(&error)))?;
    if file.len() > LARGEST {
        return Err(format!(
            "{name}: has {} bytes; at most {LARGEST} are read",
            file.len()
        ));
    }
    let text = std::fs::read(path).map_err(|error| format!("{name}: {}", plain_reason(&error)))?;
    let frame = CsvReadOptions::default()
        .with_infer_schema_length(None)
        .into_reader_with_file_handle(std::io::Cursor::new(text))
        .finish()
        .map_err(|error| format!("{name}: is no table: {error}"))?;
    if frame.height() > MOST_ROWS {
        return Err(format!("{name}: has more than {MOST_ROWS} rows"));
    }
    if frame.height() == 0 {
        return Err(format!("{name}: has no rows"));
    }
    let mut rows: Vec<TableRow> = Vec::with_capacity(frame.height());
    for index in 0..frame.height() {
        let mut row = TableRow {
            variables: Cell::new(),
            numbers: BTreeMap::new(),
        };
        for column in frame.columns() {
            let key = column.name().to_string();
            match column.get(index).map_err(|error| error.to_string())? {
                AnyValue::Int64(whole) => {
                    row.numbers.insert(key.clone(), whole as f64);
                    row.variables.insert(key, Value::Whole(whole));
                }
                AnyValue::Float64(number) => {
                    row.numbers.insert(key, number);
                }
                AnyValue::String(word) => {
                    row.variables.insert(key, Value::Word(word.to_owned()));
                }
                AnyValue::StringOwned(word) => {
                    row.variables.insert(key, Value::Word(word.to_string()));
                }
                AnyValue::Null if column.dtype().is_primitive_numeric() => {
                    row.numbers.insert(key, f64::NAN);
                }
                AnyValue::Null => {}
                other => {
                    return Err(format!(
                        "{name}: column {key} holds {other}; numbers and words are read"
                    ));
                }
            }
        }
        if rows
            .iter()
            .any(|earlier| earlier.variables == row.variables)
        {
            return Err(format!("{name}: two rows have {}", words(&row.variables)));
        }
        rows.push(row);
    }
    Ok(rows)
}
