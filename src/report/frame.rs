//! Tables that leave the program, as CSV or Parquet.

use crate::weights::Status;
use polars::prelude::{
    ChunkApply, Column, CsvWriter, DataFrame, DataType, IntoColumn, NamedFrom, ParquetWriter,
    PolarsResult, SerWriter, Series,
};
use serde::Serialize;
use std::borrow::Cow;

/// Returns a column of numbers; what is not finite is null.
pub(super) fn numbers(name: &str, values: impl Iterator<Item = Option<f64>>) -> Column {
    let values: Vec<Option<f64>> = values.map(|x| x.filter(|x| x.is_finite())).collect();
    Column::from(Series::new(name.into(), values))
}

/// Returns a column of counts.
pub(super) fn counts(name: &str, values: impl Iterator<Item = Option<u64>>) -> Column {
    let values: Vec<Option<u64>> = values.collect();
    Column::from(Series::new(name.into(), values))
}

/// Returns a column of words.
pub(super) fn texts(name: &str, values: impl Iterator<Item = Option<String>>) -> Column {
    let values: Vec<Option<String>> = values.collect();
    Column::from(Series::new(name.into(), values))
}

/// Returns the name that a choice has in JSON.
pub(super) fn key<T: Serialize>(choice: &T) -> Option<String> {
    let value = serde_json::to_value(choice).ok()?;
    value.as_str().map(str::to_owned)
}

/// `500x800`.
pub(super) fn shape(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    sizes.join("x")
}

pub(super) fn status(status: Status) -> &'static str {
    match status {
        Status::Analyzed => "analyzed",
        Status::Skipped => "skipped",
        Status::Failed => "failed",
    }
}

/// Writes a table as comma-separated values with a header line. A text that a spreadsheet would take for a formula gets
/// an apostrophe before it.
///
/// # Errors
///
/// Polars' own.
pub fn csv(mut frame: DataFrame) -> PolarsResult<Vec<u8>> {
    for name in frame.get_column_names_owned() {
        let column = frame.column(&name)?;
        if *column.dtype() == DataType::String {
            let inert = column.str()?.apply(|text| text.map(inert));
            frame.replace(&name, inert.into_column())?;
        }
    }
    let mut bytes = Vec::new();
    CsvWriter::new(&mut bytes).finish(&mut frame)?;
    Ok(bytes)
}

/// A text that no spreadsheet computes.
fn inert(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// As a Parquet file.
///
/// # Errors
///
/// Polars' own.
pub fn parquet(mut frame: DataFrame) -> PolarsResult<Vec<u8>> {
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::csv;
    use polars::prelude::{Column, DataFrame};

    /// Catches a name that a spreadsheet computes when it opens the table, and a negative number that is made text.
    #[test]
    fn texts_are_no_formulas() {
        let names = ["=1+1", "+a", "-a", "@a", "a=b", ""];
        let numbers = [-1.5, 2.0, 3.0, 4.0, 5.0, 6.0];
        let columns = vec![
            Column::new("name".into(), names),
            Column::new("number".into(), numbers),
        ];
        let frame = DataFrame::new(names.len(), columns).unwrap();
        let text = String::from_utf8(csv(frame).unwrap()).unwrap();
        let first: Vec<&str> = text
            .lines()
            .map(|line| line.split(',').next().unwrap())
            .collect();
        assert_eq!(first[..6], ["name", "'=1+1", "'+a", "'-a", "'@a", "a=b"]);
        assert!(text.lines().nth(1).unwrap().ends_with(",-1.5"), "{text}");
    }
}
