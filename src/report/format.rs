//! How numbers are written: one set of formats for terminal and pages.

use super::curves::rounded;
use super::text::{grouped, short_number, shown_p};

/// How the numbers of a column are written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Format {
    /// Four significant digits.
    Significant,
    /// So many digits after the point on a terminal, where numbers stand under one another; three significant ones on
    /// a page.
    Fixed(usize),
    /// A whole number.
    Whole,
    /// A whole number in thousands.
    Grouped,
    /// A share in per cent, so many digits after the point on a terminal, three significant ones on a page.
    Percent(usize),
    /// A p-value.
    P,
}

impl Format {
    /// Writes a number for a terminal; nothing where there is none.
    pub fn on_terminal(self, x: Option<f64>) -> String {
        let Some(x) = x else {
            return String::new();
        };
        match self {
            Format::Significant => significant(Some(x)),
            Format::Fixed(digits) => format!("{x:.digits$}"),
            Format::Percent(digits) => format!("{:.digits$} %", 100.0 * x),
            Format::Whole | Format::Grouped | Format::P => self.on_page(Some(x)),
        }
    }

    /// Writes a number for a page; nothing where there is none.
    pub fn on_page(self, x: Option<f64>) -> String {
        let Some(x) = x else {
            return String::new();
        };
        match self {
            Format::Significant => significant(Some(x)),
            Format::Fixed(_) => short_number(x),
            Format::Whole => format!("{x}"),
            Format::Grouped => grouped(x as usize),
            Format::Percent(_) => format!("{} %", short_number(100.0 * x)),
            Format::P => shown_p(x, 0),
        }
    }
}

/// Writes a number to so many digits after the point; nothing where there is none.
pub(super) fn fixed(x: Option<f64>, digits: usize) -> String {
    Format::Fixed(digits).on_terminal(x)
}

/// Writes a number to four significant digits, with an exponent where it is very large or small; nothing where there is
/// none.
pub(super) fn significant(x: Option<f64>) -> String {
    match x {
        None => String::new(),
        Some(x) if x != 0.0 && !(1e-3..1e5).contains(&x.abs()) => format!("{x:.3e}"),
        Some(x) => {
            let digits = (3 - x.abs().max(1e-3).log10().floor() as i32).max(0);
            format!("{x:.0$}", digits as usize)
        }
    }
}

/// Writes a number of at most so many digits, without zeros that say nothing: `0.985`, `60000`, `1.2e−7`.
pub(super) fn digits(x: f64, most: usize) -> String {
    let near = rounded(x, most);
    let text = match near.abs() {
        _ if !near.is_finite() => return "–".to_owned(),
        size if size == 0.0 || (1e-4..1e7).contains(&size) => near.to_string(),
        _ => format!("{near:e}"),
    };
    text.replace('-', "−")
}

/// Writes a number to three significant digits, a dash where there is none.
pub(super) fn or_dash(x: Option<f64>) -> String {
    x.map_or("–".to_owned(), short_number)
}

/// Writes a share in per cent to three significant digits: `34.7 %`.
pub(super) fn percent(share: f64) -> String {
    Format::Percent(0).on_page(Some(share))
}

/// Writes a share in per cent to three significant digits; `None` of what is not finite.
pub(super) fn finite_percent(share: f64) -> Option<String> {
    share.is_finite().then(|| percent(share))
}

/// Writes an error that may be zero but for rounding, which is not told apart.
pub(super) fn exact_error(error: Option<f64>, number: fn(Option<f64>) -> String) -> String {
    match error {
        Some(0.0) => "0".to_owned(),
        Some(error) if error < 1e-12 => "<1e-12".to_owned(),
        error => number(error),
    }
}
