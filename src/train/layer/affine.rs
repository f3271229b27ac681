//! `y = W x + b` with W of any structured family, on vectors and on the patches of images.

use super::super::recipe::{Bias, Extent};
use super::super::shape::{ImageShape, Shape};
use super::super::weight::{Slot, Weight, WeightSettings};
use super::Problem;
use super::tape::Tape;
use crate::family::block_diagonal::BlockDiagonalSettings;
use crate::operator::{Convolution, Geometry, Kernel, LinearOperator};
use crate::program::{Combination, Gather, Lists, Map, View, Zip};
use faer::Mat;
use std::sync::Arc;

/// Most entries of a weight, were it dense: 8 GiB in single precision.
const MOST_ENTRIES: usize = 1 << 31;

/// Most pixels of a kernel's, stride's or padding's side.
const MOST_PIXELS: usize = 1 << 16;

/// A layer with a weight.
pub struct Affine {
    settings: WeightSettings,
    slot: Slot,
    action: Action,
    initial: Vec<f64>,
    order: Option<Arc<Lists>>,
    bias: Option<f64>,
    output: Shape,
    mask: Option<Arc<[f64]>>,
}

/// On what the weight acts.
enum Action {
    Columns(Box<dyn LinearOperator>),
    Patches(Convolution),
}

/// The settings of a convolution in a recipe.
#[derive(Debug, Clone, Copy)]
pub(in crate::train) struct ConvolutionSettings {
    /// Height and width.
    pub kernel: Extent,
    /// Step between places.
    pub stride: Extent,
    /// Zeros around the image.
    pub padding: Extent,
}

impl Affine {
    /// `outputs` numbers from all of a sample.
    pub(in crate::train) fn linear(
        input: Shape,
        outputs: usize,
        settings: &WeightSettings,
        bias: Bias,
        (seed, layer): (u64, u64),
    ) -> Result<Affine, Problem> {
        within(outputs, input.numbers())?;
        let image = match input {
            Shape::Image(image) => Some(image),
            Shape::Flat(_) => None,
        };
        let slot = Slot {
            rows: outputs,
            columns: input.numbers(),
            kernel: None,
            image: image.map(|image| [image.channels, image.height, image.width]),
        };
        let Weight { operator, initial } = settings.build(&slot, seed, layer)?;
        Ok(Affine {
            settings: settings.clone(),
            slot,
            action: Action::Columns(operator),
            initial,
            order: image.and_then(|image| image.channel_by_channel()),
            bias: bias.initial(),
            output: Shape::Flat(outputs),
            mask: None,
        })
    }

    /// `outputs` channels from an image.
    pub(in crate::train) fn convolution(
        input: Shape,
        outputs: usize,
        convolution: ConvolutionSettings,
        settings: &WeightSettings,
        bias: Bias,
        (seed, layer): (u64, u64),
    ) -> Result<Affine, Problem> {
        let Shape::Image(image) = input else {
            return Err(Problem::NoImage { found: input });
        };
        for sides in
            [convolution.kernel, convolution.stride, convolution.padding].map(Extent::sides)
        {
            let found = sides[0].max(sides[1]);
            if found > MOST_PIXELS {
                let most = MOST_PIXELS;
                return Err(Problem::Far { found, most });
            }
        }
        let [height, width] = convolution.kernel.sides();
        let stride = convolution.stride.sides();
        if height == 0 || width == 0 || stride.contains(&0) {
            return Err(Problem::ZeroWindow);
        }
        let kernel = Kernel {
            channels: image.channels,
            height,
            width,
            channels_last: false,
        };
        let geometry = Geometry {
            image: [image.height, image.width],
            stride,
            padding: convolution.padding.sides(),
            channels_last: image.channels_last,
        };
        let slot = Slot {
            rows: outputs,
            columns: kernel.columns(),
            kernel: Some(kernel),
            image: None,
        };
        let [down, across] = geometry.places(&kernel)?;
        within(outputs, kernel.columns())?;
        let found = outputs as u128 * down as u128 * across as u128;
        if found > MOST_ENTRIES as u128 {
            let most = MOST_ENTRIES;
            return Err(Problem::ManyOutputs { found, most });
        }
        let Weight { operator, initial } = settings.build(&slot, seed, layer)?;
        Ok(Affine {
            settings: settings.clone(),
            slot,
            action: Action::Patches(Convolution::new(kernel, geometry, operator)?),
            initial,
            order: None,
            bias: bias.initial(),
            output: Shape::Image(ImageShape {
                channels: outputs,
                height: down,
                width: across,
                channels_last: true,
                vector: false,
            }),
            mask: None,
        })
    }

