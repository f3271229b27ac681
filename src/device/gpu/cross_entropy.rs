//! Cross-entropy of a softmax.

use super::chain::ELEMENTARY;
use super::dispatch::{Kernel, word};
use super::lower::Lowering;
use crate::program::{CrossEntropy, CrossEntropyGradient, View};

/// Threads for the scores of one sample.
const THREADS: usize = 32;

/// How a kernel reads the gradient of a sample's loss.
const GAINED: &str = "
@group(0) @binding(4) var<storage, read> dy: array<f32>;
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

pub(super) fn lower(lowering: &mut Lowering<'_>, p: &CrossEntropy, to: View, keep: f32) {
    run(lowering, p, None, to, keep);
}

pub(super) fn gradient(lowering: &mut Lowering<'_>, p: &CrossEntropyGradient, to: View, keep: f32) {
    run(lowering, &p.of, Some(p.dy), to, keep);
}

fn run(lowering: &mut Lowering<'_>, of: &CrossEntropy, dy: Option<View>, to: View, keep: f32) {
    let constants = [
        ("THREADS", word(THREADS)),
        ("GRADIENT", u32::from(dy.is_some())),
    ];
    let gained = if dy.is_some() { GAINED } else { NONE_GAINED };
    let text = include_str!("cross_entropy.wgsl");
    let text = format!("{ELEMENTARY}{text}{gained}");
    let kernel = Kernel::new("cross-entropy", &constants, &text);
    let views = [(to, true), (of.scores, false), (of.classes, false)];
    let views = views.into_iter().chain(dy.map(|dy| (dy, false)));
    let (bindings, places): (Vec<_>, Vec<_>) = views
        .map(|(view, write)| lowering.window(view, write))
        .unzip();
    let mut parameters = [places[1], places[2], places[0]].concat();
    parameters.extend(places.get(3).copied().unwrap_or_default());
    let (rows, samples) = (of.scores.rows, of.scores.columns);
    let none = f32::NAN.to_bits();
    parameters.extend([word(rows), word(samples), none, keep.to_bits()]);
    lowering.dispatch(kernel, bindings, parameters, [samples, 1]);
}
