//! `spectra families`: structured families beside one another, error against parameters.

use super::options::Reading;
use super::output::{Delivery, Extent, Format, Outputs, ended, files_of, name_failures};
use super::progress::Bar;
use super::terminal::{colours, warn};
use crate::fit::families::{
    FamilyComparison, FamilyKind, FamilySettings, compare_family_sources, dct,
};
use crate::report::plots::PICTURED_LAYERS;
use crate::report::{
    csv, family_files, family_frame, family_table, parquet, to_json, to_json_lines,
};
use crate::survey::Progress;
use crate::weights::{Chosen, Status};
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

/// Structured families beside one another: error against parameters
#[derive(Debug, Args)]
#[command(after_help = "\
Each family is fitted to the matrix W, to its entries in some 20 random orders (fewer where a fit is expensive), and
to W rotated at the same spectrum. What beats as many random terms and the shuffled entries on W but no longer after
the rotation has found coordinates that matter; what keeps its gain has found low rank. A family whose fit would take
minutes is left out, and the row says so; --family fits it all the same.

Examples:
  spectra families weights.npy
  spectra families mnist.npy --image 28x28 --report out
  spectra families model.safetensors --family low-rank,dct,monarch --budgets 1/100,1/10 --json")]
pub(super) struct Families {
    /// Files or folders: .npy, .npz, .safetensors, PyTorch; recognised by content
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// Parameters allowed, as shares of a matrix's entries (default: 1/64,1/32,1/16,1/8,1/4,1/2)
    #[arg(long, value_name = "SHARE", value_delimiter = ',', value_parser = share,
          help_heading = "Families")]
    budgets: Vec<f64>,
    /// Only these families, however long they take (default: all that take no minutes)
    #[arg(
        long,
        value_name = "NAME",
        value_enum,
        value_delimiter = ',',
        help_heading = "Families"
    )]
    family: Vec<FamilyKind>,
    /// Rows of W are images of this size: the DCT is of each image instead of W
    #[arg(long, value_name = "HxW", value_parser = image, help_heading = "Families")]
    image: Option<[usize; 2]>,
    /// Seed of the shuffles, the rotation, the searches, the hash and the sketches
    #[arg(long, default_value_t = 0, help_heading = "Families")]
    seed: u64,
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
    /// Matrices that get SVG and PNG pictures in the report
    #[arg(long, value_name = "N", default_value_t = PICTURED_LAYERS, help_heading = "Output")]
    pictures: usize,
}

impl Families {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let selection = self.reading.selection()?;
        let sources = self.reading.open(&self.paths)?;
        let output = self.output.as_deref();
        let report = self.report.as_deref().map(|folder| (folder, "families"));
        let outputs = Outputs {
            files: &[("--output", output)],
            report,
        };
        outputs.check(files_of(&sources))?;
        let chosen = Chosen::all(&sources, &selection);
        if chosen.is_empty() {
            return Err(self.reading.nothing(&sources));
        }
        if let Some([height, width]) = self.image {
            let mut views = chosen.iter().filter_map(Chosen::view);
            let fits = views.any(|view| dct::fits(view.columns, [height, width]));
            anyhow::ensure!(
                fits,
                "--image {height}x{width}: no matrix has rows of a multiple of {height}·{width} \
                 entries; spectra inspect lists their shapes"
            );
        }
        let bar = Bar::new();
        let found = compare_family_sources(&sources, &selection, &self.settings(), |p| {
            bar.show(Progress {
                done: p.done,
                total: p.total,
                tensor: p.tensor,
                detail: "",
            })
        });
        bar.finish();
        self.reading.name_guesses(&sources, &selection);
        warn(&found.warnings);
        let count = |status| found.rows.iter().filter(|l| l.status == status).count();
        let (held, failed) = (count(Status::Analyzed), count(Status::Failed));
        let mut delivery = Delivery::new(Extent::of(!found.complete, held, failed));
        if let Some(report) = report {
            delivery.report(family_files(&found, self.pictures), report);
        }
        delivery.result(self.formatted(&found), output);
        if found.rows.iter().any(|layer| !layer.left_out.is_empty()) {
            delivery.say(
                "spectra: families that take minutes were left out, each with its reason in its row; \
                 --family NAME fits them all the same"
                    .into(),
            );
        }
        delivery.end()?;
        self.code(&found)
    }

    fn settings(&self) -> FamilySettings {
        let defaults = FamilySettings::default();
        let mut budgets = self.budgets.clone();
        budgets.sort_by(f64::total_cmp);
        budgets.dedup();
        let mut families = self.family.clone();
        families.sort_unstable();
        families.dedup();
        FamilySettings {
            seed: self.seed,
            budgets: if budgets.is_empty() {
                defaults.budgets
            } else {
                budgets
            },
            operations: defaults.operations.filter(|_| families.is_empty()),
            families: if families.is_empty() {
                defaults.families
            } else {
                families
            },
            image: self.image,
            ..FamilySettings::default()
        }
    }

    fn formatted(&self, found: &FamilyComparison) -> anyhow::Result<Vec<u8>> {
        let format = if self.json { Format::Json } else { self.format };
        Ok(match format {
            Format::Table => family_table(found, colours(self.output.as_deref())).into_bytes(),
            Format::Json => to_json(found)?.into_bytes(),
            Format::Jsonl => to_json_lines(&found.rows)?.into_bytes(),
            Format::Csv => csv(family_frame(found)?)?,
            Format::Parquet => parquet(family_frame(found)?)?,
        })
    }

    fn code(&self, found: &FamilyComparison) -> anyhow::Result<ExitCode> {
        let failed = found.rows.iter().filter(|l| l.status == Status::Failed);
        let failed = name_failures(
            failed.map(|row| (row.file.as_str(), row.name.as_str(), row.reason.as_deref())),
        );
        if !found.complete {
            anyhow::bail!(
                "interrupted: the result holds the tensors that were finished; run again for all"
            );
        }
        Ok(ended(failed, self.reading.keep_going))
    }
}

