//! `spectra families`: structured families beside one another, error against parameters.

use super::command::{Command, Opened};
use super::observer::Observer;
use super::options::Reading;
use super::output::Delivery;
use super::output_args::{OutputArgs, PictureArgs};
use super::values::{image, share};
use crate::family::dct;
use crate::fit::families::{
    FamilyComparison, FamilyKind, FamilyLayer, FamilySettings, compare_family_sources,
};
use crate::report::{ReportFiles, family_files, family_frame, family_table};
use crate::survey::Progress;
use crate::weights::{Chosen, Source, Status};
use clap::Args;
use polars::prelude::DataFrame;
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
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    pictures: PictureArgs,
}

impl Families {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let opened = Opened::new(self)?;
        opened.check_outputs(self, std::iter::empty())?;
        opened.deliver(self)
    }

    fn settings(&self) -> FamilySettings {
        let defaults = FamilySettings::default();
        let mut budgets = self.budgets.clone();
        budgets.sort_by(f64::total_cmp);
        budgets.dedup();
        let mut families = FamilyKind::all().to_vec();
        families.retain(|family| self.family.contains(family));
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
}

impl Command for Families {
    type Settings = FamilySettings;
    type Row = FamilyLayer;
    type Extra = ();

    const REPORT: &'static str = "families";

    fn shared(&self) -> (&Reading, &OutputArgs) {
        (&self.reading, &self.output)
    }

    fn weights(&self) -> anyhow::Result<Vec<Source>> {
        self.reading.open(&self.paths)
    }

    fn work(&self, opened: &Opened, observer: &dyn Observer) -> anyhow::Result<FamilyComparison> {
        let chosen = opened.chosen(self)?;
        if let Some([height, width]) = self.image {
            let mut views = chosen.iter().filter_map(Chosen::view);
            anyhow::ensure!(
                views.any(|view| dct::fits(view.columns, [height, width])),
                "--image {height}x{width}: no matrix has rows of a multiple of {height}·{width} \
                 entries; spectra inspect lists their shapes"
            );
        }
        let settings = self.settings();
        observer.begin(None);
        let (sources, selection) = (&opened.sources, &opened.selection);
        let show = |progress: Progress<'_>| observer.show(progress);
        Ok(compare_family_sources(sources, selection, &settings, show))
    }

    fn table(&self, found: &FamilyComparison, colours: bool) -> anyhow::Result<String> {
        Ok(family_table(found, colours))
    }

    fn frame(&self, found: &FamilyComparison) -> anyhow::Result<DataFrame> {
        Ok(family_frame(found)?)
    }

    fn report(&self, found: &FamilyComparison) -> anyhow::Result<ReportFiles> {
        let files = family_files(found, self.pictures.pictures)?;
        Ok(self.pictures.counted(files, found.count(Status::Analyzed)))
    }

    fn also(&self, found: &FamilyComparison, delivery: &mut Delivery) {
        if found.rows.iter().any(|row| !row.left_out.is_empty()) {
            delivery.say(
                "spectra: families that take minutes were left out, each with its reason in its row; \
                 --family NAME fits them all the same"
                    .into(),
            );
        }
    }
}
