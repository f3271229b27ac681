//! Which tensors are analysed, and how they are taken as matrices.

use super::{Guesses, TensorInfo, ViewRules};
use globset::{Glob, GlobSet, GlobSetBuilder};
use serde::Serialize;

/// A choice of tensors and of views, echoed in the output.
#[derive(Debug, Clone, Serialize)]
pub struct Selection {
    /// Patterns of tensor names; none means all.
    pub tensor: Vec<String>,
    /// Patterns of tensor names that are left out of those.
    pub exclude: Vec<String>,
    /// 3-D tensors are (out, in, k) convolutions rather than (blocks, rows, columns).
    pub conv1d: bool,
    /// 2-D tensors are stored as (in, out).
    pub in_out: bool,
    /// Matrices are transposed.
    pub transpose: bool,
    /// `conv1d` is guessed, tensor by tensor.
    pub guess_view: bool,
    /// `in_out` is guessed, tensor by tensor.
    pub guess_layout: bool,
    /// Smaller matrices are skipped.
    pub min_dim: usize,
    /// States of optimisers, running statistics, masks and the like are taken as well.
    pub states: bool,
    #[serde(skip)]
    names: GlobSet,
    #[serde(skip)]
    excluded: GlobSet,
}

impl Selection {
    /// Tensors that match one of the patterns `tensor` (all without one), viewed by `rules`.
    ///
    /// # Errors
    ///
    /// A sentence that names the pattern that is none.
    pub fn new(tensor: Vec<String>, rules: ViewRules) -> Result<Selection, String> {
        Ok(Selection {
            names: globs(&tensor)?,
            tensor,
            excluded: GlobSet::empty(),
            exclude: Vec::new(),
            conv1d: rules.conv1d,
            in_out: rules.in_out,
            transpose: rules.transpose,
            guess_view: false,
            guess_layout: false,
            min_dim: rules.min_dim,
            states: false,
        })
    }

    /// Leaves out tensors that match one of the patterns `exclude`, whatever else they match.
    ///
    /// # Errors
    ///
    /// A sentence that names the pattern that is none.
    pub fn without(self, exclude: Vec<String>) -> Result<Selection, String> {
        Ok(Selection {
            excluded: globs(&exclude)?,
            exclude,
            ..self
        })
    }

    /// Takes what is no weight as well: states of optimisers, running statistics, masks.
    #[must_use]
    pub fn with_states(self, states: bool) -> Selection {
        Selection { states, ..self }
    }

    /// Whether a tensor of this name is wanted.
    pub fn names(&self, name: &str) -> bool {
        let asked_for = self.tensor.is_empty() || self.names.is_match(name);
        asked_for && !self.excluded.is_match(name)
    }

    /// Guesses how each tensor is stored, in the place of what the rules say.
    #[must_use]
    pub fn guessing(self, guesses: Guesses) -> Selection {
        Selection {
            guess_view: guesses.view,
            guess_layout: guesses.layout,
            ..self
        }
    }

    /// Returns how the tensor `info` among `tensors`, those of its file, becomes a matrix, and by what that was guessed where
    /// it is not the usual reading.
    pub fn rules(
        &self,
        info: &TensorInfo,
        tensors: &[TensorInfo],
    ) -> (ViewRules, Option<&'static str>) {
        let rules = ViewRules {
            conv1d: self.conv1d,
            in_out: self.in_out,
            depthwise: false,
            heads: None,
            transpose: self.transpose,
            min_dim: self.min_dim,
        };
        let guesses = Guesses {
            view: self.guess_view,
            layout: self.guess_layout,
        };
        guesses.apply(rules, info, tensors)
    }
}

/// One matcher for all `patterns`.
fn globs(patterns: &[String]) -> Result<GlobSet, String> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern).map_err(|error| error.to_string())?);
    }
    set.build().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::Selection;
    use super::ViewRules;

    /// Catches patterns that match part of a name, or nothing when none is given.
    #[test]
    fn patterns_match_whole_names() {
        let all = Selection::new(vec![], ViewRules::default()).unwrap();
        assert!(all.names("encoder.0.weight"));
        let some = ["ip?.w", "*.attn.*"].map(String::from).to_vec();
        let some = Selection::new(some, ViewRules::default()).unwrap();
        assert!(some.names("ip1.w") && some.names("block.3.attn.q.weight"));
        assert!(!some.names("ip10.w") && !some.names("ip1.weight"));
        let error = Selection::new(vec!["[".into()], ViewRules::default()).unwrap_err();
        assert!(error.contains('['), "{error}");
    }

    /// Catches a pattern that leaves nothing out, leaves all out when none is given, or loses to a pattern that
    /// asks for the tensor.
    #[test]
    fn excluded_names_are_left_out() {
        let globs = |patterns: &[&str]| patterns.iter().map(|p| p.to_string()).collect::<Vec<_>>();
        let chosen = Selection::new(globs(&["h.*"]), ViewRules::default()).unwrap();
        let chosen = chosen.without(globs(&["*.ln_?.*", "*bias"])).unwrap();
        assert!(chosen.names("h.0.attn.c_attn.weight"));
        assert!(!chosen.names("h.0.ln_1.weight") && !chosen.names("h.0.attn.c_attn.bias"));
        assert!(!chosen.names("wte.weight"));
        let all = Selection::new(vec![], ViewRules::default()).unwrap();
        let all = all.without(globs(&["*bias"])).unwrap();
        assert!(all.names("wte.weight") && !all.names("fc.bias"));
        let error = all.without(globs(&["["])).unwrap_err();
        assert!(error.contains('['), "{error}");
    }
}