/// `1/64`, `0.1` or `10%`.
fn share(text: &str) -> Result<f64, String> {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    let share = match (text.split_once('/'), text.strip_suffix('%')) {
        (Some((above, below)), _) => number(above).zip(number(below)).map(|(a, b)| a / b),
        (None, Some(percent)) => number(percent).map(|x| x / 100.0),
        (None, None) => number(text),
    };
    match share {
        Some(share) if share > 0.0 && share <= 1.0 => Ok(share),
        _ => Err("a share above 0 and at most 1 is needed, as 1/64, 0.1 or 10%".into()),
    }
}

/// `28x28`.
fn image(text: &str) -> Result<[usize; 2], String> {
    let size = |text: &str| text.parse::<usize>().ok().filter(|&size| size > 0);
    let sizes = text.split_once('x').and_then(|(h, w)| size(h).zip(size(w)));
    let sizes = sizes.filter(|(h, w)| h.checked_mul(*w).is_some());
    let (height, width) = sizes.ok_or("height and width are needed, as 28x28")?;
    Ok([height, width])
}

impl ValueEnum for FamilyKind {
    fn value_variants<'a>() -> &'a [Self] {
        &FamilyKind::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let value = |name, help| Some(PossibleValue::new(name).help(help));
        match self {
            FamilyKind::LowRank => value("low-rank", "Truncated singular value decomposition"),
            FamilyKind::BlockDiagonal => value("block-diagonal", "Contiguous equal blocks"),
            FamilyKind::PermutedBlocks => value(
                "permuted-blocks",
                "Equal blocks after a search for permutations of rows and columns",
            ),
            FamilyKind::BlockCirculant => value("block-circulant", "Square circulant blocks"),
            FamilyKind::BlockToeplitz => value("block-toeplitz", "Square Toeplitz blocks"),
            FamilyKind::Dct => value(
                "dct",
                "First coefficients of the two-dimensional cosine transform, by i + j",
            ),
            FamilyKind::Kronecker => value("kronecker", "Sums of Kronecker products"),
            FamilyKind::Monarch => value("monarch", "Blocks of rank one after a fixed permutation"),
            FamilyKind::Butterfly => value(
                "butterfly",
                "Products of log2 n sparse factors, two entries a row",
            ),
            FamilyKind::Hashed => value("hashed", "Entries that share parameters by a hash"),
            FamilyKind::Sketch => value("sketch", "Best fit from sketches of rows and columns"),
            FamilyKind::RandomSubspace => {
                value("random-subspace", "Dense Gaussian terms, in expectation")
            }
        }
    }
}
