//! The layers of a network.

mod affine;
mod batch_norm;
mod drawn;
mod pool;
mod problem;
mod tape;

pub use affine::Affine;
pub(super) use affine::ConvolutionSettings;
pub use batch_norm::BatchNorm;
pub(super) use drawn::{Draw, Drawn};
pub(super) use pool::Of;
pub use pool::Pool;
pub use problem::Problem;
pub(super) use tape::{Mode, Running, Tape};

use super::recipe::{LayerSettings, Pooling};
use super::shape::{ImageShape, Shape};
use crate::program::{Combination, Function, Gather, Gemm, Lists, Map, View, Zip};
use std::sync::Arc;

/// A layer, its sizes known.
pub struct Layer {
    /// The name.
    pub name: String,
    /// The kind as a recipe writes it.
    pub kind: &'static str,
    /// The action.
    pub action: Action,
    /// The shape of the input.
    pub input: Shape,
    /// The shape of the output.
    pub output: Shape,
}

/// The action of a layer.
pub enum Action {
    /// `W x + b`.
    Affine(Box<Affine>),
    /// The largest or the mean of windows.
    Pool(Pool),
    /// A function of each number.
    Activation(Function),
    /// `(cos x, sin x) / √n`.
    Fourier,
    /// Some numbers are left out.
    Dropout {
        /// The probability to stay.
        keep: f64,
    },
    /// Batch normalisation.
    BatchNorm(BatchNorm),
    /// Blocks change places.
    BlockShuffle {
        /// How many.
        blocks: usize,
        /// What takes an image channel by channel first.
        order: Option<Arc<Lists>>,
    },
}

impl Layer {
    /// The layer number `index` of a network, from 0.
    pub(super) fn new(
        settings: &LayerSettings,
        index: usize,
        input: Shape,
        seed: u64,
    ) -> Result<Layer, Problem> {
        let kind = settings.kind();
        let name = settings.name_at(index);
        let path = (seed, index as u64);
        let action = match settings {
            LayerSettings::Linear { outputs: 0, .. }
            | LayerSettings::Convolution { outputs: 0, .. } => {
                return Err(Problem::NoOutputs);
            }
            LayerSettings::Linear {
                outputs,
                weight,
                bias,
                ..
            } => {
                let affine = Affine::linear(input, *outputs, weight, *bias, path)?;
                Action::Affine(Box::new(affine))
            }
            LayerSettings::Convolution {
                outputs,
                kernel,
                stride,
                padding,
                weight,
                bias,
                ..
            } => {
                let convolution = ConvolutionSettings {
                    kernel: *kernel,
                    stride: *stride,
                    padding: *padding,
                };
                let affine =
                    Affine::convolution(input, *outputs, convolution, weight, *bias, path)?;
                Action::Affine(Box::new(affine))
            }
            LayerSettings::MaxPool(pooling) => Action::pool(Of::Maximum, pooling, input)?,
            LayerSettings::AveragePool(pooling) => Action::pool(Of::Mean, pooling, input)?,
            LayerSettings::GlobalAveragePool => Action::Pool(Pool::global_mean(input)?),
            LayerSettings::Relu => Action::Activation(Function::Relu),
            LayerSettings::Sigmoid => Action::Activation(Function::Sigmoid),
            LayerSettings::Tanh => Action::Activation(Function::Tanh),
            LayerSettings::Fourier => Action::Fourier,
            &LayerSettings::Dropout { keep } => {
                if keep > 0.0 && keep <= 1.0 {
                    Action::Dropout { keep }
                } else {
                    return Err(Problem::Keep { keep });
                }
            }
            &LayerSettings::BatchNorm {
                epsilon, momentum, ..
            } => {
                if !(epsilon > 0.0 && epsilon.is_finite() && (0.0..=1.0).contains(&momentum)) {
                    return Err(Problem::BatchNorm);
                }
                Action::BatchNorm(BatchNorm {
                    name: name.clone(),
                    epsilon,
                    momentum,
                    shape: input,
                })
            }
            &LayerSettings::BlockShuffle { blocks } => {
                let found = input.numbers();
                if blocks > 0 && found.is_multiple_of(blocks) {
                    Action::BlockShuffle {
                        blocks,
                        order: match input {
                            Shape::Image(image) => image.channel_by_channel(),
                            Shape::Flat(_) => None,
                        },
                    }
                } else {
                    return Err(Problem::Blocks { blocks, found });
                }
            }
        };
        let output = action.output(input);
        Ok(Layer {
            name,
            kind,
            action,
            input,
            output,
        })
    }

