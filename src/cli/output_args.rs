//! Options of commands that write a result.

use crate::report::ReportFiles;
use crate::report::plots::PICTURED_LAYERS;
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

/// Form of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For reading on a terminal
    Table,
    /// One document with everything
    Json,
    /// One line a layer
    Jsonl,
    /// A table of one row a layer; of sketches one a layer and k
    Csv,
    /// The same as a Parquet file
    Parquet,
}

/// The form of a result and where it goes.
#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// Form of the result
    #[arg(long, value_enum, default_value_t = Format::Table, help_heading = "Output")]
    format: Format,
    /// The same as --format json
    #[arg(long, conflicts_with = "format", help_heading = "Output")]
    json: bool,
    /// Write the result to FILE instead of standard output
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Write a page, its data and pictures into DIR
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    report: Option<PathBuf>,
}

impl OutputArgs {
    /// Returns the form of the result.
    pub fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }

    /// Returns the file of the result; standard output without one.
    pub fn path(&self) -> Option<&Path> {
        self.output.as_deref()
    }

    /// Returns the folder of a report of this kind, if one is wanted.
    pub fn report(&self, kind: &'static str) -> Option<(&Path, &'static str)> {
        Some((self.report.as_deref()?, kind))
    }
}

/// How many pictures a report has.
#[derive(Debug, Args)]
pub(super) struct PictureArgs {
    /// Matrices that get SVG and PNG pictures in the report
    #[arg(long, value_name = "N", default_value_t = PICTURED_LAYERS, help_heading = "Output")]
    pub pictures: usize,
}

impl PictureArgs {
    /// Returns the files of a report on `matrices` matrices, which has a picture of each that can be drawn, and how many the limit
    /// leaves without one. Below the limit none is missing: a matrix of zeros has nothing to be drawn.
    pub fn counted(&self, files: Vec<(String, Vec<u8>)>, matrices: usize) -> ReportFiles {
        let is_picture = |(name, _): &&(String, Vec<u8>)| name.ends_with(".svg");
        let drawn = files.iter().filter(is_picture).count();
        let is_limited = drawn >= self.pictures;
        ReportFiles {
            files,
            without_picture: if is_limited {
                matrices.saturating_sub(drawn)
            } else {
                0
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Catches more pictures promised of matrices that have nothing to draw, and a limit that is kept secret.
    #[test]
    fn only_the_limit_leaves_pictures_out() {
        let files = |count: usize| {
            (0..count)
                .map(|k| (format!("{k}.svg"), Vec::new()))
                .collect()
        };
        let left_out = |pictures, drawn, matrices| {
            let limit = PictureArgs { pictures };
            limit.counted(files(drawn), matrices).without_picture
        };
        assert_eq!(left_out(10, 2, 3), 0);
        assert_eq!(left_out(2, 2, 5), 3);
        assert_eq!(left_out(0, 0, 5), 5);
        assert_eq!(left_out(5, 5, 5), 0);
    }
}
