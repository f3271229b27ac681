//! Names of the same tensor in files that wrappers have written.

use super::Source;
use std::collections::HashMap;

/// Prefixes that wrappers put before every name: data-parallel training, compilation, the heads of models, adapters,
/// and checkpoints that keep a state dictionary beside other things.
const PREFIXES: [&str; 6] = [
    "module.",
    "_orig_mod.",
    "base_model.model.",
    "model.",
    "state_dict.",
    "model_state_dict.",
];

/// Returns `name` without the prefixes of wrappers.
fn bare(name: &str) -> &str {
    let mut bare = name;
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| bare.strip_prefix(prefix)) {
        bare = rest;
    }
    bare
}

/// Tensors of a source by their names and by their names without the prefixes of wrappers.
#[derive(Debug)]
pub struct Namesakes<'a> {
    exact: HashMap<&'a str, usize>,
    /// `None` where two tensors share what is left of their names.
    bare: HashMap<&'a str, Option<usize>>,
}

impl<'a> Namesakes<'a> {
    /// Those of `source`.
    pub fn of(source: &'a Source) -> Namesakes<'a> {
        let mut exact = HashMap::new();
        let mut short = HashMap::new();
        for (index, info) in source.tensors().iter().enumerate() {
            exact.entry(info.name.as_str()).or_insert(index);
            short
                .entry(bare(&info.name))
                .and_modify(|earlier| *earlier = None)
                .or_insert(Some(index));
        }
        Namesakes { exact, bare: short }
    }

    /// Returns the index of the tensor that `name` is in this source: the one of that name, else the only one whose
    /// name is the same without the prefixes of wrappers.
    pub fn find(&self, name: &str) -> Option<usize> {
        let exact = self.exact.get(name).copied();
        exact.or_else(|| *self.bare.get(bare(name))?)
    }
}

/// Returns what `one` has before the part of its name that it shares with `other`, and the same of `other`.
pub fn prefixes<'a>(one: &'a str, other: &'a str) -> (&'a str, &'a str) {
    let before = |name: &'a str| &name[..name.len() - bare(name).len()];
    (before(one), before(other))
}

#[cfg(test)]
mod tests {
    use super::{bare, prefixes};

    /// Catches prefixes that are taken off inside a name, and wrappers in wrappers that are not.
    #[test]
    fn prefixes_of_wrappers_are_taken_off() {
        for (name, expected) in [
            ("module._orig_mod.layers.0.weight", "layers.0.weight"),
            ("base_model.model.model.q_proj.weight", "q_proj.weight"),
            ("encoder.model.weight", "encoder.model.weight"),
            ("modules.0.weight", "modules.0.weight"),
            ("state_dict.module.fc.weight", "fc.weight"),
            ("ema_state_dict.fc.weight", "ema_state_dict.fc.weight"),
        ] {
            assert_eq!(bare(name), expected);
        }
        assert_eq!(prefixes("module.a", "model.a"), ("module.", "model."));
    }
}
