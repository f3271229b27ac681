//! Names from files made inert: fit for HTML, JSON and pictures.

use crate::report::curves::rounded;
use crate::weights::escape_within;

/// Longest name shown, in characters.
const LONGEST_NAME: usize = 80;
/// Longest sentence shown, in characters.
const LONGEST_SENTENCE: usize = 600;

/// The name with deceptive characters written as `\u{202e}`, its middle left out when it is longer
/// than 80 characters.
pub fn shown_name(name: &str) -> String {
    if name.is_empty() {
        "(no name)".to_owned()
    } else {
        escape_within(name, LONGEST_NAME)
    }
}

/// The last part of a path, shown like a name.
pub fn file_name(path: &str) -> String {
    let last = path.rsplit(['/', '\\']).find(|part| !part.is_empty());
    shown_name(last.unwrap_or(path))
}

/// The same for a sentence that may quote names: at most 600 characters.
pub fn shown_sentence(text: &str) -> String {
    escape_within(text, LONGEST_SENTENCE)
}

/// Text for an HTML or SVG element or a quoted attribute.
pub fn escape_markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// `0.01234`, `1.2e-7`, `384`: three significant digits, whole numbers whole.
pub(crate) fn short_number(x: f64) -> String {
    let near = rounded(x, 3);
    if !x.is_finite() {
        "–".to_owned()
    } else if x.fract() == 0.0 && x.abs() < 1e6 {
        format!("{x}")
    } else if near.abs() >= 1e6 || near.abs() < 1e-4 {
        format!("{near:.2e}").replace('-', "−")
    } else {
        let before_point = near.abs().log10().floor() as i32 + 1;
        format!("{near:.*}", (3 - before_point).max(0) as usize)
    }
}

/// `431,080`.
pub(crate) fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Would catch a name that is shown as it stands, or without its end, where names differ.
    #[test]
    fn names_are_inert_and_keep_both_ends() {
        assert_eq!(shown_name("a\u{1b}[31m\u{202e}b"), "a\\u{1b}[31m\\u{202e}b");
        let shown = shown_name(&format!("start{}.weight", "x".repeat(1 << 20)));
        assert!(shown.starts_with("startx") && shown.ends_with("x.weight"));
        assert!(shown.chars().count() < 2 * LONGEST_NAME, "{shown}");
    }

    /// Would catch a cut at a name that just fits.
    #[test]
    fn a_name_of_the_longest_length_is_whole() {
        let name = "é".repeat(LONGEST_NAME);
        assert_eq!(shown_name(&name), name);
    }

    #[test]
    fn markup_is_escaped() {
        assert_eq!(
            escape_markup("<a b=\"c\" d='e'>&"),
            "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;"
        );
    }

    /// Would catch a comma at the front, or after the wrong digits.
    #[test]
    fn counts_are_grouped_in_threes() {
        for (count, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (431_080, "431,080"),
            (1_000_000, "1,000,000"),
        ] {
            assert_eq!(grouped(count), text);
        }
    }

    /// Would catch a lost digit, a trailing zero of a count, an exponent where none is needed.
    #[test]
    fn short_numbers() {
        for (x, text) in [
            (0.0, "0"),
            (7.0, "7"),
            (384.0, "384"),
            (1.0449, "1.04"),
            (0.999_96, "1.00"),
            (0.012_345, "0.0123"),
            (0.5, "0.500"),
            (123.456, "123"),
            (0.000_012_3, "1.23e−5"),
            (2.5e9, "2.50e9"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(short_number(x), text);
        }
    }
}
