//! A hand: how it bends, slants and places what it writes.

use crate::random::Stream;

/// Knots of the bending field along each axis, from -1/3 on in steps of 1/3.
const KNOTS: usize = 7;
const STEP: f64 = 1.0 / 3.0;
/// Standard deviation of the field at a knot, in heights of a digit.
const BEND: f64 = 0.085;
/// Height of a digit and centre of a picture, in pixels.
const HEIGHT: f64 = 19.0;
const CENTRE: f64 = 14.0;
/// Pieces of a curve between two of its points.
const PIECES: usize = 6;

/// Maps points of the unit square to pixels.
pub(super) struct Hand {
    /// Displacements at the knots, across and down.
    field: [[[f64; 2]; KNOTS]; KNOTS],
    /// Rows of the linear map.
    linear: [[f64; 2]; 2],
    shift: [f64; 2],
}

impl Hand {
    pub(super) fn draw(stream: &mut Stream) -> Hand {
        let mut field = [[[0.0; 2]; KNOTS]; KNOTS];
        for knot in field.iter_mut().flatten() {
            *knot = [BEND * stream.normal(), BEND * stream.normal()];
        }
        let turn = bounded(0.12 * stream.normal(), 0.35);
        let slant = bounded(0.12 + 0.20 * stream.normal(), 0.65);
        let width = HEIGHT * libm::exp(bounded(0.14 * stream.normal(), 0.35));
        let height = HEIGHT * libm::exp(bounded(0.09 * stream.normal(), 0.22));
        let (sine, cosine) = libm::sincos(turn);
        // Turned · slanted · stretched; a slant to the right leans the top, where y is negative.
        let across = [width, -slant * height];
        let linear = [
            [cosine * across[0], cosine * across[1] - sine * height],
            [sine * across[0], sine * across[1] + cosine * height],
        ];
        let shift = [1.2, 1.0].map(|spread| CENTRE + bounded(spread * stream.normal(), 2.5));
        Hand {
            field,
            linear,
            shift,
        }
    }

    /// Points in pixels along the smooth curve through `stroke` (Catmull and Rom 1974).
    pub(super) fn path(&self, stroke: &[[f64; 2]]) -> Vec<[f64; 2]> {
        let last = stroke.len() - 1;
        let mut path = Vec::with_capacity(last * PIECES + 1);
        for span in 0..last {
            let [b, c] = [stroke[span], stroke[span + 1]];
            // Beyond an end the curve goes on as it came.
            let a = match span {
                0 => beyond(b, c),
                _ => stroke[span - 1],
            };
            let d = if span + 1 == last {
                beyond(c, b)
            } else {
                stroke[span + 2]
            };
            for piece in 0..PIECES {
                let t = piece as f64 / PIECES as f64;
                path.push(self.place(std::array::from_fn(|i| {
                    catmull_rom([a[i], b[i], c[i], d[i]], t)
                })));
            }
        }
        path.push(self.place(stroke[last]));
        path
    }

    fn place(&self, point: [f64; 2]) -> [f64; 2] {
        let bend = self.bend(point);
        let [x, y] = [point[0] + bend[0] - 0.5, point[1] + bend[1] - 0.5];
        let [across, down] = self.linear;
        [
            self.shift[0] + across[0] * x + across[1] * y,
            self.shift[1] + down[0] * x + down[1] * y,
        ]
    }

    /// The field at a point: cubic B-splines over the knots.
    fn bend(&self, point: [f64; 2]) -> [f64; 2] {
        let [(first_x, across), (first_y, down)] = point.map(weights);
        let mut sum = [0.0; 2];
        for (row, v) in down.iter().enumerate() {
            for (column, u) in across.iter().enumerate() {
                let knot = self.field[first_y + row][first_x + column];
                sum[0] += u * v * knot[0];
                sum[1] += u * v * knot[1];
            }
        }
        sum
    }
}

/// The first of four knots that reach a place, and how much each counts.
fn weights(place: f64) -> (usize, [f64; 4]) {
    let steps = bounded_between(place / STEP + 1.0, 1.0, (KNOTS - 3) as f64 + 0.999);
    let whole = steps as usize;
    let t = steps - whole as f64;
    let s = 1.0 - t;
    let spline = [
        s * s * s,
        3.0 * t * t * t - 6.0 * t * t + 4.0,
        3.0 * s * s * s - 6.0 * s * s + 4.0,
        t * t * t,
    ];
    (whole - 1, spline.map(|w| w / 6.0))
}

/// The value at `t` between the second and the third of four equidistant values.
fn catmull_rom([a, b, c, d]: [f64; 4], t: f64) -> f64 {
    let linear = c - a;
    let square = 2.0 * a - 5.0 * b + 4.0 * c - d;
    let cube = 3.0 * b - a - 3.0 * c + d;
    b + 0.5 * t * (linear + t * (square + t * cube))
}

/// `from` mirrored away from `other`.
fn beyond(from: [f64; 2], other: [f64; 2]) -> [f64; 2] {
    [2.0 * from[0] - other[0], 2.0 * from[1] - other[1]]
}

fn bounded(x: f64, most: f64) -> f64 {
    bounded_between(x, -most, most)
}

fn bounded_between(x: f64, least: f64, most: f64) -> f64 {
    x.clamp(least, most)
}
