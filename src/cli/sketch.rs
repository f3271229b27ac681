//! `spectra sketch`: what a random sketch of a layer costs in variance.

use super::device::DeviceOption;
use super::options::Reading;
use super::output::{Delivery, Extent, Format, Outputs, ended, files_of, name_failures};
use super::progress::Bar;
use super::sketch_values::{image, padding, relative, rows_of_sketches, share, stride, trials};
use super::terminal::{colours, note, warn};
use crate::operator::Kernel;
use crate::report::plots::PICTURED_LAYERS;
use crate::report::{
    csv, parquet, sketch_files, sketch_frame, sketch_table, sketches_to_json,
    sketches_to_json_lines,
};
use crate::sketch::{
    Ensemble, SketchInputs, SketchRun, SketchSettings, TrialDevice, sketch_sources, trial_flops,
};
use crate::survey::Progress;
use crate::weights::{Chosen, FileIdentity, NonFinite, Selection, Source, Status, escape};
use anyhow::Context;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Operations of a layer's trials that are done before a GPU has made a plan ready.
const SMALL: u64 = 500_000_000;

/// What a random sketch of a layer costs in variance: exact, bounded, measured
#[derive(Debug, Args)]
#[command(after_help = "\
The layer W is estimated by U₁ᵀU₁W (mode 1), by WU₂ᵀU₂ (mode 2) and by the mean of l pairs of
both, U random with k rows. Without --inputs the numbers are expectations over independent inputs
of variance 1.

With --device a GPU draws the trials of sign and gaussian sketches in single precision, many of them
a submission; hadamard and count sketches are drawn by the processor. The first trials, three or one
of a hundred, are drawn again by the processor in double precision, and the result says by how much
they differ; more than single precision explains is a failure.

Examples:
  spectra sketch weights.npy --k 64 --l 2
  spectra sketch model.safetensors --tensor ip1.weight --inputs activations.npy --target 0.05
  spectra sketch model.safetensors --tensor 'conv*' --image 28x28 --padding 2 --report out
  spectra sketch weights.npy --sweep 8,16,32,64,128 --ensemble hadamard --json
  spectra sketch model.safetensors --k 256 --trials 10000 --device gpu")]
pub(super) struct SketchCommand {
    /// Files or folders: .npy, .npz, .safetensors, PyTorch; recognised by content
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// Rows of a sketch
    #[arg(long, value_name = "N", default_value_t = SketchSettings::default().k,
          value_parser = rows_of_sketches, help_heading = "Sketches")]
    k: usize,
    /// Pairs of sketches that are averaged
    #[arg(long, value_name = "N", default_value_t = SketchSettings::default().l,
          value_parser = rows_of_sketches, help_heading = "Sketches")]
    l: usize,
    /// Law of the sketches
    #[arg(long, value_enum, default_value_t = Ensemble::Sign, help_heading = "Sketches")]
    ensemble: Ensemble,
    /// Seed of every draw
    #[arg(long, default_value_t = 0, help_heading = "Sketches")]
    seed: u64,
    /// Draws of the measurement, 0 for none
    #[arg(long, value_name = "N", default_value_t = SketchSettings::default().trials,
          value_parser = trials, help_heading = "Questions")]
    trials: usize,
    #[command(flatten)]
    device: DeviceOption,
    /// Confidence of the intervals
    #[arg(long, value_name = "SHARE", default_value_t = SketchSettings::default().confidence,
          value_parser = share, help_heading = "Questions")]
    confidence: f64,
    /// Which k reaches this relative error, and at what cost
    #[arg(long, value_name = "ERROR", value_parser = relative, help_heading = "Questions")]
    target: Option<f64>,
    /// How likely is a larger relative error (default: twice the root-mean-square error)
    #[arg(long, value_name = "ERROR", value_parser = relative, help_heading = "Questions")]
    deviation: Option<f64>,
    /// Measure at these k too (default: closed forms at powers of two)
    #[arg(long, value_name = "K", value_delimiter = ',', value_parser = rows_of_sketches,
          help_heading = "Questions")]
    sweep: Vec<usize>,
    /// Activations that reach the layer, one sample a row; images (N, C, H, W) for a convolution
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "image",
        help_heading = "Inputs"
    )]
    inputs: Option<PathBuf>,
    /// Size of the images that convolutions meet
    #[arg(long, value_name = "HxW", value_parser = image, help_heading = "Inputs")]
    image: Option<[usize; 2]>,
    /// Step of convolutions
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = stride,
          help_heading = "Inputs")]
    stride: usize,
    /// Zeros around images
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = padding,
          help_heading = "Inputs")]
    padding: usize,
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

