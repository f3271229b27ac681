//! `fit-basis`: a matrix as a product of sums of fixed matrices.

use super::device::DeviceOption;
use super::fit_values::{at_least_one, families, family, image, stage, tolerance};
use super::options::Reading;
use super::output::{Delivery, Extent, Format, Outputs, ended, files_of, name_failures};
use super::progress::Bar;
use super::terminal::{colours, note, warn};
use crate::fit::product::{
    FitRequest, Inputs, Link, PlannedFits, ProductFits, ProductSettings, Solver, Stage, SumDevice,
    given_bases, input_matrix,
};
use crate::operator::basis::{Basis, Given, Image};
use crate::report::plots::PICTURED_LAYERS;
use crate::report::{
    csv, parquet, product_files, product_frame, product_table, to_json, to_json_lines,
    write_fit_file,
};
use crate::weights::{OpenOptions, Source, Status, escape};
use anyhow::Context;
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What the command does.
pub(super) const ABOUT: &str =
    "A matrix as a product of p sums of K fixed matrices, by least squares, in stages";
/// What stands below its options.
pub(super) const EXAMPLES: &str = "\
W ≈ F₁ F₂ … F_p, F_j = Σ g(a_jk) M_jk, with matrices M_jk made from a seed and coefficients a fitted
(Wu 2018). Without a PATH the bundled classifier is fitted.

With --device a GPU makes the products of one sum of gaussian or rademacher terms that --memory
cannot hold, in single precision; the processor refines the solution by its residual in double
precision, and the result says how often and what is left of the gradient. All else is done by the
processor: sums that it can hold are solved outright, products of sums in double precision.

Examples:
  fit-basis --p 10 --k 50
  fit-basis --k 790 --basis dct --image 28x28 weights.npy
  fit-basis --p 2 --k 40 --stages 10,20 --report out
  fit-basis --p 3 --k 40 --stages 10,20 model.safetensors --tensor 'fc1.*' --out fit.safetensors
  fit-basis --p 10 --k 50 --residual weights.npy --json
  fit-basis --k 100 weights.npy --inputs activations.npy";

/// The fixture that is fitted when no file is named.
const BUNDLED: &[u8] = include_bytes!("../../fixtures/mnist-linear.npy");
const BUNDLED_NAME: &str = "mnist-linear.npy";

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
    image: Option<Image>,
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
    #[arg(long, value_name = "N", value_parser = at_least_one, help_heading = "Fit")]
    restarts: Option<usize>,
    /// Most iterations of a stage
    #[arg(long, value_name = "N", default_value_t = ProductSettings::default().iterations,
          value_parser = at_least_one, help_heading = "Fit")]
    iterations: usize,
    /// Gain, relative to what is explained, below which an iteration gained nothing; three end a search
    #[arg(long, value_name = "X", default_value_t = ProductSettings::default().tolerance,
          value_parser = tolerance, help_heading = "Fit")]
    tolerance: f64,
    /// Most memory for derivatives and for matrices that are kept, in MiB
    #[arg(long, value_name = "MIB", default_value_t = ProductSettings::default().memory,
          value_parser = at_least_one, help_heading = "Fit")]
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
    /// Form of the result
    #[arg(long, value_enum, default_value_t = Format::Table, help_heading = "Output")]
    format: Format,
    /// The same as --format json
    #[arg(long, conflicts_with = "format", help_heading = "Output")]
    json: bool,
    /// Write the result to FILE instead of standard output
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Write coefficients and seed to FILE (safetensors); spectra rebuild makes the matrices again
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,
    /// Write a page, its data and pictures into DIR
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    report: Option<PathBuf>,
    /// Matrices that get SVG and PNG pictures in the report
    #[arg(long, value_name = "N", default_value_t = PICTURED_LAYERS, help_heading = "Output")]
    pictures: usize,
}

