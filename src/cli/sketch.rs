//! `spectra sketch`: what a random sketch of a layer costs in variance.

use super::command::{Beside, Command, Opened};
use super::device::DeviceOption;
use super::observer::Observer;
use super::options::Reading;
use super::output::Delivery;
use super::output_args::{OutputArgs, PictureArgs};
use super::sketch_inputs::read_inputs;
use super::values::{Parser, image, parsed};
use crate::device::Device;
use crate::operator::Kernel;
use crate::report::{
    ReportFiles, sketch_files, sketch_frame, sketch_table, sketches_to_json, sketches_to_json_lines,
};
use crate::sketch::{
    Ensemble, SketchLayer, SketchRun, SketchSettings, SketchSources, sketch_sources, trial_flops,
};
use crate::weights::{Chosen, Source, Status};
use clap::Args;
use polars::prelude::DataFrame;
use std::path::PathBuf;
use std::process::ExitCode;

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
          value_parser = rows_of_sketches(), help_heading = "Sketches")]
    k: usize,
    /// Pairs of sketches that are averaged
    #[arg(long, value_name = "N", default_value_t = SketchSettings::default().l,
          value_parser = rows_of_sketches(), help_heading = "Sketches")]
    l: usize,
    /// Law of the sketches
    #[arg(long, value_enum, default_value_t = Ensemble::SIGN, help_heading = "Sketches")]
    ensemble: Ensemble,
    /// Seed of every draw
    #[arg(long, default_value_t = 0, help_heading = "Sketches")]
    seed: u64,
    /// Draws of the measurement, 0 for none
    #[arg(long, value_name = "N", default_value_t = SketchSettings::default().trials,
          value_parser = parsed(|&trials: &usize| trials != 1 && trials <= 10_000_000,
              "0, or a whole number from 2, the fewest that have an interval, to 10000000"),
          help_heading = "Questions")]
    trials: usize,
    #[command(flatten)]
    device: DeviceOption,
    /// Confidence of the intervals
    #[arg(long, value_name = "SHARE", default_value_t = SketchSettings::default().confidence,
          value_parser = parsed(|&share: &f64| share > 0.0 && share <= 0.999_999,
              "a number between 0 and 0.999999, as 0.95"),
          help_heading = "Questions")]
    confidence: f64,
    /// Which k reaches this relative error, and at what cost
    #[arg(long, value_name = "ERROR", value_parser = relative(), help_heading = "Questions")]
    target: Option<f64>,
    /// How likely is a larger relative error (default: twice the root-mean-square error)
    #[arg(long, value_name = "ERROR", value_parser = relative(), help_heading = "Questions")]
    deviation: Option<f64>,
    /// Measure at these k too (default: closed forms at powers of two)
    #[arg(long, value_name = "K", value_delimiter = ',', value_parser = rows_of_sketches(),
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
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = parsed(|step: &usize| (1..=65_536).contains(step),
              "a whole number from 1 to 65536"),
          help_heading = "Inputs")]
    stride: usize,
    /// Zeros around images
    #[arg(long, value_name = "N", default_value_t = 0,
          value_parser = parsed(|&padding: &usize| padding <= 65_536,
              "a whole number from 0 to 65536"),
          help_heading = "Inputs")]
    padding: usize,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    pictures: PictureArgs,
}

/// Reads the rows of a sketch and how many pairs there are.
fn rows_of_sketches() -> impl Parser<usize> {
    parsed(
        |rows: &usize| (1..=1_000_000).contains(rows),
        "a whole number from 1 to 1000000",
    )
}

/// Reads a relative error.
fn relative() -> impl Parser<f64> {
    parsed(
        |&error: &f64| error > 0.0 && error <= 1e6,
        "a number above 0 and at most 1e6, as 0.05 for 5 %",
    )
}

