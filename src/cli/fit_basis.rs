//! `fit-basis`: a matrix as a product of sums of fixed matrices.

use super::command::{Beside, Command, Opened};
use super::device::DeviceOption;
use super::fit_files::{bundled, read_bases, read_inputs};
use super::fit_values::{EXAMPLES, families, family, stage};
use super::observer::Observer;
use super::options::Reading;
use super::output::Delivery;
use super::output_args::{OutputArgs, PictureArgs};
use super::terminal::note;
use super::values::{at_least_one, image, parsed};
use crate::device::Device;
use crate::fit::product::{
    FitRequest, FitRow, FitSummary, Link, PlannedFits, ProductFits, ProductSettings, Solver, Stage,
};
use crate::operator::basis::{Basis, Given, Image};
use crate::report::{ReportFiles, product_files, product_frame, product_table, write_fit_file};
use crate::weights::{OpenOptions, Source, Status, escape};
use clap::Args;
use polars::prelude::DataFrame;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What the command does.
pub(super) const ABOUT: &str =
    "A matrix as a product of p sums of K fixed matrices, by least squares, in stages";
/// A matrix as a product of p sums of K fixed matrices, by least squares, in stages
#[derive(Debug, Args)]
#[command(about = ABOUT, after_help = EXAMPLES)]
pub(super) struct FitBasis {
    /// Files or folders: .npy, .npz, .safetensors, PyTorch; recognised by content
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Factors of the product (default: 1)
    #[arg(long, value_name = "P", help_heading = "Product")]
    p: Option<usize>,
    /// Terms of a factor: one number for all factors, or one a factor (default: 50)
    #[arg(
        long,
        value_name = "K,...",
        value_delimiter = ',',
        help_heading = "Product"
    )]
    k: Option<Vec<usize>>,
    /// Families of the fixed matrices, one for all factors or one a factor; or a file with arrays
    /// M1 ... Mp, each (K, rows, columns)
    #[arg(long, value_name = "FAMILY,...|FILE", value_delimiter = ',', default_value = "gaussian",
          long_help = families(), help_heading = "Product")]
    basis: Vec<String>,
    /// The first term of every factor is the identity; keeps long products solvable
    #[arg(long, help_heading = "Product")]
    residual: bool,
    /// Sizes between the factors, p - 1 numbers (default: the larger side of W)
    #[arg(
        long,
        value_name = "N,...",
        value_delimiter = ',',
        help_heading = "Product"
    )]
    inner: Vec<usize>,
    /// Size of the images that the inputs are, for the dct family
    #[arg(long, value_name = "HxW", value_parser = image, help_heading = "Product")]
    image: Option<[usize; 2]>,
    /// Function of the coefficients, one for all factors or one a factor
    #[arg(
        long,
        value_enum,
        value_name = "G,...",
        value_delimiter = ',',
        default_value = "identity",
        help_heading = "Product"
    )]
    link: Vec<Link>,
    /// Stages before the last one, each terms of every factor, as 10, or one a factor, as 10/20/20; family:10 changes the family
    #[arg(long, value_name = "K,...", value_delimiter = ',', value_parser = stage, help_heading = "Product")]
    stages: Vec<Stage>,
    /// Fit the activations X Wᵀ of these inputs, one sample a row; half of them are held out
    #[arg(long, value_name = "FILE", help_heading = "Fit")]
    inputs: Option<PathBuf>,
    /// How a product is solved
    #[arg(long, value_enum, default_value_t = Solver::Auto, help_heading = "Fit")]
    solver: Solver,
    /// Random starts of a product, of which the best fit is kept (default: 3, and 1 beyond 3 factors)
    #[arg(long, value_name = "N", value_parser = at_least_one(), help_heading = "Fit")]
    restarts: Option<usize>,
    /// Most iterations of a stage
    #[arg(long, value_name = "N", default_value_t = ProductSettings::default().iterations,
          value_parser = at_least_one(), help_heading = "Fit")]
    iterations: usize,
    /// Gain, relative to what is explained, below which an iteration gained nothing; three end a search
    #[arg(long, value_name = "X", default_value_t = ProductSettings::default().tolerance,
          value_parser = parsed(|x: &f64| (0.0..1.0).contains(x), "a number from 0 to 1"), help_heading = "Fit")]
    tolerance: f64,
    /// Most memory for derivatives and for matrices that are kept, in MiB
    #[arg(long, value_name = "MIB", default_value_t = ProductSettings::default().memory,
          value_parser = at_least_one(), help_heading = "Fit")]
    memory: usize,
    #[command(flatten)]
    device: DeviceOption,
    /// Leave out the fits to the shuffled and to the rotated matrix
    #[arg(long, help_heading = "Fit")]
    no_controls: bool,
    /// Seed of fixed matrices, starts and controls
    #[arg(long, default_value_t = 0, help_heading = "Fit")]
    seed: u64,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    output: OutputArgs,
    /// Write coefficients and seed to FILE (safetensors); spectra rebuild makes the matrices again
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,
    #[command(flatten)]
    pictures: PictureArgs,
}