impl SketchCommand {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let selection = self.reading.selection()?;
        let sources = self.reading.open(&self.paths)?;
        let output = self.output.as_deref();
        let report = self.report.as_deref().map(|folder| (folder, "sketch"));
        let outputs = Outputs {
            files: &[("--output", output)],
            report,
        };
        let inputs = self.inputs.as_deref();
        let inputs = inputs
            .map(|path| Source::open(path, &self.reading.options()))
            .transpose()?;
        outputs.check(files_of(&sources).chain(files_of(inputs.as_slice())))?;
        if Chosen::all(&sources, &selection).is_empty() {
            return Err(self.reading.nothing(&sources));
        }
        self.meets_convolutions(&sources, &selection)?;
        let inputs = inputs.as_ref().map(read_inputs).transpose()?;
        let settings = self.settings();
        let device = self.trial_device(&sources, &selection, &settings)?;
        let bar = Bar::new();
        let run = sketch_sources(
            &sources,
            &selection,
            &settings,
            inputs.as_ref(),
            device,
            |p| {
                bar.show(Progress {
                    done: p.done,
                    total: p.total,
                    tensor: p.tensor,
                    detail: "",
                })
            },
        );
        bar.finish();
        self.reading.name_guesses(&sources, &selection);
        warn(&run.warnings);
        let count = |status| run.rows.iter().filter(|l| l.status == status).count();
        let (held, failed) = (count(Status::Analyzed), count(Status::Failed));
        let mut delivery = Delivery::new(Extent::of(!run.complete, held, failed));
        if let Some(report) = report {
            delivery.report(sketch_files(&run, self.pictures), report);
        }
        delivery.result(self.formatted(&run), output);
        delivery.end()?;
        self.code(&run)
    }

    /// What draws the trials, if not the processor.
    fn trial_device(
        &self,
        sources: &[Source],
        selection: &Selection,
        settings: &SketchSettings,
    ) -> anyhow::Result<Option<TrialDevice<'static>>> {
        let asked = self.device.gpu();
        let planned = self.ensemble.has_plan();
        if let Some(option) = asked.as_ref().filter(|_| !planned) {
            let name = self.ensemble.name();
            anyhow::bail!(
                "{option}: trials of {name} sketches run on the processor only: take --device cpu, or --ensemble sign \
                 or gaussian"
            );
        }
        let flops = match planned {
            true => trial_flops(sources, selection, settings),
            false => 0,
        };
        let (taken, said) = self.device.take_once(flops)?;
        said.iter().for_each(|line| note(line));
        Ok(taken.exec().map(|(name, exec)| {
            let device = TrialDevice::new(&name, exec);
            match asked {
                Some(_) => device,
                None => device.where_it_pays(SMALL),
            }
        }))
    }

    fn settings(&self) -> SketchSettings {
        let mut sweep = self.sweep.clone();
        sweep.sort_unstable();
        sweep.dedup();
        SketchSettings {
            ensemble: self.ensemble,
            k: self.k,
            l: self.l,
            trials: self.trials,
            seed: self.seed,
            confidence: self.confidence,
            deviation: self.deviation,
            target: self.target,
            sweep,
            image: self.image,
            stride: self.stride,
            padding: self.padding,
            ..SketchSettings::default()
        }
    }

    fn formatted(&self, run: &SketchRun) -> anyhow::Result<Vec<u8>> {
        let format = if self.json { Format::Json } else { self.format };
        Ok(match format {
            Format::Table => sketch_table(run, colours(self.output.as_deref())).into_bytes(),
            Format::Json => sketches_to_json(run)?.into_bytes(),
            Format::Jsonl => sketches_to_json_lines(run)?.into_bytes(),
            Format::Csv => csv(sketch_frame(run)?)?,
            Format::Parquet => parquet(sketch_frame(run)?)?,
        })
    }

    fn code(&self, run: &SketchRun) -> anyhow::Result<ExitCode> {
        let failed = run.rows.iter().filter(|l| l.status == Status::Failed);
        let failed = name_failures(
            failed.map(|row| (row.file.as_str(), row.name.as_str(), row.reason.as_deref())),
        );
        if !run.complete {
            anyhow::bail!("interrupted: the result holds what was drawn; run again for all");
        }
        Ok(ended(failed, self.reading.keep_going))
    }

    /// Refuses what says how convolutions meet images where there is none.
    fn meets_convolutions(&self, sources: &[Source], selection: &Selection) -> anyhow::Result<()> {
        let given = [
            ("--image", self.image.is_some()),
            ("--stride", self.stride != 1),
            ("--padding", self.padding != 0),
        ];
        let Some((option, _)) = given.into_iter().find(|(_, given)| *given) else {
            return Ok(());
        };
        anyhow::ensure!(
            self.image.is_some() || self.inputs.is_some(),
            "{option} goes with --image or --inputs"
        );
        let chosen = Chosen::all(sources, selection);
        let is_kernel =
            |tensor: &Chosen<'_>| Kernel::of(&tensor.info().shape, tensor.rules()).is_some();
        anyhow::ensure!(
            chosen.iter().any(is_kernel),
            "{option}: no tensor is a convolution kernel (out, in, h, w); spectra inspect lists their shapes"
        );
        Ok(())
    }
}

/// The one array of a file, finite.
fn read_inputs(source: &Source) -> anyhow::Result<SketchInputs> {
    let shown = escape(&source.path().to_string_lossy());
    warn(source.warnings());
    let [info] = source.tensors() else {
        anyhow::bail!(
            "{shown}: holds {} arrays; inputs are one, samples first",
            source.tensors().len()
        );
    };
    let shape = info.shape.clone();
    let tensor = source.read(0).with_context(|| shown.clone())?;
    if let Some(bad) = NonFinite::find(&tensor.data) {
        let sample = bad.first / shape[1..].iter().product::<usize>();
        anyhow::bail!(
            "{shown}: {} of its numbers are NaN or infinite, the first in sample {sample} (from 0); \
             remove these samples",
            bad.count
        );
    }
    Ok(SketchInputs::new(
        FileIdentity::of(source),
        shape,
        tensor.data,
    ))
}