impl SketchCommand {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let opened = Opened::new(self)?;
        opened.check_outputs(self, std::iter::empty())?;
        opened.deliver(self)
    }

    /// What draws the trials, if not the processor.
    fn trial_device(
        &self,
        opened: &Opened,
        settings: &SketchSettings,
    ) -> anyhow::Result<(Option<Device<'static>>, Option<String>)> {
        let asked = self.device.gpu();
        let planned = self.ensemble.has_plan();
        if let Some(option) = asked.as_ref().filter(|_| !planned) {
            let name = self.ensemble.name();
            anyhow::bail!(
                "{option}: trials of {name} sketches run on the processor only: take --device cpu, or --ensemble sign \
                 or gaussian"
            );
        }
        let flops = if planned {
            trial_flops(&opened.sources, &opened.selection, settings)
        } else {
            0
        };
        self.device.take_once(flops)
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

    /// Refuses what says how convolutions meet images where there is none.
    fn meets_convolutions(&self, chosen: &[Chosen<'_>]) -> anyhow::Result<()> {
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
        let is_kernel =
            |tensor: &Chosen<'_>| Kernel::of(&tensor.info().shape, tensor.rules()).is_some();
        anyhow::ensure!(
            chosen.iter().any(is_kernel),
            "{option}: no tensor is a convolution kernel (out, in, h, w); spectra inspect lists their shapes"
        );
        Ok(())
    }
}

impl Command for SketchCommand {
    type Settings = SketchSettings;
    type Row = SketchLayer;
    type Extra = SketchSources;

    const REPORT: &'static str = "sketch";
    const HOLDS: &'static str = "what was drawn";

    fn shared(&self) -> (&Reading, &OutputArgs) {
        (&self.reading, &self.output)
    }

    fn weights(&self) -> anyhow::Result<Vec<Source>> {
        self.reading.open(&self.paths)
    }

    fn beside(&self, given: Beside) -> anyhow::Result<Beside> {
        let path = self.inputs.as_deref();
        let path = path.filter(|_| given.inputs.is_none());
        let inputs = path.map(|path| Source::open(path, &self.reading.options()));
        Ok(Beside {
            inputs: inputs.transpose()?.or(given.inputs),
            ..given
        })
    }

    fn work(&self, opened: &Opened, observer: &dyn Observer) -> anyhow::Result<SketchRun> {
        self.meets_convolutions(&opened.chosen(self)?)?;
        let inputs = opened.beside.inputs.as_ref();
        let inputs = inputs.map(read_inputs).transpose()?;
        let settings = self.settings();
        let (device, remark) = self.trial_device(opened, &settings)?;
        observer.begin(remark.as_deref());
        Ok(sketch_sources(
            &opened.sources,
            &opened.selection,
            &settings,
            inputs.as_ref(),
            device,
            |progress| observer.show(progress),
        ))
    }

    fn table(&self, run: &SketchRun, colours: bool) -> anyhow::Result<String> {
        Ok(sketch_table(run, colours))
    }

    fn frame(&self, run: &SketchRun) -> anyhow::Result<DataFrame> {
        Ok(sketch_frame(run)?)
    }

    fn json(&self, run: &SketchRun) -> anyhow::Result<String> {
        Ok(sketches_to_json(run)?)
    }

    fn json_lines(&self, run: &SketchRun) -> anyhow::Result<String> {
        Ok(sketches_to_json_lines(run)?)
    }

    fn report(&self, run: &SketchRun) -> anyhow::Result<ReportFiles> {
        let files = sketch_files(run, self.pictures.pictures)?;
        Ok(self.pictures.counted(files, run.count(Status::Analyzed)))
    }

    fn also(&self, run: &SketchRun, delivery: &mut Delivery) {
        let has_pixels = self.image.is_some() || self.inputs.is_some();
        let mut sketched = run.rows.iter().filter_map(|row| row.sketched.as_ref());
        if !has_pixels && sketched.any(|layer| layer.area > 1) {
            delivery.say(
                "spectra: convolutions are sketched at one patch of independent pixels; --image HxW takes all patches \
                 of an image"
                    .into(),
            );
        }
    }
}
