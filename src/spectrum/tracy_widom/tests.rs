use super::*;

/// F(s) = exp(-½ ∫_s^∞ (q + (x - s) q²) dx), q the Hastings-McLeod solution of Painlevé II
/// (Tracy, Widom 1996), by Runge-Kutta steps from q(10) = Ai(10) to the left.
fn painleve(points: &[f64]) -> Vec<f64> {
    // State: q, q', ∫q, ∫q², ∫(x-s)q².
    let derivative = |s: f64, u: [f64; 5]| {
        [
            u[1],
            s * u[0] + 2.0 * u[0].powi(3),
            -u[0],
            -u[0] * u[0],
            -u[3],
        ]
    };
    let add =
        |u: [f64; 5], h: f64, v: [f64; 5]| -> [f64; 5] { std::array::from_fn(|i| u[i] + h * v[i]) };
    let ai = 1.1047532552898687e-10;
    // Ai'(10) from the table of Ai; ∫_10^∞ Ai ≈ Ai(10)/√10 (1 - 3/(4·10^1.5)) to 1e-13.
    let mut state = [
        ai,
        -3.5206336767389237e-10,
        ai / 10.0_f64.sqrt() * 0.9763,
        0.0,
        0.0,
    ];
    let steps_per_unit = 1000;
    let h = -1.0 / f64::from(steps_per_unit);
    let mut values = Vec::new();
    for step in 0..=(14 * steps_per_unit) {
        let s = 10.0 + f64::from(step) * h;
        for &point in points {
            if (point - s).abs() < 1e-9 {
                values.push((-0.5 * (state[2] + state[4])).exp());
            }
        }
        let k1 = derivative(s, state);
        let k2 = derivative(s + 0.5 * h, add(state, 0.5 * h, k1));
        let k3 = derivative(s + 0.5 * h, add(state, 0.5 * h, k2));
        let k4 = derivative(s + h, add(state, h, k3));
        let slope = std::array::from_fn(|i| (k1[i] + 2.0 * (k2[i] + k3[i]) + k4[i]) / 6.0);
        state = add(state, h, slope);
    }
    values
}

#[test]
fn agrees_with_painleve() {
    let points = [
        4.0, 3.0, 2.5, 2.0, 1.0, 0.5, 0.0, -0.5, -1.0, -1.5, -2.0, -2.5, -3.0,
    ];
    let values = painleve(&points);
    assert_eq!(values.len(), points.len());
    for (s, value) in points.iter().zip(values) {
        // Errors of 1e-12 a unit grow as exp(2√2/3 |s|^1.5), below 150 down to -3.
        assert!(
            (TracyWidom.cdf(*s) - value).abs() < 2e-10,
            "{s}: {} {value}",
            TracyWidom.cdf(*s)
        );
    }
}

#[test]
fn agrees_with_forty_digits() {
    // F and 1 - F, mpmath 1.3.0 at 40 digits: the determinant by 56 points on a longer interval.
    for (s, cdf, sf) in [
        (-8.0, 1.806827921185463e-12, 0.9999999999981932),
        (-5.0, 0.00027791775491679035, 0.9997220822450832),
        (-3.0, 0.06960011886736989, 0.9303998811326301),
        (-1.0, 0.5837898955197323, 0.41621010448026774),
        (0.0, 0.8319080662029519, 0.16809193379704807),
        (1.0, 0.9514212369115508, 0.048578763088449266),
        (3.0, 0.9982934803498806, 0.0017065196501194048),
        (6.0, 0.9999980591859273, 1.940814072646217e-06),
        (10.0, 0.9999999999829179, 1.708215869527107e-11),
    ] {
        // POINTS terms of the sum, each to a few ε of the leading eigenvalue.
        assert!(
            (TracyWidom.cdf(s) - cdf).abs() < 20.0 * f64::EPSILON,
            "{s}: {}",
            TracyWidom.cdf(s)
        );
        let tolerance = 20.0 * f64::EPSILON * (1.0 + s.max(0.0).powf(1.5));
        assert!(
            (TracyWidom.sf(s) / sf - 1.0).abs() < tolerance,
            "{s}: {}",
            TracyWidom.sf(s)
        );
    }
}