    /// The shape of the output.
    pub fn output(&self) -> Shape {
        self.output
    }

    /// The family of the weight, as the recipe says it.
    pub fn settings(&self) -> &WeightSettings {
        &self.settings
    }

    /// Rows and columns of the weight, and of what it is a weight.
    pub fn slot(&self) -> &Slot {
        &self.slot
    }

    /// The weight, a matrix.
    pub fn weight(&self) -> &dyn LinearOperator {
        match &self.action {
            Action::Columns(operator) => operator.as_ref(),
            Action::Patches(convolution) => convolution.weight(),
        }
    }

    /// The parameters at which the weight begins.
    pub fn initial(&self) -> &[f64] {
        &self.initial
    }

    /// Biases, and where they begin.
    pub fn biases(&self) -> (usize, f64) {
        match self.bias {
            Some(value) => (self.slot.rows, value),
            None => (0, 0.0),
        }
    }

    /// Which parameters stay zero: those where this is 0.
    pub fn mask(&self) -> Option<&Arc<[f64]>> {
        self.mask.as_ref()
    }

    /// Keeps parameters at zero.
    pub(in crate::train) fn set_mask(&mut self, mask: Option<Arc<[f64]>>) {
        self.mask = mask;
    }

    /// Rows and columns of the diagonal blocks, one where the weight is not block-diagonal.
    pub fn block_shapes(&self) -> Vec<(usize, usize)> {
        let (rows, columns) = (self.slot.rows, self.slot.columns);
        match self.settings.get::<BlockDiagonalSettings>() {
            Some(settings) => {
                let shapes = settings.blocks.shapes(rows, columns);
                shapes.expect("the weight was built")
            }
            None => vec![(rows, columns)],
        }
    }

    /// The weight as diagonal blocks, one where it is not block-diagonal.
    pub fn blocks(&self, parameters: &[f64]) -> Vec<Mat<f64>> {
        let parameters: Vec<f64> = match &self.mask {
            Some(mask) => parameters
                .iter()
                .zip(mask.iter())
                .map(|(p, m)| p * m)
                .collect(),
            None => parameters.to_vec(),
        };
        let shapes = self.block_shapes();
        if shapes.len() == 1 {
            return vec![self.weight().dense(&parameters)];
        }
        let mut rest = parameters.as_slice();
        let block = |(rows, columns): (usize, usize)| {
            let (own, after) = rest.split_at(rows * columns);
            rest = after;
            Mat::from_fn(rows, columns, |i, j| own[i + j * rows])
        };
        shapes.into_iter().map(block).collect()
    }

    /// Writes `W x + b` down.
    pub(in crate::train) fn emit(
        &self,
        tape: &mut Tape<'_>,
        x: View,
        weights: View,
        biases: View,
    ) -> View {
        let record = &mut *tape.record;
        let x = match &self.order {
            Some(order) => record.push(Gather::new(Arc::clone(order), x)),
            None => x,
        };
        let weights = match &self.mask {
            Some(mask) => {
                let mask = record.constant("mask", mask.len(), 1, Arc::clone(mask));
                record.push(Zip::new(Combination::Multiply, weights, mask))
            }
            None => weights,
        };
        let y = record.zeros(self.output.numbers(), tape.samples);
        match &self.action {
            Action::Columns(operator) => operator.emit(record, weights, x, y),
            Action::Patches(convolution) => convolution.emit(record, weights, x, y),
        }
        if self.bias.is_some() {
            let places = self.output.numbers() / self.slot.rows * tape.samples;
            let y = y.reshaped([self.slot.rows, places, 1]);
            record.add(y, Map::copy(biases.across_columns(places)));
        }
        y
    }
}

/// Refuses a weight that no memory holds.
fn within(rows: usize, columns: usize) -> Result<(), Problem> {
    match rows.checked_mul(columns) {
        Some(entries) if entries <= MOST_ENTRIES => Ok(()),
        _ => Err(Problem::TooLarge {
            rows,
            columns,
            most: MOST_ENTRIES,
        }),
    }
}
