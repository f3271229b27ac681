//! The Airy function Ai of a real argument.

use std::f64::consts::{FRAC_PI_4, PI};

/// Ai and Ai' at -10, -9.5, …, 10, rounded from 40 digits (mpmath 1.3.0, `airyai`).
#[rustfmt::skip]
const NODES: [(f64, f64); 41] = [
    (0.04024123848644319, 0.99626504413279),
    (0.3191032477191282, -0.10809531881187123),
    (-0.022133721547341403, -0.9756639809263316),
    (-0.33029023763020887, -0.03231334828463914),
    (-0.0527050503563862, 0.9355609381983065),
    (0.3217757163806479, 0.3188095066985546),
    (0.18428083525050565, -0.7710081684101265),
    (-0.2380203019971158, -0.6749524925132022),
    (-0.3291451736298231, 0.3459354872813429),
    (0.017781541276574976, 0.8641972177713984),
    (0.35076100902411433, 0.32719281855444315),
    (0.2921527810559595, -0.5233625323157477),
    (-0.07026553294928951, -0.7906285753685813),
    (-0.37553382314043193, -0.34344343345404815),
    (-0.37881429367765806, 0.3145837692165988),
    (-0.11232506769296609, 0.6788527342647943),
    (0.22740742820168558, 0.618259020741691),
    (0.4642565777488694, 0.3091869672024104),
    (0.5355608832923521, -0.01016056711664521),
    (0.4757280916105396, -0.20408167033954738),
    (0.3550280538878172, -0.2588194037928068),
    (0.23169360648083348, -0.2249105326646839),
    (0.13529241631288141, -0.1591474412967932),
    (0.07174949700810541, -0.09738201284230132),
    (0.03492413042327438, -0.05309038443365363),
    (0.01572592338047049, -0.026250881035903232),
    (0.006591139357460719, -0.011912976705951319),
    (0.002584098786989635, -0.005004413967952583),
    (0.0009515638512048018, -0.001958640950204179),
    (0.00033025032351430896, -0.0007178665675575089),
    (0.00010834442813607442, -0.0002474138908684625),
    (3.368531190859981e-05, -8.046339130556515e-05),
    (9.947694360252889e-06, -2.4765200397034955e-05),
    (2.7958823432049136e-06, -7.231931466601793e-06),
    (7.492128863997167e-07, -2.008150894738792e-06),
    (1.9172560675134309e-07, -5.312713959720545e-07),
    (4.6922076160992316e-08, -1.3414392979067865e-07),
    (1.0997009755195506e-08, -3.237725440447602e-08),
    (2.47116843087249e-09, -7.480641389658946e-09),
    (5.330263704617492e-10, -1.6566394593740667e-09),
    (1.1047532552898686e-10, -3.5206336767389237e-10),
];
const FIRST_NODE: f64 = -10.0;
const SPACING: f64 = 0.5;

/// Ai(x), the solution of `y'' = x y` that decays to the right.
///
/// Within `|x| ≤ 10.25` its Taylor series about the nearest of 41 tabulated points, beyond the
/// asymptotic series (DLMF 9.7.5, 9.7.9). For `x ≥ 0` the relative error is some units of
/// `ε (1 + x^1.5)`, what rounding x costs already; for `x < 0` so is the error relative to the
/// amplitude `|x|^(-1/4)/√π`.
pub(super) fn airy_ai(x: f64) -> f64 {
    if x.is_nan() {
        x
    } else if x >= 10.25 {
        decaying(x)
    } else if x <= -10.25 {
        oscillating(-x)
    } else {
        let node = ((x - FIRST_NODE) / SPACING).round().clamp(0.0, 40.0);
        let centre = FIRST_NODE + SPACING * node;
        let (value, slope) = NODES[node as usize];
        taylor(centre, value, slope, x - centre)
    }
}

/// The solution of `y'' = x y` with `y(centre) = value`, `y'(centre) = slope`, at `centre + h`,
/// `|h| ≤ 1/4`: (k+1)(k+2) c_{k+2} = centre·c_k + c_{k-1}. The twentieth term is below 1e-18.
fn taylor(centre: f64, value: f64, slope: f64, h: f64) -> f64 {
    let square = h * h;
    // Terms t_k = c_k h^k, three of them in flight.
    let (mut before, mut current, mut next) = (value, slope * h, 0.5 * centre * value * square);
    let mut sum = 0.0;
    for k in 1..20 {
        let k = f64::from(k);
        let following = (centre * current + before * h) * square / ((k + 1.0) * (k + 2.0));
        sum += next;
        (before, current, next) = (current, next, following);
    }
    // Largest terms last.
    sum + slope * h + value
}

/// u_{k+1}/u_k of the asymptotic series (DLMF 9.7.2).
fn coefficient_ratio(k: f64) -> f64 {
    (6.0 * k + 1.0) * (6.0 * k + 5.0) / (72.0 * (k + 1.0))
}

fn decaying(x: f64) -> f64 {
    let root = x.sqrt();
    let zeta = 2.0 / 3.0 * x * root;
    let (mut term, mut sum) = (1.0, 1.0);
    let mut k = 0.0;
    while f64::abs(term) > 0.1 * f64::EPSILON {
        term *= -coefficient_ratio(k) / zeta;
        sum += term;
        k += 1.0;
    }
    (-zeta).exp() * sum / (2.0 * (PI * root).sqrt())
}

