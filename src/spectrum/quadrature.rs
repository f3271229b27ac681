//! Gauss-Legendre quadrature.

/// Abscissae and weights of the N-point rule on [0, 1], ascending, to rounding: Newton's steps on
/// the Legendre polynomial of degree N ≥ 2.
pub(super) fn gauss_legendre<const N: usize>() -> [(f64, f64); N] {
    std::array::from_fn(|i| {
        let mut x = (std::f64::consts::PI * (i as f64 + 0.75) / (N as f64 + 0.5)).cos();
        for _ in 0..8 {
            let (value, slope) = legendre(N, x);
            x -= value / slope;
        }
        let (_, slope) = legendre(N, x);
        (0.5 - 0.5 * x, 1.0 / ((1.0 - x * x) * slope * slope))
    })
}

/// The Legendre polynomial of the degree and its derivative.
fn legendre(degree: usize, x: f64) -> (f64, f64) {
    let (mut before, mut current) = (1.0, x);
    for k in 2..=degree {
        let k = k as f64;
        (before, current) = (
            current,
            ((2.0 * k - 1.0) * x * current - (k - 1.0) * before) / k,
        );
    }
    (
        current,
        degree as f64 * (x * current - before) / (x * x - 1.0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn powers<const N: usize>() {
        let rule = gauss_legendre::<N>();
        for power in 0..2 * N as i32 {
            let integral: f64 = rule.iter().map(|&(x, w)| w * x.powi(power)).sum();
            let exact = 1.0 / f64::from(power + 1);
            assert!(
                (integral - exact).abs() < 8.0 * f64::EPSILON,
                "{N} points, x^{power}"
            );
        }
    }

    #[test]
    fn integrates_polynomials_of_degree_below_twice_the_points() {
        powers::<2>();
        powers::<5>();
        powers::<16>();
        powers::<40>();
    }
}
