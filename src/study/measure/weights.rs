//! Numbers of other commands on a run's weights: `analyze`, `families`, `fit-basis`, `sketch`.

use super::record::at_place;
use super::subject::{Shared, Subject, as_settings, no_layer};
use crate::family::Ability;
use crate::family::terms::BasisFamily;
use crate::fit::families::{FamilyKind, FamilySettings, compare_family_sources};
use crate::fit::product::{FitRequest, ProductSettings, fit_sources};
use crate::operator::basis;
use crate::sketch::{Ensemble, SketchSettings, sketch_sources};
use crate::spectrum::analyze_sources;
use crate::study::plan::Run;
use crate::study::result::Curve;
use crate::weights::{OpenOptions, Selection, Source, ViewRules};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// `analyze = { layer, number }`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Analyze {
    layer: String,
    number: String,
}

/// `families = { layer, family, budget, number, image }`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Families {
    layer: String,
    family: String,
    budget: f64,
    #[serde(default = "residual")]
    number: String,
    #[serde(default)]
    image: Option<[usize; 2]>,
    #[serde(default)]
    seed: u64,
}

/// `fit = { layer, basis, p, k, number, image, seed }`; the layer may be `*`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Fit {
    #[serde(default = "all")]
    layer: String,
    basis: BasisFamily,
    #[serde(default = "one")]
    p: usize,
    k: usize,
    #[serde(default = "mean_distance")]
    number: String,
    #[serde(default)]
    image: Option<[usize; 2]>,
    #[serde(default)]
    seed: u64,
}

/// `sketch = { layer, k, l, ensemble, number, image, stride, padding, trials, seed }`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Sketch {
    layer: String,
    k: usize,
    #[serde(default = "one")]
    l: usize,
    #[serde(default = "sign")]
    ensemble: Ensemble,
    number: String,
    #[serde(default)]
    image: Option<[usize; 2]>,
    #[serde(default = "one")]
    stride: usize,
    #[serde(default)]
    padding: usize,
    #[serde(default = "trials")]
    trials: usize,
    #[serde(default)]
    seed: u64,
}

fn residual() -> String {
    "relative_residual".into()
}

fn mean_distance() -> String {
    "distance.relative_mean".into()
}

fn all() -> String {
    "*".into()
}

fn one() -> usize {
    1
}

fn trials() -> usize {
    200
}

fn sign() -> Ensemble {
    Ensemble::SIGN
}

/// The family of this name, as `spectra families` writes it.
fn family(name: &str) -> Result<FamilyKind, String> {
    FamilyKind::from_tag(&name.replace('_', "-")).ok_or_else(|| {
        let known = FamilyKind::all().iter().map(|kind| kind.key());
        let known: Vec<_> = known.collect();
        format!("there is no family {name}; there are {}", known.join(", "))
    })
}

pub(super) fn check(kind: &str, settings: toml::Value, run: &Run) -> Result<(), String> {
    if matches!(run, Run::Row(_) | Run::Products(_)) {
        return Err("is of weights, and this group has none".into());
    }
    match kind {
        "analyze" => layer(&as_settings::<Analyze>(settings)?.layer, run),
        "families" => {
            let settings: Families = as_settings(settings)?;
            if !(settings.budget > 0.0 && settings.budget <= 1.0) {
                return Err("budget is a share of the entries, more than 0 and at most 1".into());
            }
            family(&settings.family)?;
            layer(&settings.layer, run)
        }
        "fit" => {
            let settings: Fit = as_settings(settings)?;
            if settings.p == 0 || settings.k == 0 {
                Err("p and k are at least 1".into())
            } else {
                layer(&settings.layer, run)
            }
        }
        _ => {
            let settings: Sketch = as_settings(settings)?;
            if settings.k == 0 || settings.l == 0 || settings.trials == 0 || settings.stride == 0 {
                Err("k, l, trials and stride are at least 1".into())
            } else {
                layer(&settings.layer, run)
            }
        }
    }
}

