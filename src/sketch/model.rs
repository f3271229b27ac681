//! Whole files: every tensor of every file becomes a row, a stack of matrices a row for each.

use super::judge::Judge;
use super::result::SCHEMA_VERSION;
use super::{
    Activations, SketchError, SketchLayer, SketchRun, SketchSettings, SketchedLayer, TrialDevice,
};
use crate::operator::{Geometry, Kernel};
use crate::weights::{Chosen, FileIdentity, Gap, MatrixView, Selection, Source, Status, normalise};
use faer::MatRef;

/// Activations as they lie in a file: samples × numbers, or images.
#[derive(Debug, Clone)]
pub struct SketchInputs {
    /// The file.
    pub file: FileIdentity,
    /// Dimensions, samples first.
    pub shape: Vec<usize>,
    /// Row by row, within a safe range.
    data: Vec<f64>,
    /// The data are to be multiplied by 2 to this power.
    exponent: i32,
}

impl SketchInputs {
    /// Inputs of `shape`, row by row.
    ///
    /// # Panics
    ///
    /// When `data` has another length than `shape` says.
    #[must_use]
    pub fn new(file: FileIdentity, shape: Vec<usize>, mut data: Vec<f64>) -> SketchInputs {
        assert_eq!(
            data.len(),
            shape.iter().product::<usize>(),
            "inputs of {shape:?}"
        );
        let exponent = normalise(&mut data);
        SketchInputs {
            file,
            shape,
            data,
            exponent,
        }
    }
}

/// Which part of the work is at hand.
#[derive(Debug, Clone, Copy)]
pub struct SketchProgress<'a> {
    /// Entries of the matrices done, those of one in parts, and of all.
    pub done: u64,
    /// Entries of all matrices.
    pub total: u64,
    /// The tensor at hand.
    pub tensor: &'a str,
}

/// Sketches every tensor of `sources` that `selection` names, one at a time. The trials run on `device`, without one on
/// the processor.
///
/// `progress` is called as trials end; when it returns `false` the run ends with what there is.
pub fn sketch_sources(
    sources: &[Source],
    selection: &Selection,
    settings: &SketchSettings,
    inputs: Option<&SketchInputs>,
    mut device: Option<TrialDevice<'_>>,
    mut progress: impl FnMut(SketchProgress<'_>) -> bool,
) -> SketchRun {
    let chosen = Chosen::all(sources, selection);
    let total = chosen.iter().map(Chosen::entries).sum();
    let mut done = 0;
    let mut layers = Vec::new();
    let mut complete = true;
    for tensor in &chosen {
        let name = tensor.name();
        let entries = tensor.entries();
        let mut show = |part: f64| {
            complete &= progress(SketchProgress {
                done: done + (part * entries as f64) as u64,
                total,
                tensor: &name,
            });
            complete
        };
        if !show(0.0) {
            break;
        }
        let work = Work {
            tensor,
            settings,
            inputs,
        };
        layers.extend(work.rows(device.as_mut(), &mut show));
        done += entries;
    }
    SketchRun {
        schema_version: SCHEMA_VERSION,
        program: format!("spectra {}", env!("CARGO_PKG_VERSION")),
        seed: settings.seed,
        settings: settings.clone(),
        selection: selection.clone(),
        files: sources.iter().map(FileIdentity::of).collect(),
        inputs_file: inputs.map(|inputs| inputs.file.clone()),
        warnings: sources
            .iter()
            .flat_map(|source| source.warnings().iter().cloned())
            .collect(),
        device: device.map(|device| device.name().to_owned()),
        complete,
        layers,
    }
}

struct Work<'a> {
    tensor: &'a Chosen<'a>,
    settings: &'a SketchSettings,
    inputs: Option<&'a SketchInputs>,
}

