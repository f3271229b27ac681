//! Plans of trials against the trials as they are drawn without one.

use super::super::trial::Trial;
use super::super::trials_plan::{Batch, TrialsPlan};
use crate::device::{Cpu, Device, Precision};
use crate::operator::{Geometry, Kernel};
use crate::program::{Buffer, Exec, ExecError, Plan};
use crate::random::Stream;
use crate::sketch::trial::Draw;
use crate::sketch::{
    Activations, Draws, Ensemble, Measurement, SketchedLayer, measure, measure_on,
};
use faer::Mat;

fn random(rows: usize, columns: usize, seed: u64) -> Mat<f64> {
    let mut stream = Stream::new(seed, &[]);
    Mat::from_fn(rows, columns, |_, _| stream.normal())
}

fn layers() -> Vec<SketchedLayer> {
    let kernel = Kernel {
        channels: 2,
        height: 2,
        width: 2,
        channels_last: false,
    };
    let geometry = Geometry {
        image: [4, 3],
        stride: [1, 1],
        padding: [1, 1],
        channels_last: false,
    };
    let few = Activations::samples(random(5, 8, 2).as_ref()).unwrap();
    let many = Activations::samples(random(30, 8, 3).as_ref()).unwrap();
    let image = Activations::isotropic_image(&kernel, &geometry).unwrap();
    [
        (Activations::isotropic(8), 1),
        (few, 1),
        (many, 1),
        (image, 4),
    ]
    .into_iter()
    .map(|(activations, area)| {
        let w = random(9, 8, 1) * faer::Scale(1e40);
        SketchedLayer::new(w.as_ref(), area, activations).unwrap()
    })
    .collect()
}

fn draws(ensemble: Ensemble, [rows, pairs]: [usize; 2], trials: usize) -> Draws {
    Draws {
        ensemble,
        rows,
        pairs,
        trials,
        seed: 4,
    }
}

fn trials(found: &Measurement, l: usize) -> Vec<Trial> {
    let averaged = found.averaged.iter().enumerate();
    let trial = |(t, &averaged): (usize, &f64)| Trial {
        mode1: found.mode1[t * l..(t + 1) * l].to_vec(),
        mode2: found.mode2[t * l..(t + 1) * l].to_vec(),
        averaged,
    };
    averaged.map(trial).collect()
}

/// The plan in double and in single precision against the trials as they are drawn without it, for every kind of
/// inputs, at norms beyond single precision: catches other random entries, a pair of another trial, a lost term, a
/// scale.
#[test]
fn a_plan_draws_the_same_trials() {
    for layer in layers() {
        for ensemble in [Ensemble::SIGN, Ensemble::GAUSSIAN] {
            for (k, l, count) in [(1, 1, 1), (2, 3, 7), (40, 2, 3)] {
                let widths = layer.widths(ensemble, k).unwrap();
                let draws = draws(ensemble, [k, l], count);
                let own = measure(&layer, &draws, |_| true).unwrap();
                let whole = layer.energies().outputs;
                let plan = TrialsPlan::new(
                    &layer,
                    &widths,
                    Batch {
                        pairs: l,
                        trials: count,
                    },
                );
                type Make = fn(Precision) -> Box<dyn Exec>;
                let double: Make = |_| Box::new(Cpu::<f64>::new());
                let single: Make = |_| Box::new(Cpu::<f32>::new());
                for (make, epsilon) in [(double, f64::EPSILON), (single, f64::from(f32::EPSILON))] {
                    let mut device = Device::new("twin", make);
                    let found = measure_on(&mut device, &layer, &draws, |_| true).unwrap();
                    assert_eq!(found.mode1.len(), l * count);
                    // The trials' own sums have as many roundings at most.
                    let bound = plan.bound(epsilon) + plan.bound(f64::EPSILON);
                    for (one, other) in trials(&found, l).iter().zip(trials(&own, l)) {
                        let off = one.off(&other, whole);
                        assert!(off <= bound, "{ensemble:?} {k} {l}: {off:e} {bound:e}");
                    }
                }
            }
        }
    }
}

/// A device whose products are wrong is found out: catches a check that cannot fail.
#[test]
fn wrong_numbers_are_refused() {
    struct Wrong(Cpu<f32>);
    impl Exec for Wrong {
        fn prepare(&mut self, plan: &Plan) -> Result<(), ExecError> {
            self.0.prepare(plan)
        }
        fn write(&mut self, buffer: Buffer, data: &[f64]) {
            let data: Vec<f64> = data.iter().map(|x| x * 1.001).collect();
            self.0.write(buffer, &data);
        }
        fn run(&mut self) -> Result<(), ExecError> {
            self.0.run()
        }
        fn follow(&mut self, buffer: Buffer) {
            self.0.follow(buffer);
        }
        fn followed(&mut self, values: &mut Vec<f64>, all: bool) -> Result<(), ExecError> {
            self.0.followed(values, all)
        }
        fn read(&mut self, buffer: Buffer) -> Result<Vec<f64>, ExecError> {
            self.0.read(buffer)
        }
    }
    let layer = &layers()[0];
    let mut device = Device::new("the wrong one", |_| Box::new(Wrong(Cpu::new())));
    let draws = draws(Ensemble::SIGN, [2, 2], 5);
    let found = measure_on(&mut device, layer, &draws, |_| true);
    let sentence = found.unwrap_err().to_string();
    assert!(
        sentence.contains("the wrong one") && sentence.contains("on the CPU"),
        "{sentence}"
    );
}

/// The first trials that are drawn before an interruption are those of the whole: catches a batch lost or mixed up
/// with the next.
#[test]
fn batches_are_parts_of_the_whole() {
    let w = random(100, 120, 5);
    let layer = SketchedLayer::new(w.as_ref(), 1, Activations::isotropic(120)).unwrap();
    let l = 200;
    let run = |most: usize| {
        let mut device = Device::cpu();
        let draws = draws(Ensemble::SIGN, [2, l], 6);
        let found = measure_on(&mut device, &layer, &draws, |done| done < most);
        trials(&found.unwrap(), l)
    };
    let (part, whole) = (run(1), run(usize::MAX));
    assert!(!part.is_empty() && part.len() < whole.len() && whole.len() == 6);
    let widths = layer.widths(Ensemble::SIGN, 2).unwrap();
    let draw = Draw::new(&layer, Ensemble::SIGN, widths, 4);
    let bound = TrialsPlan::new(
        &layer,
        &widths,
        Batch {
            pairs: l,
            trials: 1,
        },
    )
    .bound(f64::from(f32::EPSILON));
    for (t, found) in whole.iter().enumerate() {
        let off = found.off(&draw.trial(t as u64, l), layer.energies().outputs);
        assert!(off <= bound, "{t}: {off:e} {bound:e}");
    }
    assert!(part.iter().zip(&whole).all(|(a, b)| a.off(b, 0.0) == 0.0));
}
