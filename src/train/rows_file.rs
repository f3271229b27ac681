//! The file of a run's rows while it grows.

use super::result::Row;
use crate::weights::write_file;
use std::fs::{File, OpenOptions};
use std::io::{Error, Write};
use std::path::Path;

/// The file `rows.jsonl` in a run's folder, to which rows are added as they are made.
#[derive(Debug)]
pub struct RowsFile {
    file: File,
}

impl RowsFile {
    /// The name in the folder.
    pub const NAME: &str = "rows.jsonl";

    /// Begins the file in `folder` with these rows, whatever it held before: the rows of steps that are made again
    /// are cut off.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn begin(folder: &Path, rows: &[Row]) -> Result<RowsFile, Error> {
        let path = folder.join(RowsFile::NAME);
        let lines: String = rows.iter().map(Row::to_line).collect();
        write_file(&path, lines.as_bytes())?;
        let file = OpenOptions::new().append(true).open(&path)?;
        Ok(RowsFile { file })
    }

    /// Adds a row. It is on the disk when this returns, so that no checkpoint comes before its rows.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn add(&mut self, row: &Row) -> Result<(), Error> {
        self.file.write_all(row.to_line().as_bytes())?;
        self.file.sync_data()
    }
}

#[cfg(test)]
mod tests {
    use super::RowsFile;
    use crate::train::Row;

    /// Catches rows of steps that are made again and stay, and rows that are lost when the file is taken up.
    #[test]
    fn a_file_goes_on_after_its_first_rows() {
        let folder = tempfile::tempdir().unwrap();
        let row = |iteration| Row {
            iteration,
            epoch: 0.5,
            phase: 1,
            loss: None,
            training_accuracy: None,
            test_accuracy: None,
            test_loss: None,
            rate: 0.1,
            watched: Vec::new(),
        };
        let mut file = RowsFile::begin(folder.path(), &[]).unwrap();
        (0..3).for_each(|iteration| file.add(&row(iteration)).unwrap());
        let mut file = RowsFile::begin(folder.path(), &[row(0)]).unwrap();
        file.add(&row(7)).unwrap();
        let text = std::fs::read_to_string(folder.path().join("rows.jsonl")).unwrap();
        assert_eq!(text, row(0).to_line() + &row(7).to_line());
    }
}
