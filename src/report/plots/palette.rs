//! The colours of figures: ten that also the colour-blind tell apart by their lightness, and a ramp for what has an order.

use plotters::style::{Color as _, RGBColor, ShapeStyle};

use crate::report::mark::Color;

/// Ink of the words.
pub(super) const INK: RGBColor = RGBColor(0x1c, 0x1d, 0x1f);
/// Axes and what stands back.
pub(super) const MUTED: RGBColor = RGBColor(0x59, 0x5d, 0x64);

/// Neighbours differ in lightness as well as in hue.
const NUMBERED: [RGBColor; 10] = [
    RGBColor(0x00, 0x67, 0xa3),
    RGBColor(0xc2, 0x4e, 0x00),
    RGBColor(0x00, 0x78, 0x5a),
    RGBColor(0xd9, 0x9a, 0x00),
    RGBColor(0x9a, 0x4a, 0x80),
    RGBColor(0x56, 0xb4, 0xe9),
    INK,
    RGBColor(0x8c, 0xb0, 0x3c),
    RGBColor(0x7a, 0x44, 0x19),
    RGBColor(0xe0, 0x8f, 0xb8),
];

/// Ever darker.
const RAMP: [RGBColor; 5] = [
    RGBColor(0xe9, 0xb0, 0x3a),
    RGBColor(0xe0, 0x6a, 0x32),
    RGBColor(0xb5, 0x32, 0x5c),
    RGBColor(0x6a, 0x2a, 0x7c),
    RGBColor(0x1d, 0x24, 0x5c),
];

/// Returns the colour.
pub(super) fn rgb(color: Color) -> RGBColor {
    match color {
        Color::Number(number) => NUMBERED[number % NUMBERED.len()],
        Color::Muted => MUTED,
        Color::Ramp(share) => {
            let place = share.clamp(0.0, 1.0) * (RAMP.len() - 1) as f64;
            let first = (place as usize).min(RAMP.len() - 2);
            mixed(RAMP[first], RAMP[first + 1], place - first as f64)
        }
    }
}

/// Returns the pale shade of a band, through which others are seen.
pub(super) fn pale(color: RGBColor) -> ShapeStyle {
    color.mix(0.22).filled()
}

/// Returns the colour with a share of white.
pub(super) fn lighter(color: RGBColor, white: f64) -> RGBColor {
    mixed(color, RGBColor(255, 255, 255), white)
}

fn mixed(one: RGBColor, other: RGBColor, share: f64) -> RGBColor {
    let mix = |a: u8, b: u8| (f64::from(a) + share * (f64::from(b) - f64::from(a))).round() as u8;
    RGBColor(
        mix(one.0, other.0),
        mix(one.1, other.1),
        mix(one.2, other.2),
    )
}

#[cfg(test)]
mod tests {
    use super::{RAMP, rgb};
    use crate::report::mark::Color;

    /// Would catch a ramp that is light again at a darker place, and ends that are not its own.
    #[test]
    fn the_ramp_gets_darker() {
        let light = |share: f64| {
            let color = rgb(Color::Ramp(share));
            0.3 * f64::from(color.0) + 0.59 * f64::from(color.1) + 0.11 * f64::from(color.2)
        };
        for step in 0..20 {
            let share = f64::from(step) / 20.0;
            assert!(light(share) > light(share + 0.05), "{share}");
        }
        assert_eq!(rgb(Color::Ramp(-1.0)), RAMP[0]);
        assert_eq!(rgb(Color::Ramp(2.0)), RAMP[4]);
    }
}
