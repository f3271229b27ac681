//! Cross-entropy of a softmax.

use super::builder::Lowering;
use super::dispatch::{Kernel, word};
use super::epilogue::Epilogue;
use crate::program::{CrossEntropy, CrossEntropyGradient, View};

/// Threads for the scores of one sample.
const THREADS: usize = 32;

/// How a kernel reads the gradient of a sample's loss.
const GAINED: &str = "
@group(0) @binding(3) var<storage, read> dy: array<f32>;
fn gained(j: u32) -> f32 {
    return dy[at(p.dy, 0u, j)];
}
";

/// For a kernel that has none.
const NONE_GAINED: &str = "
fn gained(j: u32) -> f32 {
    return 0.0;
}
";

pub(super) fn lower(lowering: &mut Lowering<'_>, p: &CrossEntropy, to: View, epilogue: Epilogue) {
    run(lowering, p, None, to, epilogue);
}

pub(super) fn gradient(
    lowering: &mut Lowering<'_>,
    p: &CrossEntropyGradient,
    to: View,
    epilogue: Epilogue,
) {
    run(lowering, &p.of, Some(p.dy), to, epilogue);
}

fn run(
    lowering: &mut Lowering<'_>,
    of: &CrossEntropy,
    dy: Option<View>,
    to: View,
    epilogue: Epilogue,
) {
    let constants = [
        ("THREADS", word(THREADS)),
        ("GRADIENT", u32::from(dy.is_some())),
    ];
    let gained = if dy.is_some() { GAINED } else { NONE_GAINED };
    let text = include_str!("cross_entropy.wgsl");
    let kernel = Kernel::new("cross-entropy", &constants, text).with(gained);
    let views = [of.scores, of.classes].into_iter().chain(dy);
    let (reads, given): (Vec<_>, Vec<_>) = views.map(|view| lowering.window(view, false)).unzip();
    let mut parameters = [given[0], given[1], lowering.places(to)].concat();
    parameters.extend(given.get(2).copied().unwrap_or_default());
    let (rows, samples) = (of.scores.rows, of.scores.columns);
    parameters.extend([word(rows), word(samples), f32::NAN.to_bits()]);
    lowering.dispatch(kernel, reads, parameters, epilogue, [samples, 1]);
}
