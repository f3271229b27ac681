//! Names from files made inert: fit for HTML, JSON and pictures.

use crate::report::curves::rounded;
use crate::weights::escape_within;
use std::cmp::Ordering;

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

/// Begins a sentence with a capital letter.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// Returns a count with its noun: `1 matrix`, `2 matrices`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {}", plural(count, noun))
}

/// Returns a noun in the form that a count takes: of 2, `matrices`, `classes`, `entries`, `layers`.
pub(crate) fn plural(count: usize, noun: &str) -> String {
    match (count, noun.strip_suffix("ix"), noun.strip_suffix('y')) {
        (1, ..) => noun.to_owned(),
        (_, Some(stem), _) => format!("{stem}ices"),
        (_, _, Some(stem)) => format!("{stem}ies"),
        _ if noun.ends_with('s') => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

/// Joins words into a list: `a, b and c`.
pub(crate) fn joined(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
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

/// A p-value; `≤ 0.005` where it is the smallest that so many draws can give, 0 being none.
pub(crate) fn shown_p(p: f64, draws: usize) -> String {
    let least = 1.0 / (draws + 1) as f64;
    if draws > 0 && p <= least * (1.0 + 1e-9) {
        format!("≤ {}", rounded(least, 2))
    } else if p == 0.0 {
        "< 1e−300".to_owned()
    } else {
        two_digits(p)
    }
}

fn two_digits(p: f64) -> String {
    let p = rounded(p, 2);
    if p == 1.0 {
        "1".to_owned()
    } else if p < 1e-4 {
        format!("{p:.1e}").replace('-', "−")
    } else {
        let behind_point = 1.0 - p.log10().floor();
        format!("{p:.*}", behind_point as usize)
    }
}

/// The order of names as people read them: numbers in them by their size, `layers.2` before `layers.10`.
pub(crate) fn natural_order(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (pieces(a), pieces(b));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => match (a, b) {
                // Numbers without zeros in front: the longer one is larger.
                (Some((true, a)), Some((true, b))) => a.len().cmp(&b.len()).then(a.cmp(b)),
                (a, b) => a.map(|(_, text)| text).cmp(&b.map(|(_, text)| text)),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Runs of digits, without zeros in front and marked so, and what stands between them.
fn pieces(name: &str) -> impl Iterator<Item = (bool, &str)> {
    let digit = |c: char| c.is_ascii_digit();
    name.as_bytes()
        .chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit())
        .scan(0, move |at, run| {
            let text = &name[*at..*at + run.len()];
            *at += run.len();
            let number = text.starts_with(digit);
            Some((
                number,
                if number {
                    text.trim_start_matches('0')
                } else {
                    text
                },
            ))
        })
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

    /// Would catch a p-value that says more than the draws can, and one that is cut to nothing.
    #[test]
    fn p_values_say_what_draws_can() {
        for (p, draws, text) in [
            (0.005, 199, "≤ 0.005"),
            (0.01, 199, "0.010"),
            (1.0 / 201.0, 200, "≤ 0.005"),
            (0.0, 0, "< 1e−300"),
            (3.21e-9, 0, "3.2e−9"),
            (0.8701, 199, "0.87"),
            (0.9999, 199, "1"),
            (1.0, 0, "1"),
        ] {
            assert_eq!(shown_p(p, draws), text, "{p} of {draws}");
        }
    }

    /// Would catch layers.10 before layers.2, a panic at letters of several bytes, and an order that depends on which
    /// name comes first.
    #[test]
    fn names_are_sorted_as_people_read_them() {
        let sorted = ["", "a", "é.2", "h.2.w", "h.10.w", "h.010.x", "h.w", "wé1"];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                if ![2, 7].contains(&i) && ![2, 7].contains(&j) {
                    assert_eq!(natural_order(a, b), i.cmp(&j), "{a} {b}");
                }
                assert_eq!(
                    natural_order(a, b),
                    natural_order(b, a).reverse(),
                    "{a} {b}"
                );
            }
        }
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
