//! Fourier and cosine transforms, summed directly.

use super::builder::Lowering;
use super::dispatch::{Kernel, THREADS, word};
use super::epilogue::Epilogue;
use crate::program::{TrigonometricTransform, View, Waves};
use std::f64::consts::PI;

pub(super) fn lower(
    lowering: &mut Lowering<'_>,
    p: &TrigonometricTransform,
    to: View,
    epilogue: Epilogue,
) {
    let order = p.order;
    // steps of one turn, and the largest entry
    let (period, size) = match p.waves {
        Waves::Fourier => (order, 1.0),
        Waves::Cosine => (4 * order, (2.0 / order as f64).sqrt()),
    };
    let constants = [
        ("THREADS", word(THREADS)),
        ("COSINES", u32::from(p.waves == Waves::Cosine)),
        ("TRANSPOSED", u32::from(p.transposed)),
        ("PERIOD", word(period)),
    ];
    let kernel = Kernel::new(
        "trigonometric",
        &constants,
        include_str!("trigonometric.wgsl"),
    );
    let angle = |step: usize| 2.0 * PI * step as f64 / period as f64;
    let cosines = (0..period).map(|step| libm::cos(angle(step)));
    let sines = (0..period).map(|step| libm::sin(angle(step)));
    let table = cosines.chain(sines).map(|x| (x as f32).to_bits());
    let table = lowering.table(table.collect());
    let (x, from) = lowering.window(p.x, false);
    let mut parameters = from.to_vec();
    parameters.extend(lowering.places(to));
    parameters.extend([word(to.rows), word(to.columns), word(p.x.rows)]);
    parameters.extend([word(order), (size as f32).to_bits()]);
    let groups = to.entries().div_ceil(THREADS);
    lowering.dispatch(kernel, vec![x, table], parameters, epilogue, [groups, 1]);
}