/// Checks that a training has a layer of this name. What a file holds is seen when it is measured.
fn layer(name: &str, run: &Run) -> Result<(), String> {
    let Run::Train { recipe, .. } = run else {
        return Ok(());
    };
    let chosen = selection(name)?;
    let is_chosen = |layer: String| chosen.names(&format!("{layer}.weight"));
    if recipe.weighted_layers().any(is_chosen) {
        Ok(())
    } else {
        Err(no_layer(recipe, name))
    }
}

pub(super) fn take(
    kind: &str,
    settings: toml::Value,
    subject: &Subject<'_>,
    shared: &Shared,
) -> Result<Curve, String> {
    let path = subject.weights.ok_or("there are no weights")?;
    let options = OpenOptions::default();
    let source = Source::open(path, &options).map_err(|error| error.to_string())?;
    let sources = [source];
    match kind {
        "analyze" => {
            let settings: Analyze = as_settings(settings)?;
            let analysis = analyze_sources(
                &sources,
                &selection(&settings.layer)?,
                &shared.analyzer,
                |_| true,
            );
            number_of_first(&analysis.rows, &settings.number)
        }
        "families" => {
            let settings: Families = as_settings(settings)?;
            let how = FamilySettings {
                seed: settings.seed,
                budgets: vec![settings.budget],
                families: vec![family(&settings.family)?],
                image: settings.image,
                operations: None,
                ..FamilySettings::default()
            };
            let chosen = selection(&settings.layer)?;
            let compared = compare_family_sources(&sources, &chosen, &how, |_| true);
            number_of_first(&compared.rows, &format!("families.0.{}", settings.number))
        }
        "fit" => {
            let settings: Fit = as_settings(settings)?;
            let how = ProductSettings {
                factors: settings.p,
                terms: vec![settings.k],
                families: vec![settings.basis],
                image: settings
                    .image
                    .map(|[height, width]| basis::Image { height, width }),
                controls: false,
                seed: settings.seed,
                ..ProductSettings::default()
            };
            let request = FitRequest {
                settings: &how,
                basis: None,
                inputs: None,
            };
            let chosen = selection(&settings.layer)?;
            let fits = fit_sources(&sources, &chosen, &request, None, |_| true);
            let fits = fits.map_err(|error| error.to_string())?;
            at_place(&json(&fits)?, &settings.number)
        }
        _ => {
            let settings: Sketch = as_settings(settings)?;
            let how = SketchSettings {
                ensemble: settings.ensemble,
                k: settings.k,
                l: settings.l,
                trials: settings.trials,
                seed: settings.seed,
                image: settings.image,
                stride: settings.stride,
                padding: settings.padding,
                ..SketchSettings::default()
            };
            let chosen = selection(&settings.layer)?;
            let run = sketch_sources(&sources, &chosen, &how, None, None, |_| true);
            number_of_first(&run.rows, &settings.number)
        }
    }
}

/// The matrices whose names match `layer`, or that with `.weight` behind it.
fn selection(layer: &str) -> Result<Selection, String> {
    let names = vec![layer.to_owned(), format!("{layer}.weight")];
    Selection::new(names, ViewRules::default())
}

/// The number at `place` of the first of `rows` that has one; where none has, the reason of the first.
fn number_of_first<T: Serialize>(rows: &[T], place: &str) -> Result<Curve, String> {
    let mut first = None;
    for row in rows {
        let row = json(row)?;
        match at_place(&row, place) {
            Ok(curve) if curve.values.iter().any(|x| x.is_finite()) => return Ok(curve),
            Ok(_) => first = first.or(Some(format!("{place} is not defined there"))),
            Err(problem) => {
                let reason = row["reason"].as_str().map(str::to_owned);
                first = first.or(Some(reason.unwrap_or(problem)));
            }
        }
    }
    Err(first.unwrap_or_else(|| "no tensor has this name".into()))
}

fn json<T: Serialize>(value: &T) -> Result<Json, String> {
    serde_json::to_value(value).map_err(|error| error.to_string())
}
