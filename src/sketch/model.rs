//! Whole files: every tensor of every file becomes a row, a stack of matrices a row for each.

use super::judge::Judge;
use super::result::{SCHEMA_VERSION, SketchFindings, SketchSources};
use super::{
    Activations, SketchError, SketchInputs, SketchLayer, SketchRun, SketchSettings, SketchedLayer,
};
use crate::device::Device;
use crate::operator::{Geometry, Kernel};
use crate::survey::{Assessment, Heading, Matrix, Meter, Progress, Survey, survey};
use crate::weights::{Chosen, Gap, MatrixView, Selection, Source};
use faer::MatRef;

/// Sketches every tensor of `sources` that `selection` names, one at a time. The trials run on `device`, without one on
/// the processor.
///
/// `progress` is called as trials end; when it returns `false` the run ends with what there is.
pub fn sketch_sources(
    sources: &[Source],
    selection: &Selection,
    settings: &SketchSettings,
    inputs: Option<&SketchInputs>,
    device: Option<Device<'_>>,
    progress: impl FnMut(Progress<'_>) -> bool + Send,
) -> SketchRun {
    let sketches = Sketches {
        settings,
        inputs,
        device,
    };
    survey(sketches, sources, selection, progress)
}

struct Sketches<'a> {
    settings: &'a SketchSettings,
    inputs: Option<&'a SketchInputs>,
    device: Option<Device<'a>>,
}

/// The inputs that reach a tensor, and the area of its kernel.
struct Reached {
    activations: Activations,
    area: usize,
}

impl Survey for Sketches<'_> {
    type Settings = SketchSettings;
    type Finding = SketchFindings;
    type Extra = SketchSources;
    type Prepared<'m> = Reached;

    fn heading(&self) -> Heading<SketchSettings> {
        Heading {
            schema_version: SCHEMA_VERSION,
            seed: self.settings.seed,
            settings: self.settings.clone(),
        }
    }

    fn prepare<'m>(&self, tensors: &[Matrix<'m>]) -> Vec<Result<Reached, Gap>> {
        let reached = |tensor: &Matrix<'m>| {
            let kernel = Kernel::of(&tensor.tensor.info().shape, tensor.tensor.rules());
            let activations = self.activations(tensor.tensor, tensor.entries.view, kernel.as_ref());
            Ok(Reached {
                activations: activations.map_err(Gap::failed)?,
                area: kernel.map_or(1, |kernel| kernel.area()),
            })
        };
        tensors.iter().map(reached).collect()
    }

    fn assess(
        &mut self,
        matrix: &Matrix<'_>,
        prepared: &Reached,
        meter: &Meter<'_>,
    ) -> Assessment<SketchFindings> {
        let judge = Judge {
            settings: self.settings,
            shape: &matrix.tensor.info().shape,
            weights: matrix.entries.scale,
            inputs: self
                .inputs
                .map_or_else(Default::default, |inputs| inputs.scale),
        };
        let mut show = |share| meter.goes_on(share, "");
        let layer =
            SketchedLayer::new(matrix.values(), prepared.area, prepared.activations.clone());
        let found = layer.and_then(|layer| judge.judged(&layer, self.device.as_mut(), &mut show));
        match found {
            Ok((sketched, notes)) => Assessment {
                finding: Ok(SketchFindings {
                    sketched: Some(sketched),
                }),
                notes,
            },
            Err(error) => Err(Gap::failed(error)).into(),
        }
    }

    fn conclude(self, _: &mut [SketchLayer]) -> SketchSources {
        SketchSources {
            inputs_file: self.inputs.map(|inputs| inputs.file.clone()),
            device: self.device.map(|device| device.name().to_owned()),
        }
    }
}

impl Sketches<'_> {
    /// The inputs that reach the tensor.
    fn activations(
        &self,
        tensor: &Chosen<'_>,
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
        let flat = kernel.is_some() && tensor.info().shape.len() == 3;
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
                    wanted: if flat {
                        "sequences, samples x channels x length"
                    } else {
                        "images, samples x channels x height x width"
                    },
                })?;
                Activations::images(&inputs.data, shape, kernel, stride, padding)
            }
            (Some(inputs), None, _) => match *inputs.shape {
                [samples, width] => {
                    let x = MatRef::from_row_major_slice(&inputs.data, samples, width);
                    if width == view.columns {
                        Activations::samples(x)
                    } else {
                        Err(SketchError::Width {
                            found: width,
                            expected: view.columns,
                        })
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
}
