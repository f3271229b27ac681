//! A pen: strokes to grey levels.

use crate::random::Stream;
use std::f64::consts::TAU;

/// Pixels along a side of a picture.
pub(super) const SIDE: usize = 28;
/// Distance of a pixel that no stroke has come near.
const FAR: f64 = 1e3;

/// Draws strokes as a distance field: to each pixel the nearest edge of ink.
pub(super) struct Pen {
    /// Half the width of a stroke, in pixels.
    radius: f64,
    /// How much the width changes along a stroke, how fast, and where it begins.
    pressure: f64,
    rate: f64,
    phase: f64,
    /// Pixels over which ink fades at its edge.
    fade: f64,
    /// Grey level of full ink.
    level: f64,
    field: [f64; SIDE * SIDE],
}

impl Pen {
    pub(super) fn draw(stream: &mut Stream) -> Pen {
        let uniform = stream.uniform();
        Pen {
            radius: 0.65 + 0.95 * uniform * uniform + 0.2 * stream.uniform(),
            pressure: 0.3 * stream.uniform(),
            rate: 0.1 + 0.25 * stream.uniform(),
            phase: TAU * stream.uniform(),
            fade: 1.0 + 0.9 * stream.uniform(),
            level: 200.0 + 55.0 * stream.uniform(),
            field: [FAR; SIDE * SIDE],
        }
    }

    /// Draws along a path of pixels.
    pub(super) fn stroke(&mut self, path: &[[f64; 2]]) {
        for ends in path.windows(2) {
            let radius = self.radius * (1.0 + self.pressure * libm::sin(self.phase));
            self.segment(ends[0], ends[1], radius);
            let [x, y] = [ends[1][0] - ends[0][0], ends[1][1] - ends[0][1]];
            self.phase += self.rate * (x * x + y * y).sqrt();
        }
    }

    fn segment(&mut self, from: [f64; 2], to: [f64; 2], radius: f64) {
        let reach = radius + self.fade;
        let pixels = |axis: usize| {
            let low = from[axis].min(to[axis]) - reach;
            let high = from[axis].max(to[axis]) + reach;
            // Pixel i has its centre at i + 1/2. Negative numbers become 0.
            low as usize..((high + 1.0) as usize).min(SIDE)
        };
        let [x, y] = [to[0] - from[0], to[1] - from[1]];
        let square = x * x + y * y;
        for row in pixels(1) {
            for column in pixels(0) {
                let [u, v] = [column as f64 + 0.5 - from[0], row as f64 + 0.5 - from[1]];
                let along = if square > 0.0 {
                    ((u * x + v * y) / square).clamp(0.0, 1.0)
                } else {
                    0.0
                };
                let [u, v] = [u - along * x, v - along * y];
                let distance = (u * u + v * v).sqrt() - radius;
                let nearest = &mut self.field[row * SIDE + column];
                *nearest = nearest.min(distance);
            }
        }
    }

    /// Grey levels row by row, from 0 to 255.
    pub(super) fn ink(&self) -> impl Iterator<Item = f64> + '_ {
        self.field.iter().map(|distance| {
            let t = (0.5 - distance / self.fade).clamp(0.0, 1.0);
            self.level * t * t * (3.0 - 2.0 * t)
        })
    }
}