impl Work<'_> {
    fn rows(
        &self,
        mut device: Option<&mut TrialDevice<'_>>,
        show: &mut dyn FnMut(f64) -> bool,
    ) -> Vec<SketchLayer> {
        let (mut data, view) = match self.tensor.read() {
            Ok(read) => read,
            Err(Gap { status, reason }) => return vec![self.row(status, Some(reason))],
        };
        let exponent = normalise(&mut data);
        let kernel = Kernel::of(&self.tensor.info().shape, self.tensor.rules());
        let activations = match self.activations(view, kernel.as_ref()) {
            Ok(activations) => activations,
            Err(error) => return vec![self.row(Status::Failed, Some(error.to_string()))],
        };
        let judge = Judge {
            settings: self.settings,
            shape: &self.tensor.info().shape,
            exponents: [exponent, self.inputs.map_or(0, |inputs| inputs.exponent)],
        };
        let area = kernel.map_or(1, |kernel| kernel.area());
        let mut rows = Vec::new();
        for block in 0..view.blocks {
            let matrix = view.block(&data, block);
            let mut part = |part: f64| show((block as f64 + part) / view.blocks as f64);
            let found = SketchedLayer::new(matrix, area, activations.clone())
                .and_then(|layer| judge.judged(&layer, device.as_deref_mut(), &mut part));
            let mut row = match found {
                Ok((sketched, notes)) => SketchLayer {
                    sketched: Some(sketched),
                    notes: [self.tensor.info().notes.clone(), notes].concat(),
                    ..self.row(Status::Analyzed, None)
                },
                Err(error) => self.row(Status::Failed, Some(error.to_string())),
            };
            if view.blocks > 1 {
                row.name = format!("{}[{block}]", row.name);
            }
            rows.push(row);
            if !show((block + 1) as f64 / view.blocks as f64) {
                break;
            }
        }
        rows
    }

    /// The inputs that reach the tensor.
    fn activations(
        &self,
        view: &MatrixView,
        kernel: Option<&Kernel>,
    ) -> Result<Activations, SketchError> {
        let SketchSettings {
            image,
            stride,
            padding,
            ..
        } = *self.settings;
        // A kernel of one dimension meets no padding above and below.
        let flat = kernel.is_some() && self.tensor.info().shape.len() == 3;
        let pair = |x: usize, none: usize| if flat { [none, x] } else { [x, x] };
        let (stride, padding) = (pair(stride, 1), pair(padding, 0));
        if let Some([height, width]) = image.filter(|[height, _]| flat && *height > 1) {
            return Err(SketchError::TallImage { height, width });
        }
        match (self.inputs, kernel, image) {
            (Some(inputs), Some(kernel), _) => {
                let shape = match *inputs.shape {
                    [n, c, h, w] if !flat => Some([n, c, h, w]),
                    [n, w, c] if flat && kernel.channels_last => Some([n, 1, w, c]),
                    [n, c, w] if flat => Some([n, c, 1, w]),
                    _ => None,
                };
                let shape = shape.ok_or_else(|| SketchError::Inputs {
                    shape: inputs.shape.clone(),
                    layer: "a convolution",
                    wanted: match flat {
                        true => "sequences, samples x channels x length",
                        false => "images, samples x channels x height x width",
                    },
                })?;
                Activations::images(&inputs.data, shape, kernel, stride, padding)
            }
            (Some(inputs), None, _) => match *inputs.shape {
                [samples, width] => {
                    let x = MatRef::from_row_major_slice(&inputs.data, samples, width);
                    match width == view.columns {
                        true => Activations::samples(x),
                        false => Err(SketchError::Width {
                            found: width,
                            expected: view.columns,
                        }),
                    }
                }
                _ => Err(SketchError::Inputs {
                    shape: inputs.shape.clone(),
                    layer: "a plain layer",
                    wanted: "one sample a row",
                }),
            },
            (None, Some(kernel), Some(image)) => {
                let geometry = Geometry {
                    image,
                    stride,
                    padding,
                    channels_last: kernel.channels_last,
                };
                Ok(Activations::isotropic_image(kernel, &geometry)?)
            }
            (None, ..) => Ok(Activations::isotropic(view.columns)),
        }
    }

    /// The tensor's row, without findings.
    fn row(&self, status: Status, reason: Option<String>) -> SketchLayer {
        let info = self.tensor.info();
        SketchLayer {
            name: self.tensor.name(),
            file: self.tensor.file(),
            status,
            reason,
            dtype: info.dtype.to_string(),
            shape: info.shape.clone(),
            view: self.tensor.view().map(|view| view.rule.clone()),
            notes: info.notes.clone(),
            sketched: None,
        }
    }
}
