use super::*;
use crate::spectrum::quadrature::gauss_legendre;

const RATIOS: [f64; 10] = [
    1e-6,
    0.01,
    0.05,
    0.1,
    0.5,
    0.999,
    0.999_999_9,
    1.0,
    1.5,
    10.0,
];

/// ∫ f over [lo, hi] within the edges a, b: `x = a + (b-a) sin²(t/2)` takes away both square roots,
/// and panels of t halve towards the lower edge, near which the density may have a pole.
pub fn integral(lo: f64, hi: f64, a: f64, b: f64, f: impl Fn(f64) -> f64) -> f64 {
    let angle = |x: f64| 2.0 * ((x - a).max(0.0).sqrt()).atan2((b - x).max(0.0).sqrt());
    let (from, to) = (angle(lo), angle(hi));
    let rule: [(f64, f64); 16] = gauss_legendre();
    let mut total = 0.0;
    let mut edges: Vec<f64> = (0..60)
        .map(|k| to * 0.5_f64.powi(k))
        .filter(|t| *t > from)
        .collect();
    edges.push(from);
    for pair in edges.windows(2) {
        for (node, weight) in rule {
            let t = pair[1] + (pair[0] - pair[1]) * node;
            let x = a + (b - a) * (t / 2.0).sin().powi(2);
            total += (pair[0] - pair[1]) * weight * f(x) * 0.5 * (b - a) * t.sin();
        }
    }
    total
}

#[test]
fn the_density_integrates_to_the_distribution() {
    for y in RATIOS {
        let law = MarchenkoPastur::new(y, 2.5).unwrap();
        let (a, b) = (law.lower_edge(), law.upper_edge());
        for k in 1..=40 {
            let x = a + (b - a) * f64::from(k) / 40.0;
            let by_density = law.atom() + integral(a, x, a, b, |x| law.pdf(x));
            // Panels of 16 points are exact; x - a in the density loses eps·x/(x-a) near the edge,
            // which the square root halves.
            let tolerance = 1e-12 + 8.0 * f64::EPSILON / law.angle.q.min(1.0);
            assert!(
                (law.cdf(x) - by_density).abs() < tolerance,
                "y {y} x {x}: {} {by_density}",
                law.cdf(x)
            );
            assert!(
                (law.cdf(x) + law.sf(x) - 1.0).abs() < 4.0 * f64::EPSILON,
                "y {y}: cdf + sf"
            );
        }
    }
}

#[test]
fn the_distribution_is_the_published_closed_form() {
    // The formula with (1-y) in it, evaluated as printed, where it is well conditioned.
    for y in [0.05, 0.1, 0.3, 0.5, 0.8] {
        let law = MarchenkoPastur::new(y, 1.0).unwrap();
        let (a, b) = (law.lower_edge(), law.upper_edge());
        for k in 1..20 {
            let x = a + (b - a) * f64::from(k) / 20.0;
            let r = ((b - x) / (x - a)).sqrt();
            let printed = 0.5
                + (((b - x) * (x - a)).sqrt() - (1.0 + y) * ((r * r - 1.0) / (2.0 * r)).atan()
                    + (1.0 - y) * ((a * r * r - b) / (2.0 * (1.0 - y) * r)).atan())
                    / (2.0 * PI * y);
            assert!(
                (law.cdf(x) - printed).abs() < 20.0 * f64::EPSILON / y,
                "y {y} x {x}"
            );
        }
    }
}

#[test]
fn moments_are_the_closed_forms() {
    for y in RATIOS {
        let variance = 0.7;
        let law = MarchenkoPastur::new(y, variance).unwrap();
        let (a, b) = (law.lower_edge(), law.upper_edge());
        let first = integral(a, b, a, b, |x| x * law.pdf(x));
        let second = integral(a, b, a, b, |x| x * x * law.pdf(x));
        let tolerance = 1e-12 + 8.0 * f64::EPSILON / law.angle.q;
        assert!((first / variance - 1.0).abs() < tolerance, "y {y}");
        assert!(
            (second / (variance * variance * (1.0 + y)) - 1.0).abs() < tolerance,
            "y {y}"
        );
        assert_eq!(law.mean(), Some(variance));
        assert_eq!(law.variance(), Some(variance * variance * y));
    }
    let law = MarchenkoPastur::new(0.3, 1.0).unwrap();
    let (a, b) = (law.lower_edge(), law.upper_edge());
    let third = integral(a, b, a, b, |x| (x - 1.0).powi(3) * law.pdf(x));
    assert!((third / 0.3_f64.powf(1.5) - law.skewness().unwrap()).abs() < 1e-12);
}

#[test]
fn quantiles_invert_the_distribution() {
    for y in RATIOS {
        let law = MarchenkoPastur::new(y, 3.0).unwrap();
        let edge = law.upper_edge();
        for p in [1e-8, 1e-4, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.9999] {
            let x = law.inverse_cdf(p);
            if p <= law.atom() {
                assert_eq!(x, 0.0);
                continue;
            }
            // x is rounded to eps·x: p moves by the density times that.
            let tolerance = 8.0 * f64::EPSILON * (1.0 + law.pdf(x) * edge);
            assert!(
                (law.cdf(x) - p).abs() < tolerance,
                "y {y} p {p}: {}",
                law.cdf(x) - p
            );
        }
        assert_eq!(law.inverse_cdf(1.0), edge);
        assert!(law.inverse_cdf(-0.1).is_nan() && law.inverse_cdf(f64::NAN).is_nan());
    }
}