#[test]
fn agrees_with_johnstones_table() {
    // Johnstone, Ann. Statist. 29 (2001), table 1, column TW₁: percentiles to two decimals.
    for (s, p) in [
        (-3.90, 0.01),
        (-3.18, 0.05),
        (-2.78, 0.10),
        (-1.91, 0.30),
        (-1.27, 0.50),
        (-0.59, 0.70),
        (0.45, 0.90),
        (0.98, 0.95),
        (2.02, 0.99),
    ] {
        let quantile = TracyWidom.inverse_cdf(p);
        assert!((quantile - s).abs() < 0.005 + 1e-9, "{p}: {quantile}");
    }
}

#[test]
fn quantiles_invert_the_distribution() {
    for p in [1e-12, 1e-6, 0.01, 0.3, 0.5, 0.7, 0.95, 0.999, 1.0 - 1e-9] {
        let back = TracyWidom.cdf(TracyWidom.inverse_cdf(p));
        assert!((back - p).abs() < 2e-14, "{p}: {back}");
    }
    assert_eq!(TracyWidom.inverse_cdf(0.0), f64::NEG_INFINITY);
    assert_eq!(TracyWidom.inverse_cdf(1.0), f64::INFINITY);
    assert!(TracyWidom.inverse_cdf(1.5).is_nan());
}

#[test]
fn the_slope_of_the_distribution_is_the_density() {
    let h = 0.01;
    for i in -50..60 {
        let s = 0.1 * f64::from(i);
        let f = |k: f64| TracyWidom.cdf(s + k * h);
        let slope =
            (45.0 * (f(1.0) - f(-1.0)) - 9.0 * (f(2.0) - f(-2.0)) + f(3.0) - f(-3.0)) / (60.0 * h);
        // Sixth-order differences: h⁶/140 times the seventh derivative, and 1e-14/h.
        assert!(
            (slope - TracyWidom.pdf(s)).abs() < 5e-12,
            "{s}: {slope} {}",
            TracyWidom.pdf(s)
        );
    }
}

#[test]
fn moments_integrate() {
    // Trapezoidal sums of a density that vanishes smoothly at both ends converge exponentially.
    let h = 0.05;
    let points: Vec<(f64, f64)> = (-190..500)
        .map(|i| f64::from(i) * h)
        .map(|s| (s, TracyWidom.pdf(s) * h))
        .collect();
    let moment = |f: &dyn Fn(f64) -> f64| points.iter().map(|&(s, mass)| f(s) * mass).sum::<f64>();
    let (mean, variance) = (TracyWidom.mean().unwrap(), TracyWidom.variance().unwrap());
    assert!((moment(&|_| 1.0) - 1.0).abs() < 1e-13);
    assert!((moment(&|s| s) - mean).abs() < 1e-12, "{}", moment(&|s| s));
    assert!(
        (moment(&|s| (s - mean).powi(2)) - variance).abs() < 1e-12,
        "{}",
        moment(&|s| (s - mean).powi(2))
    );
    let skewness = moment(&|s| (s - mean).powi(3)) / variance.powf(1.5);
    assert!(
        (skewness - TracyWidom.skewness().unwrap()).abs() < 1e-11,
        "{skewness}"
    );
}

#[test]
fn the_right_tail_is_relatively_accurate() {
    // To first order 1 - F = tr K = ½ ∫_s^∞ Ai; the next order is Ai(s) smaller. ∫Ai from mpmath
    // 1.3.0: 1/3 - airyai(s, derivative=-1) at 360 digits.
    for (s, integral) in [
        (12.0, 3.953145915043153e-14),
        (25.0, 1.6136518795698452e-38),
        (50.0, 6.47042653392402e-105),
        (80.0, 7.112200451619027e-210),
        (100.0, 2.6325111287618616e-292),
    ] {
        let s: f64 = s;
        let relative = TracyWidom.sf(s) / (0.5 * integral) - 1.0;
        let tolerance = 8.0 * f64::EPSILON * (1.0 + s.powf(1.5)) + 2.0 * integral;
        assert!(relative.abs() < tolerance, "{s}: {relative:e}");
    }
}

#[test]
fn the_ends_are_defined() {
    let values = |s: f64| (TracyWidom.cdf(s), TracyWidom.sf(s), TracyWidom.pdf(s));
    assert_eq!(values(-40.0), (0.0, 1.0, 0.0));
    assert_eq!(values(1e300), (1.0, 0.0, 0.0));
    assert_eq!(values(f64::INFINITY), (1.0, 0.0, 0.0));
    assert!(TracyWidom.cdf(f64::NAN).is_nan());
}