impl FitBasis {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let selection = self.reading.selection()?;
        let sources = match self.paths.is_empty() {
            true => vec![bundled()?],
            false => self.reading.open(&self.paths)?,
        };
        let basis = self.basis_file()?;
        let (basis, given) = match &basis {
            Some(source) => (basis.as_slice(), Some(read_bases(source)?)),
            None => (&[][..], None),
        };
        let given = given.as_deref();
        let settings = self.settings(given)?;
        let inputs = self.inputs.as_deref();
        let inputs = inputs
            .map(|path| Source::open(path, &OpenOptions::default()))
            .transpose()?;
        let (output, out) = (self.output.as_deref(), self.out.as_deref());
        let report = self.report.as_deref().map(|folder| (folder, "fit"));
        let outputs = Outputs {
            files: &[("--output", output), ("--out", out)],
            report,
        };
        let others = files_of(basis).chain(files_of(inputs.as_slice()));
        outputs.check(files_of(&sources).chain(others))?;
        let inputs = inputs
            .as_ref()
            .map(|source| self.read_inputs(source))
            .transpose()?;
        if self.paths.is_empty() {
            note("fit-basis: no file is named; fitting the bundled MNIST classifier, 10 x 784");
        }
        let bar = Bar::new();
        let request = FitRequest {
            settings: &settings,
            basis: given,
            inputs: inputs.as_ref(),
        };
        let planned = PlannedFits::new(&sources, &selection, request)?;
        let device = self.sum_device(planned.device_flops())?;
        let mut fits = planned.fit(device, |p| bar.show(p));
        bar.finish();
        self.reading.name_guesses(&sources, &selection);
        let shown = |path: &Path| escape(&path.to_string_lossy());
        fits.extra.basis_file = basis.first().map(|source| shown(source.path()));
        fits.extra.inputs_file = self.inputs.as_deref().map(shown);
        warn(&fits.warnings);
        if fits.rows.is_empty() && fits.complete {
            return Err(self.reading.nothing(&sources));
        }
        let count = |status| fits.rows.iter().filter(|f| f.status == status).count();
        let (held, failed) = (count(Status::Analyzed), count(Status::Failed));
        let mut delivery = Delivery::new(Extent::of(!fits.complete, held, failed));
        if let Some(path) = out.filter(|_| held > 0) {
            delivery.file(write_fit_file(&fits), path);
        } else if let Some(path) = out {
            let path = shown(path);
            delivery.say(format!("spectra: {path} is not written: there is no fit"));
        }
        if let Some(report) = report {
            let files = product_files(&fits, self.pictures);
            let without = files.as_ref().map_or(0, |files| files.without_picture);
            if delivery.report(files.map(|files| files.files), report) && without > 0 {
                delivery.say(format!(
                    "spectra: {without} matrices have no picture; --pictures N draws more"
                ));
            }
        }
        delivery.result(self.formatted(&fits), output);
        delivery.end()?;
        self.code(&fits, bar.interrupted())
    }

    /// What makes the products of large single sums, if not the processor.
    fn sum_device(&self, flops: u64) -> anyhow::Result<Option<SumDevice<'static>>> {
        let asked = self.device.gpu();
        if let Some(option) = asked.as_ref().filter(|_| flops == 0) {
            anyhow::bail!(
                "{option}: no fit here is one sum of gaussian or rademacher terms, without --residual, that --memory \
                 cannot hold: take --device cpu"
            );
        }
        let (taken, said) = self.device.take_once(flops)?;
        said.iter().for_each(|line| note(line));
        Ok(taken
            .exec()
            .map(|(name, exec)| SumDevice::new(&name, exec, asked.is_some())))
    }

    fn settings(&self, given: Option<&[Given]>) -> anyhow::Result<ProductSettings> {
        let families = match given {
            Some(_) => Vec::new(),
            None => self
                .basis
                .iter()
                .map(|name| family(name))
                .collect::<anyhow::Result<_>>()?,
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
            image: self.image,
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

    /// The file of the user's own matrices, where `--basis` names one.
    fn basis_file(&self) -> anyhow::Result<Option<Source>> {
        let [name] = self.basis.as_slice() else {
            return Ok(None);
        };
        let path = Path::new(name);
        if family(name).is_ok() || !path.exists() {
            return Ok(None);
        }
        if !self.stages.is_empty() || !self.inner.is_empty() || self.k.is_some() || self.p.is_some()
        {
            anyhow::bail!(
                "--p, --k, --inner and --stages go with families; a basis file has its own"
            );
        }
        Ok(Some(Source::open(path, &OpenOptions::default())?))
    }

    fn read_inputs(&self, source: &Source) -> anyhow::Result<Inputs> {
        let matrix = input_matrix(source)
            .map_err(anyhow::Error::msg)
            .with_context(|| escape(&source.path().to_string_lossy()))?;
        Ok(Inputs::new(matrix.as_ref(), self.seed)?)
    }

    fn formatted(&self, fits: &ProductFits) -> anyhow::Result<Vec<u8>> {
        Ok(match if self.json { Format::Json } else { self.format } {
            Format::Table => product_table(fits, colours(self.output.as_deref())).into_bytes(),
            Format::Json => to_json(fits)?.into_bytes(),
            Format::Jsonl => to_json_lines(&fits.rows)?.into_bytes(),
            Format::Csv => csv(product_frame(fits)?)?,
            Format::Parquet => parquet(product_frame(fits)?)?,
        })
    }

    fn code(&self, fits: &ProductFits, interrupted: bool) -> anyhow::Result<ExitCode> {
        let failed = fits.rows.iter().filter(|row| row.status == Status::Failed);
        let failed = name_failures(
            failed.map(|row| (row.file.as_str(), row.name.as_str(), row.reason.as_deref())),
        );
        if interrupted && !fits.complete {
            anyhow::bail!("interrupted: the result holds the best fit so far; run again for all");
        }
        if fits.distance.is_none() && failed == 0 {
            anyhow::bail!("no tensor is a matrix; the rows say why");
        }
        Ok(ended(failed, self.reading.keep_going))
    }
}

/// Reads the arrays M1 … Mp of a file.
pub(super) fn read_bases(source: &Source) -> anyhow::Result<Vec<Given>> {
    given_bases(source)
        .map_err(anyhow::Error::msg)
        .with_context(|| escape(&source.path().to_string_lossy()))
}

fn bundled() -> anyhow::Result<Source> {
    Ok(Source::of_bytes(Path::new(BUNDLED_NAME), BUNDLED)?)
}