#[test]
fn tails_are_relatively_accurate_at_the_edges() {
    // Near an edge 1 - F → c (2/3) d^1.5 with c from the density √(b-a) √d/(2π y b).
    for y in [0.01, 0.1, 0.5, 0.9] {
        let law = MarchenkoPastur::new(y, 1.0).unwrap();
        let (a, b) = (law.lower_edge(), law.upper_edge());
        let d = 1e-9 * a.min(b - a);
        let rounding = 4.0 * f64::EPSILON * b / d + 10.0 * d / a.min(b - a);
        let upper = 2.0 / 3.0 * ((b - a) * d).sqrt() * d / (2.0 * PI * y * b);
        assert!(
            (law.sf(b - d) / upper - 1.0).abs() < rounding,
            "y {y} upper"
        );
        let lower = 2.0 / 3.0 * ((b - a) * d).sqrt() * d / (2.0 * PI * y * a);
        assert!(
            (law.cdf(a + d) / lower - 1.0).abs() < rounding,
            "y {y} lower"
        );
    }
}

#[test]
fn agrees_with_forty_digits() {
    // F and 1 - F, mpmath 1.3.0 at 40 digits: quad of the density in the angle, y and x exact.
    for (y, x, cdf, sf) in [
        (1e-06, 0.9985, 0.07205899300741761, 0.9279410069925824),
        (1e-06, 1.0, 0.5001061032980472, 0.49989389670195283),
        (1e-06, 1.0019, 0.9932534521849156, 0.006746547815084474),
        (0.1, 0.4676, 1.056123350837765e-06, 0.9999989438766491),
        (0.1, 0.5, 0.014221150825558469, 0.9857788491744416),
        (0.1, 1.0, 0.5336373720536286, 0.4663626279463714),
        (0.1, 1.7324, 0.9999997149541173, 2.850458826803931e-07),
        (0.999999, 1e-12, 2.1799564224224593e-07, 0.9999997820043578),
        (0.999999, 1e-06, 0.000636120302384558, 0.9993638796976154),
        (0.999999, 0.3, 0.3442817300894571, 0.6557182699105429),
        (0.999999, 3.99, 0.9999469243784568, 5.307562154325575e-05),
        (1.0, 1e-12, 6.366197723675548e-07, 0.9999993633802277),
        (1.0, 0.001, 0.020130845990134507, 0.9798691540098655),
        (1.0, 2.0, 0.8183098861837906, 0.18169011381620934),
        (4.0, 1.0001, 0.7500000750215771, 0.2499999249784229),
        (4.0, 3.0, 0.8461655571887814, 0.15383444281121866),
        (4.0, 8.9999, 0.9999999916637135, 8.336286500831963e-09),
    ] {
        let law = MarchenkoPastur::new(y, 1.0).unwrap();
        let (a, b) = (law.lower_edge(), law.upper_edge());
        // A rounding of x or of an edge moves F by the density, and each tail by half as much
        // again relative to its distance from the edge.
        let moved = 4.0 * f64::EPSILON * (1.0 + law.pdf(x) * x);
        let lower = 8.0 * f64::EPSILON * (1.0 + x / (x - a));
        let upper = 8.0 * f64::EPSILON * (1.0 + b / (b - x));
        assert!(
            (law.cdf(x) - cdf).abs() < moved.max(lower * cdf),
            "y {y} x {x}: {}",
            law.cdf(x)
        );
        assert!(
            (law.sf(x) - sf).abs() < moved.max(upper * sf),
            "y {y} x {x}: {}",
            law.sf(x)
        );
        if y <= 1.0 {
            assert!(
                (law.cdf(x) / cdf - 1.0).abs() < lower,
                "y {y} x {x}: {}",
                law.cdf(x)
            );
        }
        assert!(
            (law.sf(x) / sf - 1.0).abs() < upper,
            "y {y} x {x}: {}",
            law.sf(x)
        );
    }
}

#[test]
fn the_edges_use_the_root_of_the_ratio() {
    // With y² in the place of √y (a published misprint) these would be 0.87890625 and 1.12890625.
    let law = MarchenkoPastur::new(0.25, 1.0).unwrap();
    assert_eq!((law.lower_edge(), law.upper_edge()), (0.25, 2.25));
}

#[test]
fn what_is_no_law_is_refused() {
    assert_eq!(
        MarchenkoPastur::new(0.0, 1.0),
        Err(LawError::AspectRatio(0.0))
    );
    assert!(MarchenkoPastur::new(f64::NAN, 1.0).is_err());
    assert_eq!(
        MarchenkoPastur::new(1.0, -1.0),
        Err(LawError::Variance(-1.0))
    );
    let law = MarchenkoPastur::new(0.5, 1.0).unwrap();
    assert!(law.cdf(f64::NAN).is_nan() && law.sf(f64::NAN).is_nan());
}
