//! The rows of a record as a file: one JSON object a line.

use super::error::TrainError;
use super::result::Row;
use crate::weights::escape;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

impl Row {
    /// Returns the row as a line of JSON, with its line feed.
    ///
    /// # Panics
    /// Never: all of it has a form in JSON.
    #[must_use]
    pub fn to_line(&self) -> String {
        let json = serde_json::to_string(self).expect("a row has a form in JSON");
        json + "\n"
    }
}

/// Reads the first `count` rows of the file at `path`, all of the first `made` steps. Lines after them, which may
/// be cut short, are not looked at: they are of steps after the checkpoint.
pub(super) fn read_rows(path: &Path, count: usize, made: u64) -> Result<Vec<Row>, TrainError> {
    let wrong = |problem: String| TrainError::Rows {
        path: escape(&path.to_string_lossy()),
        problem,
    };
    if count == 0 {
        return Ok(Vec::new());
    }
    let unread = |cause: std::io::Error| wrong(format!("cannot be read ({cause})"));
    let mut reader = BufReader::new(File::open(path).map_err(unread)?);
    let mut rows: Vec<Row> = Vec::new();
    let mut line = Vec::new();
    while rows.len() < count {
        let number = rows.len() + 1;
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(unread)? == 0 {
            let found = rows.len();
            return Err(wrong(format!(
                "ends after {found} of the {count} rows before the checkpoint"
            )));
        }
        let row: Row = serde_json::from_slice(&line)
            .map_err(|_| wrong(format!("line {number} is damaged or no row of a record")))?;
        if row.iteration > made {
            let iteration = row.iteration;
            return Err(wrong(format!(
                "line {number} is of step {iteration}, but the checkpoint was made after {made}"
            )));
        }
        rows.push(row);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::super::watch::Watched;
    use super::{Row, read_rows};

    fn row(iteration: u64) -> Row {
        Row {
            iteration,
            epoch: 1.0 / 3.0,
            phase: 1,
            loss: Some(0.1 + 0.2),
            training_accuracy: None,
            test_accuracy: Some(f64::NAN),
            test_loss: Some(2.302_585_5),
            rate: 5e-324,
            watched: vec![Watched {
                layer: "one\n".into(),
                variance: f64::INFINITY,
                singular_values: vec![f64::MAX, 1.000_000_000_000_000_2],
            }],
        }
    }

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    /// Catches a number that loses a bit between record and file, and one that is not finite and gets lost.
    #[test]
    fn rows_come_back_to_the_bit() {
        let rows = [row(0), row(10)];
        let text: String = rows.iter().map(Row::to_line).collect();
        let found = read_rows(file(&text).path(), 2, 10).unwrap();
        let again: String = found.iter().map(Row::to_line).collect();
        assert_eq!(again, text);
        assert_eq!(found[0].rate.to_bits(), rows[0].rate.to_bits());
        assert_eq!(found[0].loss, rows[0].loss);
        assert_eq!(
            found[0].watched[0].singular_values,
            rows[0].watched[0].singular_values
        );
    }

    /// Catches damage within the rows that goes unseen, and damage after them that is taken for it.
    #[test]
    fn damage_is_named_where_it_matters() {
        let text = format!("{}{}", row(0).to_line(), row(10).to_line());
        let cut = &text[..text.len() - 9];
        assert_eq!(read_rows(file(cut).path(), 1, 0).unwrap().len(), 1);
        let foreign = format!("{}[1]\n", row(0).to_line());
        for (text, count, made, words) in [
            (cut, 2, 10, "line 2 is damaged"),
            (&text, 3, 10, "ends after 2 of the 3 rows"),
            (&text, 2, 9, "line 2 is of step 10"),
            (&foreign, 2, 10, "line 2 is damaged"),
            ("", 1, 0, "ends after 0"),
        ] {
            let said = read_rows(file(text).path(), count, made)
                .unwrap_err()
                .to_string();
            assert!(said.contains(words) && !said.contains('\n'), "{said}");
        }
    }
}
