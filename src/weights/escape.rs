//! Names from files made safe to show.

use std::fmt::Write;
use std::path::Path;

/// Characters kept of a name before it is shortened.
const LONGEST: usize = 120;
/// Characters kept of the end of a shortened name.
const TAIL: usize = 30;

/// The name with control, direction and invisible characters written as `\u{…}`, shortened to
/// about 120 characters (its beginning, its end, and the number left out).
///
/// Markup is left as it is: a page escapes it for its own syntax.
pub fn escape(name: &str) -> String {
    escape_within(name, LONGEST)
}

/// A path, escaped as a name is but not shortened below 1,000 characters.
pub(super) fn escape_path(path: &Path) -> String {
    escape_within(&path.to_string_lossy(), 1000)
}

/// The same for any text, shortened when it has more than `longest` characters.
pub fn escape_within(name: &str, longest: usize) -> String {
    let count = name.chars().count();
    if count <= longest {
        return visible(name.chars());
    }
    let tail = TAIL.min(longest / 2);
    let head = longest - tail;
    let left_out = count - longest;
    format!(
        "{}…({left_out} more)…{}",
        visible(name.chars().take(head)),
        visible(name.chars().skip(count - tail))
    )
}

fn visible(characters: impl Iterator<Item = char>) -> String {
    let mut text = String::new();
    for character in characters {
        if character.is_control() || is_invisible(character) {
            // Writing to a String cannot fail.
            let _ = write!(text, "\\u{{{:x}}}", u32::from(character));
        } else {
            text.push(character);
        }
    }
    text
}

/// Direction marks, zero-width characters, line separators, tags, and the replacement of bytes
/// that are not text.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_codes_and_direction_marks_become_text() {
        assert_eq!(
            escape("a\u{1b}[31m\u{202e}b\0"),
            "a\\u{1b}[31m\\u{202e}b\\u{0}"
        );
        assert_eq!(escape("layer.0.weight"), "layer.0.weight");
        assert_eq!(escape("\u{9b}2J"), "\\u{9b}2J");
    }

    /// A megabyte of name must not reach the terminal.
    #[test]
    fn a_long_name_keeps_its_beginning_and_its_end() {
        let name = format!("{}end", "x".repeat(1 << 20));
        let shown = escape(&name);
        assert!(shown.chars().count() < 150 && shown.ends_with("end"));
        assert!(shown.contains("1048459 more"), "{shown}");
    }
}
