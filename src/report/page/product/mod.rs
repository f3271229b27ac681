//! Fits of products of sums as one self-contained page without a script.

mod alerts;
mod matrices;
mod table;
mod words;

use super::{PICTURES_STYLE, STYLE, alert_list, filled, origin, policy_hash, summary};
use crate::fit::product::ProductFits;
use crate::report::plots::MatrixPicture;
use crate::report::text::{escape_markup, file_name, shown_name};
use serde_json::{Value, json};

const TEMPLATE: &str = include_str!("product.html");
const OWN_STYLE: &str = include_str!("product.css");

/// The page for fits and the pictures of some of them. The same fits give the same bytes.
///
/// Matrix 3 has the anchor `#layer-3`.
pub fn render_product(fits: &ProductFits, pictures: &[MatrixPicture]) -> String {
    let style = format!("{STYLE}{PICTURES_STYLE}{OWN_STYLE}");
    let settings = [
        settings(fits),
        serde_json::to_value(&fits.selection).unwrap_or_default(),
    ];
    filled(TEMPLATE, |key| match key {
        "title" => escape_markup(&title(fits)),
        "headline" => escape_markup(&words::headline(fits)),
        "model" => escape_markup(&words::model(fits)),
        "account" => escape_markup(&words::account(fits)),
        "alerts" => alert_list(&alerts::alerts(fits), |position| {
            shown_name(&fits.rows[position - 1].name)
        }),
        "reading-table" => table::reading(fits).to_owned(),
        "table" => table::table(fits),
        "matrices" => matrices::matrices(fits, pictures),
        "origin" => origin(&fits.program, &settings, &fits.files),
        "style" => style.clone(),
        "style-hash" => policy_hash(&style),
        unknown => unreachable!("product.html has no value for {unknown}"),
    })
}

fn title(fits: &ProductFits) -> String {
    match fits.files.as_slice() {
        [] => "Fits".to_owned(),
        [file] => file_name(&file.path),
        [file, rest @ ..] => format!(
            "{} and {}",
            file_name(&file.path),
            summary::counted(rest.len(), "other file")
        ),
    }
}

/// The settings as a reader would write them, with the files that they name.
fn settings(fits: &ProductFits) -> Value {
    let settings = &fits.settings;
    let mut all = serde_json::to_value(settings).unwrap_or_default();
    let joined = |key: &str| {
        let list = all[key].as_array().into_iter().flatten();
        let words: Vec<String> = list.map(plain).collect();
        words.join(", ")
    };
    let lists = ["terms", "families", "links"].map(|key| (key, joined(key)));
    let or = |text: String, none: &str| match text.is_empty() {
        true => none.to_owned(),
        false => text,
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

/// A plain value without JSON's quotes.
fn plain(value: &Value) -> String {
    value.as_str().map_or(value.to_string(), str::to_owned)
}
