//! Where in a recipe's text something is said, by the parser's own positions.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Returns the line of the setting at the end of `path`, from 1, or of the last thing on the way that is there. Steps
/// are keys, and in arrays places from 0.
pub(crate) fn line_of(text: &str, path: &[&str]) -> Option<usize> {
    let root = root(text);
    let mut value = &root;
    let mut line = None;
    for step in path {
        let next = match step.parse::<usize>() {
            Ok(place) if value.is_array() => value.get(place),
            _ => value.get(*step),
        };
        let Some(next) = next else { break };
        line = Some(line_at(text, next.span().start));
        value = next.get_ref();
    }
    line
}

/// Returns the line on which a layer is named by another part of the recipe than the layer itself.
pub(in crate::train) fn line_that_names(text: &str, layer: &str) -> Option<usize> {
    let root = root(text);
    let watched = root
        .get("record")
        .and_then(|record| record.get_ref().get("watch"));
    let places = [watched, root.get("phase")];
    let found = places.into_iter().flatten().filter_map(|part| {
        first(part.get_ref(), &|key, value| {
            key == Some(layer) || value.as_str() == Some(layer)
        })
    });
    found.min().map(|start| line_at(text, start))
}

/// Returns the line of `key` in the value that begins at byte `start`, or of that value where it is not there.
pub(super) fn line_of_key(text: &str, start: usize, key: Option<&str>) -> usize {
    let inside = |value: &DeValue<'_>| {
        let key = key?;
        first(value, &|own, _| own == Some(key))
    };
    let root = root(text);
    let at = value_at(&root, start).unwrap_or(&root);
    line_at(text, inside(at).unwrap_or(start))
}

/// Returns the line on which byte `at` of `text` stands, from 1.
fn line_at(text: &str, at: usize) -> usize {
    let before = text.as_bytes().iter().take(at);
    1 + before.filter(|&&byte| byte == b'\n').count()
}

/// Returns the document as far as it is one.
fn root(text: &str) -> DeValue<'_> {
    DeValue::Table(DeTable::parse_recoverable(text).0.into_inner())
}

/// Returns the values directly inside of another, each with its key.
fn parts<'v, 't>(
    value: &'v DeValue<'t>,
) -> Vec<(Option<&'v str>, usize, &'v Spanned<DeValue<'t>>)> {
    match value {
        DeValue::Table(table) => table
            .iter()
            .map(|(key, value)| (Some(&**key.get_ref()), key.span().start, value))
            .collect(),
        DeValue::Array(array) => array
            .iter()
            .map(|value| (None, value.span().start, value))
            .collect(),
        _ => Vec::new(),
    }
}

/// Returns where the first value inside of `value`, at any depth, begins that is what is looked for.
fn first(value: &DeValue<'_>, is_it: &dyn Fn(Option<&str>, &DeValue<'_>) -> bool) -> Option<usize> {
    let found = parts(value).into_iter().filter_map(|(key, start, value)| {
        if is_it(key, value.get_ref()) {
            Some(start)
        } else {
            first(value.get_ref(), is_it)
        }
    });
    found.min()
}

/// Returns the outermost value inside of `value` that begins at byte `start`.
fn value_at<'v, 't>(value: &'v DeValue<'t>, start: usize) -> Option<&'v DeValue<'t>> {
    parts(value).into_iter().find_map(|(_, _, value)| {
        if value.span().start == start {
            Some(value.get_ref())
        } else {
            value_at(value.get_ref(), start)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{line_of, line_of_key, line_that_names};

    const TEXT: &str = r#"
name = "two" # layer = "none"
[data]
set = "one"
train = 5
[record]
watch = [
  "one",
]
[[layer]]
kind = "linear"
name = "one"
weight = { family = "dense",
  init = "none" }
[[layer]]
kind = "linear"
[[phase]]
[phase.layers.two]
prune = 0.5
"#;

    /// Would catch a mistake that is shown beside a comment, a value or a name that only reads like it.
    #[test]
    fn lines_are_those_of_the_parser() {
        let line = |path: &[&str]| line_of(TEXT, path);
        assert_eq!(line(&["name"]), Some(2));
        assert_eq!(line(&["data", "train"]), Some(5));
        assert_eq!(line(&["data", "held-out"]), Some(3));
        assert_eq!(line(&["layer", "0", "weight"]), Some(13));
        assert_eq!(line(&["layer", "1", "bias"]), Some(15));
        assert_eq!(line(&["nothing"]), None);
        assert_eq!(line_that_names(TEXT, "one"), Some(8));
        assert_eq!(line_that_names(TEXT, "two"), Some(18));
        assert_eq!(line_that_names(TEXT, "linear"), None);
        let layer = TEXT.find("[[layer]]").unwrap();
        assert_eq!(line_of_key(TEXT, layer, Some("init")), 14);
        assert_eq!(line_of_key(TEXT, layer, Some("train")), 10);
        assert_eq!(line_of_key(TEXT, layer, None), 10);
    }
}