impl FitBasis {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let opened = Opened::new(self)?;
        opened.check_outputs(self, std::iter::empty())?;
        if self.paths.is_empty() {
            note("fit-basis: no file is named; fitting the bundled MNIST classifier, 10 x 784");
        }
        opened.deliver(self)
    }

    /// What makes the products of large single sums, if not the processor.
    fn sum_device(&self, flops: u64) -> anyhow::Result<(Option<Device<'static>>, Option<String>)> {
        let asked = self.device.gpu();
        if let Some(option) = asked.as_ref().filter(|_| flops == 0) {
            anyhow::bail!(
                "{option}: no fit here is one sum of gaussian or rademacher terms, without --residual, that --memory \
                 cannot hold: take --device cpu"
            );
        }
        self.device.take_once(flops)
    }

    fn settings(&self, given: Option<&[Given]>) -> anyhow::Result<ProductSettings> {
        let families = match given {
            Some(_) => Vec::new(),
            None => {
                let families = self.basis.iter().map(|name| family(name));
                families.collect::<anyhow::Result<_>>()?
            }
        };
        let identities = usize::from(self.residual);
        let terms = match given {
            Some(given) => given
                .iter()
                .map(|basis| basis.terms() + identities)
                .collect(),
            None => self.k.clone().unwrap_or_else(|| vec![50]),
        };
        Ok(ProductSettings {
            factors: given.map_or(self.p.unwrap_or(1), <[Given]>::len),
            terms,
            families,
            residual: self.residual,
            inner: self.inner.clone(),
            image: self.image.map(|[height, width]| Image { height, width }),
            links: self.link.clone(),
            stages: self.stages.clone(),
            solver: self.solver,
            restarts: self.restarts,
            iterations: self.iterations,
            tolerance: self.tolerance,
            memory: self.memory,
            controls: !self.no_controls,
            thresholds: ProductSettings::default().thresholds,
            seed: self.seed,
        })
    }

    /// Opens the file of the user's own matrices, where `--basis` names one and it is not `given`.
    fn basis_file(&self, given: Option<Source>) -> anyhow::Result<Option<Source>> {
        let named = match self.basis.as_slice() {
            [name] if family(name).is_err() && Path::new(name).exists() => Some(Path::new(name)),
            _ => None,
        };
        if named.is_none() && given.is_none() {
            return Ok(None);
        }
        if !self.stages.is_empty() || !self.inner.is_empty() || self.k.is_some() || self.p.is_some()
        {
            anyhow::bail!(
                "--p, --k, --inner and --stages go with families; a basis file has its own"
            );
        }
        let named = named.filter(|_| given.is_none());
        let opened = named.map(|path| Source::open(path, &OpenOptions::default()));
        Ok(opened.transpose()?.or(given))
    }
}

impl Command for FitBasis {
    type Settings = ProductSettings;
    type Row = FitRow;
    type Extra = FitSummary;

    const REPORT: &'static str = "fit";
    const HOLDS: &'static str = "the best fit so far";

    fn shared(&self) -> (&Reading, &OutputArgs) {
        (&self.reading, &self.output)
    }

    fn weights(&self) -> anyhow::Result<Vec<Source>> {
        if self.paths.is_empty() {
            Ok(vec![bundled()?])
        } else {
            self.reading.open(&self.paths)
        }
    }

    fn beside(&self, given: Beside) -> anyhow::Result<Beside> {
        let path = self.inputs.as_deref();
        let path = path.filter(|_| given.inputs.is_none());
        let inputs = path.map(|path| Source::open(path, &OpenOptions::default()));
        Ok(Beside {
            basis: self.basis_file(given.basis)?,
            inputs: inputs.transpose()?.or(given.inputs),
        })
    }

    fn work(&self, opened: &Opened, observer: &dyn Observer) -> anyhow::Result<ProductFits> {
        let Beside { basis, inputs } = &opened.beside;
        let given = basis.as_ref().map(read_bases).transpose()?;
        let settings = self.settings(given.as_deref())?;
        opened.chosen(self)?;
        let read = inputs.as_ref().map(|source| read_inputs(source, self.seed));
        let read = read.transpose()?;
        let request = FitRequest {
            settings: &settings,
            basis: given.as_deref(),
            inputs: read.as_ref(),
        };
        let planned = PlannedFits::new(&opened.sources, &opened.selection, request)?;
        let (device, remark) = self.sum_device(planned.device_flops())?;
        observer.begin(remark.as_deref());
        let mut fits = planned.fit(device, |progress| observer.show(progress));
        fits.extra.basis_file = basis.as_ref().map(|source| shown(source.path()));
        fits.extra.inputs_file = inputs.as_ref().map(|source| shown(source.path()));
        Ok(fits)
    }

    fn fit_file(&self, fits: &ProductFits) -> Option<anyhow::Result<Vec<u8>>> {
        fits.distance.is_some().then(|| write_fit_file(fits))
    }

    fn files(&self) -> Vec<(&'static str, Option<&Path>)> {
        vec![
            ("--output", self.output.path()),
            ("--out", self.out.as_deref()),
        ]
    }

    fn table(&self, fits: &ProductFits, colours: bool) -> anyhow::Result<String> {
        Ok(product_table(fits, colours))
    }

    fn frame(&self, fits: &ProductFits) -> anyhow::Result<DataFrame> {
        Ok(product_frame(fits)?)
    }

    fn report(&self, fits: &ProductFits) -> anyhow::Result<ReportFiles> {
        product_files(fits, self.pictures.pictures)
    }

    fn also(&self, fits: &ProductFits, delivery: &mut Delivery) {
        let Some(path) = self.out.as_deref() else {
            return;
        };
        if let Some(file) = self.fit_file(fits) {
            delivery.file(file, path);
        } else {
            let path = shown(path);
            delivery.say(format!("spectra: {path} is not written: there is no fit"));
        }
    }

    fn verify(&self, fits: &ProductFits) -> anyhow::Result<()> {
        anyhow::ensure!(
            fits.distance.is_some() || fits.count(Status::Failed) > 0,
            "no tensor is a matrix; the rows say why"
        );
        Ok(())
    }
}

fn shown(path: &Path) -> String {
    escape(&path.to_string_lossy())
}
