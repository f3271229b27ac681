//! Names from files made inert: fit for HTML, JSON and pictures.

use std::fmt::Write;

use crate::report::curves::rounded;

/// Longest name shown, in characters.
const LONGEST_NAME: usize = 96;
/// Longest sentence shown, in characters.
const LONGEST_SENTENCE: usize = 600;

/// Whether a character could change how the text around it is read: controls, line and
/// paragraph separators, zero-width characters and the direction marks of bidirectional text.
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        )
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn escape_into(out: &mut String, c: char) {
    if is_deceptive(c) {
        // Writing to a String cannot fail.
        let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
    } else {
        out.push(c);
    }
}

/// The name with deceptive characters written as `\u{202e}` and, when longer than 96
/// characters, with `…` for its middle.
pub fn shown_name(name: &str) -> String {
    if name.is_empty() {
        "(no name)".to_owned()
    } else {
        shown(name, LONGEST_NAME)
    }
}

/// The last part of a path, shown like a name.
pub fn file_name(path: &str) -> String {
    let last = path.rsplit(['/', '\\']).find(|part| !part.is_empty());
    shown_name(last.unwrap_or(path))
}

/// The same for a sentence that may quote names: at most 600 characters.
pub fn shown_sentence(text: &str) -> String {
    shown(text, LONGEST_SENTENCE)
}

fn shown(text: &str, longest: usize) -> String {
    let mut out = String::new();
    if text.char_indices().nth(longest).is_none() {
        text.chars().for_each(|c| escape_into(&mut out, c));
    } else {
        let mut tail: Vec<char> = text.chars().rev().take(longest / 3).collect();
        tail.reverse();
        text.chars()
            .take(longest - longest / 3)
            .for_each(|c| escape_into(&mut out, c));
        out.push('…');
        tail.into_iter().for_each(|c| escape_into(&mut out, c));
    }
    out
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Would catch an escape code, a NUL or a direction mark that reaches a terminal or page.
    #[test]
    fn deceptive_characters_are_spelled_out() {
        let name = shown_name("a\u{1b}[31m\0b\u{202e}c\u{2028}d\u{85}");
        assert_eq!(name, "a\\u{1b}[31m\\u{0}b\\u{202e}c\\u{2028}d\\u{85}");
    }

    /// Would catch a cut that loses the end of the name, where the layers' names differ.
    #[test]
    fn long_names_keep_both_ends() {
        let name = format!("start{}.weight", "x".repeat(1 << 20));
        let shown = shown_name(&name);
        assert_eq!(shown.chars().count(), 97);
        assert!(shown.starts_with("startx") && shown.ends_with("x.weight"));
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
