//! How much a loss rises with the error of each layer, from a file.

use super::PlanError;
use super::file_sum::FileSum;
use crate::weights::{Unique, WeightsError, escape, sha256};
use serde::Deserialize;
use std::path::Path;

/// Bytes of the longest file read.
const LONGEST: u64 = 64 << 20;

/// Weights of the layers' errors: measured loss over error.
#[derive(Debug)]
pub struct Alpha {
    /// The file.
    pub file: FileSum,
    /// Weights by layer, in the order of the file.
    pub weights: Vec<(String, f64)>,
}

#[derive(Deserialize)]
struct Content {
    alpha: Unique<f64>,
}

impl Alpha {
    /// Reads `{"alpha": {"LAYER": number, …}}`; other keys are passed over.
    ///
    /// # Errors
    ///
    /// One sentence on what is no such file, a layer named twice, a number that is negative or not finite.
    pub fn open(path: &Path) -> Result<Alpha, PlanError> {
        let io = |source| WeightsError::Io {
            path: path.to_path_buf(),
            source,
        };
        let length = std::fs::metadata(path).map_err(io)?.len();
        if length > LONGEST {
            return Err(PlanError::file(
                path,
                format!("{length} bytes of weights alpha; at most {LONGEST} are read"),
            ));
        }
        let text = std::fs::read(path).map_err(io)?;
        let content: Content = serde_json::from_slice(&text).map_err(|error| {
            let error = escape(&error.to_string());
            PlanError::file(
                path,
                format!(
                    "is no file of weights alpha, {{\"alpha\": {{\"LAYER\": number}}}}: {error}"
                ),
            )
        })?;
        let weights = content.alpha.0;
        for (name, weight) in &weights {
            if !weight.is_finite() || *weight < 0.0 {
                let problem = format!("its alpha is {weight}; a number from 0 on is needed");
                return Err(PlanError::layer(path, name, problem));
            }
        }
        if weights.is_empty() {
            return Err(PlanError::file(path, "holds the alpha of no layer"));
        }
        Ok(Alpha {
            file: FileSum::of(path, sha256(path)?),
            weights,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Alpha;

    /// Catches a repeated layer of which one number is lost, numbers that no error can be multiplied by, and texts that are
    /// taken for numbers.
    #[test]
    fn what_are_no_weights_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("alpha.json");
        let open = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Alpha::open(&path).map_err(|error| error.to_string())
        };
        let read = open(r#"{"program": "x", "alpha": {"a.b": 2, "c": 0.5}}"#).unwrap();
        assert_eq!(read.weights, [("a.b".into(), 2.0), ("c".into(), 0.5)]);
        for (text, words) in [
            (r#"{"alpha": {"a": 1, "a": 2}}"#, "stands twice"),
            (r#"{"alpha": {"a": -1}}"#, "is -1"),
            (r#"{"alpha": {"a": 1e999}}"#, "number"),
            (r#"{"alpha": {"a": "1"}}"#, "invalid type"),
            (r#"{"alpha": {}}"#, "no layer"),
            (r#"{"beta": {}}"#, "alpha"),
            ("[", "no file of weights alpha"),
        ] {
            let error = open(text).unwrap_err();
            assert!(
                error.contains(words) && error.lines().count() == 1,
                "{error}"
            );
        }
        assert!(Alpha::open(&folder.path().join("none")).is_err());
    }
}
