//! A study from text, its mistakes in a sentence.

use super::Study;

/// A mistake in a study's file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StudyError(pub String);

/// The study that `text` is.
///
/// # Errors
///
/// [`StudyError`]: no TOML, an unknown key, a missing key.
pub fn read(text: &str) -> Result<Study, StudyError> {
    toml::from_str(text).map_err(|error| {
        let problem = error.message().lines().next().unwrap_or("no TOML");
        let start = error.span().map_or(0, |span| span.start);
        let line = 1 + text.bytes().take(start).filter(|b| *b == b'\n').count();
        StudyError(format!("line {line}: {problem}"))
    })
}