fn oscillating(x: f64) -> f64 {
    let root = x.sqrt();
    let zeta = 2.0 / 3.0 * x * root;
    // u_k/ζ^k with signs + + - - + + …; even terms go with the cosine, odd ones with the sine.
    let (mut term, mut even, mut odd) = (1.0, 1.0, 0.0);
    let mut k = 0_u32;
    while f64::abs(term) > 0.1 * f64::EPSILON {
        term *= coefficient_ratio(f64::from(k)) / zeta;
        k += 1;
        let signed = if k % 4 < 2 { term } else { -term };
        if k.is_multiple_of(2) {
            even += signed;
        } else {
            odd += signed;
        }
    }
    let (sine, cosine) = (zeta - FRAC_PI_4).sin_cos();
    (cosine * even + sine * odd) / (PI * root).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_forty_digits() {
        // mpmath 1.3.0, mp.dps = 40, airyai(mpf(x)) at the doubles x, rounded.
        let known = [
            (0.1, 0.3292031299435381),
            (0.25, 0.2911639543485452),
            (0.7, 0.18916240039815008),
            (1.3, 0.09347466577150271),
            (2.74, 0.010449269302755016),
            (5.25, 6.081011452242365e-05),
            (7.77, 9.014574297808026e-08),
            (10.2, 5.822567393145985e-11),
            (10.3, 4.2172819226260077e-11),
            (12.0, 1.3931846888753607e-13),
            (30.0, 3.2082175915504954e-49),
            (75.0, 8.443707036018079e-190),
            (103.0, 1.9562320229339223e-304),
            (-0.3, 0.43090309528558085),
            (-1.1, 0.5338105104305022),
            (-2.25, 0.06159865877700528),
            (-5.7, -0.15062015797853542),
            (-8.74, -0.2448634398741925),
            (-10.2, -0.15369678260708255),
            (-10.3, -0.23210801885482976),
            (-17.0, -0.10526230029095239),
            (-60.0, 0.07778782447711559),
        ];
        for (x, value) in known {
            let x: f64 = x;
            let amplitude = if x > 0.0 {
                value
            } else {
                (PI * x.abs().sqrt()).sqrt().recip()
            };
            let tolerance = 4.0 * f64::EPSILON * (1.0 + x.abs().powf(1.5)) * amplitude;
            assert!(
                (airy_ai(x) - value).abs() <= tolerance,
                "Ai({x}) = {:e}, not {value:e}",
                airy_ai(x)
            );
        }
    }

    #[test]
    fn starts_at_the_gamma_constants() {
        // Ai(0) = 3^(-2/3)/Γ(2/3), DLMF 9.2.3.
        let exact = 3.0_f64.powf(-2.0 / 3.0) / libm::tgamma(2.0 / 3.0);
        assert!((airy_ai(0.0) - exact).abs() < 2.0 * f64::EPSILON);
    }

    #[test]
    fn vanishes_at_the_tabulated_zeros() {
        // DLMF table 9.9.1 (and AS 10.13), rounded to 10 decimals: the slope there is at most 1.4.
        for zero in [
            -2.338_107_410_5,
            -4.087_949_444_1,
            -5.520_559_828_1,
            -6.786_708_090_1,
            -7.944_133_587_1,
            -9.022_650_853_3,
            -10.040_174_341_6,
            -11.008_524_303_7,
            -11.936_015_563_2,
            -12.828_776_752_9,
        ] {
            assert!(airy_ai(zero).abs() < 1e-10, "{zero}: {:e}", airy_ai(zero));
        }
    }

    #[test]
    fn pieces_join_where_the_nodes_change() {
        // Two Taylor series, or a series and the asymptotic form, on either side of every seam.
        for seam in (-20..=20)
            .map(|i| f64::from(i) * 0.5 + 0.25)
            .chain([-10.25])
        {
            let (left, right) = (airy_ai(seam.next_down()), airy_ai(seam.next_up()));
            let scale = if seam > 0.0 { right } else { 0.5 };
            let tolerance = 8.0 * f64::EPSILON * (1.0 + seam.abs().powf(1.5)) * scale;
            assert!(
                (left - right).abs() < tolerance,
                "{seam}: {left:e} {right:e}"
            );
        }
    }

    #[test]
    fn solves_its_equation() {
        let h = 1e-3;
        for i in -150..150 {
            let x = f64::from(i) * 0.1 + 0.03;
            let curvature = (airy_ai(x + h) - 2.0 * airy_ai(x) + airy_ai(x - h)) / (h * h);
            // Second difference: h²/12·y'''' = h²/12·(x² y + 2 y'), and 4 ε/h² of rounding.
            let tolerance = h * h / 12.0 * (x * x + 2.0 * x.abs().sqrt() + 2.0) * 0.6
                + 40.0 * f64::EPSILON * (1.0 + x.abs().powf(1.5)) * 0.6 / (h * h);
            assert!((curvature - x * airy_ai(x)).abs() < tolerance, "{x}");
        }
    }
}
