//! Remarks on the data of a training, made before it begins.

use super::batches::Normal;
use super::labels::{absent, shown_labels};
use super::recipe::DataSettings;
use super::selection::Selection;
use crate::data::Pixels;
use serde::Serialize;

/// Root mean squares of the inputs outside of which a network hardly learns.
const TINY: f64 = 0.01;
const HUGE: f64 = 30.0;

/// A property of the data that makes a training worse than it could be.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Remark {
    /// The inputs of the network are far from 1. Of bytes it is said only where they are tiny: recipes of Caffe take bytes as
    /// they are.
    InputScale {
        /// Root mean square of the inputs, the mean taken off and scaled.
        root_mean_square: f64,
        /// The scale.
        scale: f64,
        /// The scale to set instead; `None` where all inputs are 0 at any scale.
        suggested: Option<f64>,
    },
    /// No sample that is trained on has these labels.
    Untrained {
        /// In ascending order.
        labels: Vec<u16>,
    },
    /// Samples that are trained on have these labels, but none that is tested with.
    Untested {
        /// In ascending order.
        labels: Vec<u16>,
    },
}

impl Remark {
    /// Finds all there is to remark on the samples in use.
    pub(super) fn all(settings: &DataSettings, selection: &Selection<'_>) -> Vec<Remark> {
        let mut remarks = Vec::new();
        remarks.extend(Remark::on_scale(settings, selection));
        let classes = selection.counts().classes;
        let trained = &selection.training().labels[..selection.trained];
        let (tested, range) = selection.testing();
        let tested = &tested.labels[range];
        let labels = absent(classes, trained.iter().copied());
        let untested = absent(classes, tested.iter().chain(&labels).copied());
        if !labels.is_empty() {
            remarks.push(Remark::Untrained { labels });
        }
        if !untested.is_empty() {
            let labels = untested;
            remarks.push(Remark::Untested { labels });
        }
        remarks
    }

    fn on_scale(settings: &DataSettings, selection: &Selection<'_>) -> Option<Remark> {
        let samples = selection.training();
        let scale = settings.scale_of(samples);
        let unscaled = Normal::new(settings, samples, selection.trained)
            .unscaled_root_mean_square(samples, selection.trained);
        let root_mean_square = scale.abs() * unscaled;
        let may_be_large = matches!(samples.pixels, Pixels::Bytes(_));
        if root_mean_square >= TINY && (root_mean_square <= HUGE || may_be_large) {
            return None;
        }
        let default = DataSettings::default().scale_of(samples);
        let usual = [default, 1.0].into_iter();
        let mut fitting = usual.filter(|scale| (TINY..=HUGE).contains(&(scale * unscaled)));
        let suggested = match unscaled {
            0.0 => None,
            _ => fitting.next().or_else(|| Some(one_digit(1.0 / unscaled))),
        };
        Some(Remark::InputScale {
            root_mean_square,
            scale,
            suggested,
        })
    }

    /// Says it in one sentence without its full stop; `names` are those of the classes, or none.
    pub fn sentence(&self, names: &[String]) -> String {
        match self {
            Remark::InputScale {
                suggested: None, ..
            } => "all inputs are 0 before they are scaled; look at the data".to_owned(),
            Remark::InputScale {
                root_mean_square,
                scale,
                suggested: Some(suggested),
            } => {
                let size = if *root_mean_square < TINY {
                    "tiny"
                } else {
                    "huge"
                };
                format!(
                    "the inputs are {size} (root mean square {root_mean_square:.2e} at scale = {}), with which networks hardly \
                     learn; set scale = {suggested} under [data]",
                    short(*scale)
                )
            }
            Remark::Untrained { labels } => {
                let [output, is] = match labels.len() {
                    1 => ["output for it", "is"],
                    _ => ["outputs for them", "are"],
                };
                format!(
                    "no training sample has {}, so that the network's {output} {is} wasted; if no such class is meant, \
                     number the labels from 0 without gaps",
                    shown_labels(labels, names)
                )
            }
            Remark::Untested { labels } => {
                let it = if labels.len() == 1 { "it" } else { "them" };
                format!(
                    "no test sample has {}: the accuracy says nothing about {it}; add samples, or a test part",
                    shown_labels(labels, names)
                )
            }
        }
    }
}

/// Rounds to one digit.
fn one_digit(x: f64) -> f64 {
    format!("{x:.0e}").parse().unwrap_or(x)
}

/// Writes a number down in three digits at most.
fn short(x: f64) -> String {
    let rounded: f64 = format!("{x:.2e}").parse().unwrap_or(x);
    rounded.to_string()
}
