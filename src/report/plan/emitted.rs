//! A plan in the words of other programs.

use crate::compress::Family;
use crate::plan::{Budget, ModelPlan, PlanRow, Sized};
use serde_json::{Map, Value, json};

/// A form of a plan that another program reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emitted {
    /// AlphaPruning's file of a number a matrix, in the order of the layers: the larger, the more is pruned.
    AlphaPruning,
    /// Axolotl's list of parameters that are trained: the layers that the plan changes.
    Axolotl,
    /// Lists of layers that quantisers leave alone: those that the plan leaves as they are.
    Ignore,
}

impl Emitted {
    /// All of them.
    pub const ALL: [Emitted; 3] = [Emitted::AlphaPruning, Emitted::Axolotl, Emitted::Ignore];

    /// Returns the name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Emitted::AlphaPruning => "alphapruning",
            Emitted::Axolotl => "axolotl",
            Emitted::Ignore => "ignore",
        }
    }
}

/// Returns the file of a budget of a plan in this form.
#[must_use]
pub fn emitted(plan: &ModelPlan, found: &Budget, form: Emitted) -> Vec<u8> {
    match form {
        Emitted::AlphaPruning => npy(found.layers.iter().map(|sized| 1.0 - sized.share)),
        Emitted::Axolotl => {
            let changed = found
                .layers
                .iter()
                .filter(|sized| sized.family != Family::Dense);
            let line = |sized: &Sized| {
                let pattern = format!("^{}$", escaped(tensor(plan, sized)));
                // a string of JSON is one of YAML
                format!("  - {}\n", Value::from(pattern))
            };
            let lines: String = changed.map(line).collect();
            match lines.as_str() {
                "" => "unfrozen_parameters: []\n".into(),
                lines => format!("unfrozen_parameters:\n{lines}").into_bytes(),
            }
        }
        Emitted::Ignore => {
            let left = found
                .layers
                .iter()
                .filter(|sized| sized.family == Family::Dense);
            let names: Vec<&str> = left.map(|sized| layer(tensor(plan, sized))).collect();
            let each = |value: Value, key: fn(&str) -> String| -> Map<String, Value> {
                names
                    .iter()
                    .map(|name| (key(name), value.clone()))
                    .collect()
            };
            let lists = json!({
                "llm-compressor": { "ignore": names },
                "modelopt": { "quant_cfg": each(json!({ "enable": false }), |name| format!("*{name}.*")) },
                "auto-round": { "layer_config": each(json!({ "bits": 16 }), str::to_owned) },
            });
            format!("{lists:#}\n").into_bytes()
        }
    }
}

/// Returns the name of a layer's tensor, as stored.
fn tensor<'p>(plan: &'p ModelPlan, sized: &Sized) -> &'p str {
    let row: &PlanRow = &plan.rows[sized.row];
    row.layer.as_ref().map_or(&row.name, |layer| &layer.tensor)
}

fn layer(tensor: &str) -> &str {
    tensor.strip_suffix(".weight").unwrap_or(tensor)
}

/// Returns a name as a regular expression that matches it alone.
fn escaped(name: &str) -> String {
    let mut pattern = String::new();
    for c in name.chars() {
        if r".^$*+?()[]{}|\".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

/// Returns a version 1 npy file of doubles.
fn npy(values: impl ExactSizeIterator<Item = f64>) -> Vec<u8> {
    let mut header = format!(
        "{{'descr': '<f8', 'fortran_order': False, 'shape': ({},), }}",
        values.len()
    );
    // The data begin at a multiple of 64 bytes.
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values.flat_map(f64::to_le_bytes));
    bytes
}
