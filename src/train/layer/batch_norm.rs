//! Batch normalisation.

use super::super::shape::Shape;
use super::tape::{Mode, Running, Tape};
use crate::program::{Axis, Combination, Function, Map, Reduce, View, Zip};
use crate::train::group::Moment;

/// `y = scale · (x − mean) / √(variance + ε) + shift`, channel by channel of images and number by number of vectors; mean
/// and variance of the batch while it learns, of what was met before in tests (Ioffe, Szegedy 2015).
#[derive(Debug)]
pub struct BatchNorm {
    pub(in crate::train) name: String,
    pub(in crate::train) epsilon: f64,
    pub(in crate::train) momentum: f64,
    pub(in crate::train) shape: Shape,
}

impl BatchNorm {
    /// Writes it down; `scale` and `shift` have a number a channel, an image lies pixel by pixel.
    pub(in crate::train) fn emit(
        &self,
        tape: &mut Tape<'_>,
        x: View,
        scale: View,
        shift: View,
    ) -> View {
        let features = self.shape.features();
        let count = x.rows / features * x.columns;
        let own = x.reshaped([features, count, 1]);
        let [mean, variance] = match tape.mode {
            Mode::Training => self.of_batch(tape, own),
            Mode::Test => [Moment::Mean, Moment::Variance].map(|moment| {
                let name = format!("{}.{moment}", self.name);
                let view = tape.record.input(&name, features, 1);
                tape.running.push(Running {
                    layer: self.name.clone(),
                    moment,
                    view,
                });
                view
            }),
        };
        let record = &mut *tape.record;
        let zip = |combination, x, z: View| Zip::new(combination, x, z.across_columns(count));
        let centred = record.push(zip(Combination::Subtract, own, mean));
        let root = record.push(Map::new(Function::InverseRoot(self.epsilon), variance));
        let factor = record.push(Zip::new(Combination::Multiply, root, scale));
        let y = record.push(zip(Combination::Multiply, centred, factor));
        record.add(y, Map::copy(shift.across_columns(count)));
        y.reshaped([x.rows, x.columns, 1])
    }

    /// Mean and variance of the batch; the running ones move towards them, the variance towards the
    /// unbiased one.
    fn of_batch(&self, tape: &mut Tape<'_>, x: View) -> [View; 2] {
        let (features, count) = (x.rows, x.columns);
        let record = &mut *tape.record;
        let share = Function::Scale(1.0 / count as f64);
        let sum = record.push(Reduce::new(Axis::Columns, x));
        let mean = record.push(Map::new(share, sum));
        let subtract = Zip::new(Combination::Subtract, x, mean.across_columns(count));
        let centred = record.push(subtract);
        let squares = record.push(Map::new(Function::Square, centred));
        let sum = record.push(Reduce::new(Axis::Columns, squares));
        let variance = record.push(Map::new(share, sum));
        let unbiased = self.momentum * count as f64 / (count.max(2) - 1) as f64;
        let runs = [
            (Moment::Mean, mean, self.momentum),
            (Moment::Variance, variance, unbiased),
        ];
        for (moment, batch, weight) in runs {
            let name = format!("{}.{moment}", self.name);
            let view = tape.record.state(&name, features, 1);
            let newest = Map::new(Function::Scale(weight), batch);
            tape.record.update(view, 1.0 - self.momentum, newest);
            tape.running.push(Running {
                layer: self.name.clone(),
                moment,
                view,
            });
        }
        [mean, variance]
    }
}
