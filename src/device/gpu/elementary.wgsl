// Elementary functions within a few units in the last place: those of the language may be far coarser.
// Reductions and polynomials of Cephes (Moshier 1989), single precision. Compilers may add up the parts of a constant
// where two products have one factor, which would undo its division into parts: so factors here are multiples.

// 2^n x, of x near 1: by the bits of the exponent, for products of powers may be put together beyond all numbers.
fn scaled_by_power(x: f32, n: i32) -> f32 {
    let bits = bitcast<u32>(x);
    let exponent = i32(bits >> 23u) + n;
    let scaled = select(bits + (u32(n) << 23u), 0x7f800000u, exponent >= 255);
    return bitcast<f32>(select(scaled, 0u, exponent <= 0));
}

fn exponential(x: f32) -> f32 {
    let y = clamp(x, -104.0, 89.0);
    let n = i32(round(y * 1.44269504));
    let r = fma(f32(3 * n), 7.0731481e-5, fma(f32(n), -0.693359375, y));
    var s = fma(r, 1.9875691500e-4, 1.3981999507e-3);
    s = fma(r, s, 8.3334519073e-3);
    s = fma(r, s, 4.1665795894e-2);
    s = fma(r, s, 1.6666665459e-1);
    s = fma(r, s, 5.0000001201e-1);
    let e = scaled_by_power(fma(r * r, s, r) + 1.0, n);
    return select(e, x, is_none(x));
}

fn exponential_slope(x: f32) -> f32 {
    return exponential(x);
}

// Of a positive number; what is infinite or none stays so.
fn logarithm(x: f32) -> f32 {
    let bits = bitcast<u32>(x);
    var n = i32(bits >> 23u) - 126;
    var m = bitcast<f32>((bits & 0x7fffffu) | 0x3f000000u);
    if (m < 0.707106781) {
        m = 2.0 * m;
        n -= 1;
    }
    let r = m - 1.0;
    let z = r * r;
    var s = fma(r, 7.0376836292e-2, -1.1514610310e-1);
    s = fma(r, s, 1.1676998740e-1);
    s = fma(r, s, -1.2420140846e-1);
    s = fma(r, s, 1.4249322787e-1);
    s = fma(r, s, -1.6668057665e-1);
    s = fma(r, s, 2.0000714765e-1);
    s = fma(r, s, -2.4999993993e-1);
    s = fma(r, s, 3.3333331174e-1);
    s = fma(f32(3 * n), -7.0731481e-5, r * z * s);
    s = fma(z, -0.5, s);
    return select(fma(f32(n), 0.693359375, r + s), x, bits >= 0x7f800000u);
}

fn hyperbolic_tangent(x: f32) -> f32 {
    let size = abs(x);
    if (size < 0.625) {
        let z = x * x;
        var s = fma(z, -5.70498872745e-3, 2.06390887954e-2);
        s = fma(z, s, -5.37397155531e-2);
        s = fma(z, s, 1.33314422036e-1);
        s = fma(z, s, -3.33332819422e-1);
        return fma(x * z, s, x);
    }
    let t = 1.0 - 2.0 / (exponential(2.0 * size) + 1.0);
    return select(t, -t, x < 0.0);
}

fn hyperbolic_tangent_slope(x: f32) -> f32 {
    // 1 - tanh², without the difference of what is nearly equal
    let e = exponential(-2.0 * abs(x));
    return 4.0 * e / ((1.0 + e) * (1.0 + e));
}

fn sigmoid(x: f32) -> f32 {
    return 1.0 / (1.0 + exponential(-x));
}

fn sigmoid_slope(x: f32) -> f32 {
    let e = exponential(-abs(x));
    return e / ((1.0 + e) * (1.0 + e));
}

fn square(x: f32) -> f32 {
    return x * x;
}

fn square_slope(x: f32) -> f32 {
    return 2.0 * x;
}

fn relu(x: f32) -> f32 {
    // the bits of negative numbers, -0 and what is no number left out: a comparison may become the larger of two,
    // which drops what is no number
    return select(x, 0.0, bitcast<u32>(x) - 0x80000001u < 0x7f800000u);
}

fn relu_slope(x: f32) -> f32 {
    return select(0.0, 1.0, x > 0.0);
}

fn inverse_root(x: f32) -> f32 {
    return 1.0 / sqrt(x);
}

fn inverse_root_slope(x: f32) -> f32 {
    let y = inverse_root(x);
    return -0.5 * y * y * y;
}

fn sign_of(x: f32) -> f32 {
    return select(select(select(x, 1.0, x > 0.0), -1.0, x < 0.0), x, is_none(x));
}

fn sign_of_slope(x: f32) -> f32 {
    return 0.0;
}

// sin (x + π/2 · quarter)
fn sine_of(x: f32, quarter: u32) -> f32 {
    let n = i32(round(x * 0.636619772));
    var r = fma(f32(n), -1.5703125, x);
    r = fma(f32(3 * n), -1.612504323323568e-4, r);
    r = fma(f32(5 * n), -1.5099579897537296e-8, r);
    let z = r * r;
    var s = fma(z, -1.9515295891e-4, 8.3321608736e-3);
    s = fma(z, s, -1.6666654611e-1);
    let sine = fma(r * z, s, r);
    var c = fma(z, 2.443315711809948e-5, -1.388731625493765e-3);
    c = fma(z, c, 4.166664568298827e-2);
    let cosine = fma(z * z, c, fma(z, -0.5, 1.0));
    let turn = (u32(n) + quarter) & 3u;
    let y = select(sine, cosine, (turn & 1u) == 1u);
    return select(y, -y, turn >= 2u);
}

fn sine(x: f32) -> f32 {
    return sine_of(x, 0u);
}

fn sine_slope(x: f32) -> f32 {
    return sine_of(x, 1u);
}

fn cosine(x: f32) -> f32 {
    return sine_of(x, 1u);
}

fn cosine_slope(x: f32) -> f32 {
    return -sine_of(x, 0u);
}
