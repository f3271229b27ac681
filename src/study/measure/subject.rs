//! What is measured: a run that is done, its recipe and the settings of the measure.

use crate::spectrum::{Analyzer, Settings};
use crate::study::cell::Cell;
use crate::study::plan::Run;
use crate::train::Recipe;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::path::Path;

/// A run that is done, to be measured.
pub(in crate::study) struct Subject<'a> {
    /// What it is a run of.
    pub run: &'a Run,
    /// All variables, the chosen ones too.
    pub variables: &'a Cell,
    /// A training's record.
    pub record: Option<&'a Json>,
    /// The weights.
    pub weights: Option<&'a Path>,
}

/// What measuring shares among runs.
pub(in crate::study) struct Shared {
    /// Random spectra by shape.
    pub analyzer: Analyzer,
    /// How many times shorter trainings are than the study says.
    pub shortened: u64,
}

impl Shared {
    pub fn new(shortened: u64) -> Shared {
        Shared {
            analyzer: Analyzer::new(Settings::default()),
            shortened,
        }
    }

    /// A place on a curve of iterations that a study names, in its shortened runs.
    pub fn iteration(&self, iteration: u64) -> u64 {
        iteration.div_ceil(self.shortened)
    }
}

/// Settings as those of one kind of measure.
pub(super) fn as_settings<T: DeserializeOwned>(settings: toml::Value) -> Result<T, String> {
    let problem = |error: toml::de::Error| error.message().lines().next().unwrap_or("").to_owned();
    settings.try_into().map_err(problem)
}

/// The recipe that a run trains.
pub(super) fn recipe(run: &Run) -> Result<&Recipe, String> {
    match run {
        Run::Train { recipe, .. } => Ok(recipe),
        _ => Err("is of trainings, and this group has none".into()),
    }
}

/// Whether `recipe` watches `layer`, so that its record has the layer's singular values.
pub(super) fn watches(recipe: &Recipe, layer: &str) -> Result<(), String> {
    let watched = &recipe.record.watch;
    if watched.iter().any(|name| name == layer) {
        Ok(())
    } else {
        Err(format!(
            "{layer} is not watched; set \"record.watch\" = [\"{layer}\"]"
        ))
    }
}

/// Why a layer cannot be measured that is not there.
pub(super) fn no_layer(recipe: &Recipe, asked: &str) -> String {
    let layers: Vec<String> = recipe.weighted_layers().collect();
    format!(
        "no layer is called {asked}; there are {}",
        layers.join(", ")
    )
}