    /// Returns its weight.
    pub fn affine(&self) -> Option<&Affine> {
        match &self.action {
            Action::Affine(affine) => Some(affine),
            _ => None,
        }
    }

    /// Returns its weight, to be changed.
    pub(super) fn affine_mut(&mut self) -> Option<&mut Affine> {
        match &mut self.action {
            Action::Affine(affine) => Some(affine),
            _ => None,
        }
    }

    /// Parameters of its weight, and its biases (of batch normalisation: scales, then shifts).
    pub(super) fn parameters(&self) -> (usize, usize) {
        match &self.action {
            Action::Affine(affine) => (affine.weight().parameters(), affine.biases().0),
            Action::BatchNorm(_) => (0, 2 * self.input.features()),
            _ => (0, 0),
        }
    }

    /// Returns its initial biases.
    pub(super) fn initial_biases(&self) -> Vec<f64> {
        match &self.action {
            Action::Affine(affine) => {
                let (count, value) = affine.biases();
                vec![value; count]
            }
            Action::BatchNorm(_) => {
                let features = self.input.features();
                [vec![1.0; features], vec![0.0; features]].concat()
            }
            _ => Vec::new(),
        }
    }

    /// Writes its action on `x` down.
    pub(super) fn emit(
        &self,
        tape: &mut Tape<'_>,
        index: usize,
        x: View,
        weights: View,
        biases: View,
    ) -> View {
        match &self.action {
            Action::Affine(affine) => affine.emit(tape, x, weights, biases),
            Action::Pool(pool) => pool.emit(tape, x),
            Action::Activation(function) => tape.record.push(Map::new(*function, x)),
            Action::Fourier => {
                let scale = Function::Scale(1.0 / (x.rows as f64).sqrt());
                let y = tape.record.zeros(2 * x.rows, x.columns);
                for (part, function) in [Function::Cosine, Function::Sine].into_iter().enumerate() {
                    let wave = tape.record.push(Map::new(function, x));
                    let half = y.row_range(part * x.rows..(part + 1) * x.rows);
                    tape.record.add(half, Map::new(scale, wave));
                }
                y
            }
            &Action::Dropout { keep } => match tape.mode {
                Mode::Test => x,
                Mode::Training => {
                    let mask = tape.record.input("dropout", x.rows, x.columns);
                    tape.drawn.push(Drawn {
                        view: mask,
                        layer: index,
                        what: Draw::Mask { keep },
                    });
                    tape.record.push(Zip::new(Combination::Multiply, x, mask))
                }
            },
            Action::BatchNorm(norm) => {
                let features = self.input.features();
                let (scale, shift) = (
                    biases.row_range(0..features),
                    biases.row_range(features..2 * features),
                );
                let x = match self.input {
                    Shape::Image(image) if !image.channels_last => {
                        let order = image.pixel_by_pixel();
                        tape.record.push(Gather::new(order, x))
                    }
                    _ => x,
                };
                norm.emit(tape, x, scale, shift)
            }
            Action::BlockShuffle { blocks, order } => {
                let blocks = *blocks;
                let x = match order {
                    Some(order) => tape.record.push(Gather::new(Arc::clone(order), x)),
                    None => x,
                };
                if tape.mode == Mode::Test {
                    return x;
                }
                let order = tape.record.input("shuffle", blocks, blocks);
                tape.drawn.push(Drawn {
                    view: order,
                    layer: index,
                    what: Draw::Permutation,
                });
                let blocked = x.unstacked(x.rows / blocks, blocks);
                let shuffled = Gemm::new(1.0, blocked, order.repeated(x.columns));
                let y = tape.record.push(shuffled);
                y.reshaped([x.rows, x.columns, 1])
            }
        }
    }
}

impl Action {
    fn pool(of: Of, pooling: &Pooling, input: Shape) -> Result<Action, Problem> {
        Ok(Action::Pool(Pool::new(of, pooling, input)?))
    }

    fn output(&self, input: Shape) -> Shape {
        match (self, input) {
            (Action::Affine(affine), _) => affine.output(),
            (Action::Pool(pool), _) => pool.output(),
            (Action::Fourier, _) => Shape::Flat(2 * input.numbers()),
            (Action::BlockShuffle { .. }, _) => Shape::Flat(input.numbers()),
            (Action::BatchNorm(_), Shape::Image(image)) => Shape::Image(ImageShape {
                channels_last: true,
                ..image
            }),
            _ => input,
        }
    }
}
