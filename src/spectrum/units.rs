//! Results brought back to the units of entries that were divided by a power of two.

use super::{LawComparison, LayerSpectrum, RandomBaseline};
use crate::survey::Scale;

/// Multiplies everything that has the dimension of an entry by `scale`, and variances and
/// eigenvalues by its square; a number too large for f64 becomes infinite and a square too small for it
/// undefined, `null` in JSON.
pub fn rescale(spectrum: &mut LayerSpectrum, scale: Scale) {
    let one = |x: &mut f64| *x = scale.restore(*x);
    let two = |x: &mut f64| {
        let scaled = scale.restore_square(*x);
        *x = if scaled == 0.0 && *x != 0.0 {
            f64::NAN
        } else {
            scaled
        };
    };
    one(&mut spectrum.mean);
    one(&mut spectrum.largest_entry);
    one(&mut spectrum.frobenius_norm);
    one(&mut spectrum.spectral_norm);
    one(&mut spectrum.nuclear_norm);
    one(&mut spectrum.method.tolerance);
    two(&mut spectrum.variance);
    spectrum.singular_values.iter_mut().flatten().for_each(one);
    for law in [&mut spectrum.marchenko_pastur, &mut spectrum.fitted_bulk]
        .into_iter()
        .flatten()
    {
        rescale_law(law, one, two);
    }
    if let Some(denoising) = &mut spectrum.denoising {
        one(&mut denoising.threshold);
    }
    if let Some(fit) = &mut spectrum.power_law {
        two(&mut fit.x_min);
        two(&mut fit.x_max);
    }
    if let Some(baseline) = &mut spectrum.random_baseline {
        rescale_baseline(baseline, one);
    }
    if let Some(blocks) = &mut spectrum.blocks {
        for block in &mut blocks.each {
            two(&mut block.variance);
            one(&mut block.spectral_norm);
            block.singular_values.iter_mut().flatten().for_each(one);
        }
        if let Some(baseline) = &mut blocks.full_shape_baseline {
            rescale_baseline(baseline, one);
        }
    }
}

fn rescale_law(law: &mut LawComparison, one: impl Fn(&mut f64), two: impl Fn(&mut f64)) {
    two(&mut law.variance);
    two(&mut law.lower_edge);
    two(&mut law.upper_edge);
    one(&mut law.lower_singular_value);
    one(&mut law.upper_singular_value);
    for spike in &mut law.spike_list {
        one(&mut spike.singular_value);
        if let Some(signal) = &mut spike.signal {
            one(signal);
        }
    }
}

fn rescale_baseline(baseline: &mut RandomBaseline, one: impl Fn(&mut f64)) {
    let curves = [&mut baseline.mean, &mut baseline.lower, &mut baseline.upper];
    curves.into_iter().flatten().for_each(one);
}
