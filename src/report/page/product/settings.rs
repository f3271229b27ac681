//! The settings of fits for a reader.

use crate::fit::product::ProductFits;
use serde_json::{Value, json};

/// Returns the settings as a reader would write them, with the files that they name.
pub(super) fn settings(fits: &ProductFits) -> Value {
    let settings = &fits.settings;
    let mut all = serde_json::to_value(settings).unwrap_or_default();
    let joined = |key: &str| {
        let list = all[key].as_array().into_iter().flatten();
        let words: Vec<String> = list.map(plain).collect();
        words.join(", ")
    };
    let lists = ["terms", "families", "links"].map(|key| (key, joined(key)));
    let or = |text: String, none: &str| {
        if text.is_empty() {
            none.to_owned()
        } else {
            text
        }
    };
    let inner = or(joined("inner"), "the larger side of W");
    let stages: Vec<String> = settings
        .stages
        .iter()
        .map(|stage| {
            let terms: Vec<String> = stage.terms.iter().map(usize::to_string).collect();
            let terms = terms.join("/");
            match stage.family {
                Some(family) => format!("{}:{terms}", family.name()),
                None => terms,
            }
        })
        .collect();
    for (key, text) in lists {
        all[key] = json!(text);
    }
    all["inner"] = json!(inner);
    all["stages"] = json!(or(stages.join(", "), "none before the last"));
    all["image"] = settings.image.map_or(Value::Null, |image| {
        json!(format!("{}×{}", image.height, image.width))
    });
    all["memory"] = json!(format!("{} MiB", settings.memory));
    all["inputs file"] = json!(fits.inputs_file);
    if let Some(file) = &fits.basis_file {
        all["basis file"] = json!(file);
        all["families"] = json!("of the basis file");
        all["terms"] = json!("of the basis file");
    }
    all
}

/// Returns a plain value without JSON's quotes.
fn plain(value: &Value) -> String {
    value.as_str().map_or(value.to_string(), str::to_owned)
}
