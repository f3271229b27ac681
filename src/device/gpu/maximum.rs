//! The largest of listed rows, and where gradients go.

use super::builder::{Form, Lowering};
use super::dispatch::{Kernel, THREADS, word};
use super::epilogue::Epilogue;
use crate::program::{Maximum, MaximumGradient, View};

pub(super) fn lower(lowering: &mut Lowering<'_>, p: &Maximum, to: View, epilogue: Epilogue) {
    let constants = [("THREADS", word(THREADS))];
    let kernel = Kernel::new("maximum", &constants, include_str!("maximum.wgsl"));
    let lists = lowering.lists(&p.lists, Form::Lists);
    let (x, from) = lowering.window(p.x, false);
    let mut parameters = from.to_vec();
    parameters.extend(lowering.places(to));
    parameters.extend([word(to.rows), word(to.columns)]);
    let groups = to.entries().div_ceil(THREADS);
    lowering.dispatch(kernel, vec![x, lists], parameters, epilogue, [groups, 1]);
}

pub(super) fn gradient(
    lowering: &mut Lowering<'_>,
    p: &MaximumGradient,
    to: View,
    epilogue: Epilogue,
) {
    let constants = [("THREADS", word(THREADS))];
    let text = include_str!("maximum_gradient.wgsl");
    let kernel = Kernel::new("gradient of a maximum", &constants, text);
    let lists = lowering.lists(&p.lists, Form::Lists);
    let in_lists = lowering.lists(&p.places, Form::Lists);
    let (x, from) = lowering.window(p.x, false);
    let (dy, given) = lowering.window(p.dy, false);
    let mut parameters = from.to_vec();
    parameters.extend(given);
    parameters.extend(lowering.places(to));
    let sizes = [to.rows, to.columns, p.lists.len()].map(word);
    parameters.extend(sizes);
    let groups = to.entries().div_ceil(THREADS);
    lowering.dispatch(
        kernel,
        vec![x, dy, lists, in_lists],
        parameters,
        epilogue,
        [groups, 1],
    );
}
