//! What the pictures of a training show: the page draws them with a script, the others are figures.

use super::frame::{watched, watched_layers};
use crate::report::axis::{drawable, ends, span};
use crate::report::text::{grouped, short_number, shown_name};
use crate::train::{Row, TrainingRecord, Watched};
use serde::Serialize;

/// Rows of a curve; of more, that many are kept, evenly.
const ROWS: usize = 600;
/// Singular values with a curve of their own.
const LARGEST: usize = 5;
/// Layers of so few singular values have a curve for each.
const FEW: usize = 8;

/// Errors that range over more than so many times have a logarithmic axis.
const ERROR_RANGE: f64 = 3.0;

/// What a curve is of, which gives it its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::report) enum Role {
    /// Measured on the test samples, or what the picture is of.
    Test,
    /// Measured on the training samples, or what stands beside.
    Training,
    /// A singular value after the first.
    Value,
    /// The middle of the singular values.
    Median,
}

/// A curve over the rows that are drawn.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct Curve {
    /// Its colour.
    pub role: Role,
    /// What it is, in a key.
    pub words: String,
    /// Its numbers, none where there are none.
    pub values: Vec<Option<f64>>,
}

/// Curves over the iterations.
#[derive(Debug, Clone, Default, Serialize)]
pub(in crate::report) struct Trajectories {
    /// Its files' name without extension.
    #[serde(skip)]
    pub stem: String,
    /// The layer that it is of, by its place in the network, from 1.
    pub layer: Option<usize>,
    /// What it shows.
    pub title: String,
    /// Words on the vertical axis.
    pub axis: &'static str,
    /// What follows a number: `%` of the errors.
    pub unit: &'static str,
    /// Whether that axis is logarithmic.
    pub log: bool,
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// On a logarithmic axis what is smaller is drawn here.
    pub floor: Option<f64>,
    /// A level to compare with.
    pub level: Option<f64>,
    /// Ends of a band, row by row.
    pub band: Option<[Vec<Option<f64>>; 2]>,
    /// What the band is.
    pub band_words: &'static str,
    /// The curves.
    pub curves: Vec<Curve>,
    /// How to read it.
    pub reading: String,
}

/// The rows that are drawn: all, or 600 of them with the first and the last.
pub(in crate::report) fn kept_rows(record: &TrainingRecord) -> Vec<&Row> {
    let rows = &record.rows;
    match rows.len() {
        0..=ROWS => rows.iter().collect(),
        count => (0..ROWS)
            .map(|i| &rows[i * (count - 1) / (ROWS - 1)])
            .collect(),
    }
}

/// Their iterations.
pub(in crate::report) fn iterations(record: &TrainingRecord) -> Vec<u64> {
    let rows = kept_rows(record);
    rows.iter().map(|row| row.iteration).collect()
}

/// What can be drawn: error, loss and rate, then two figures for each watched layer.
pub(in crate::report) fn figures(record: &TrainingRecord) -> Vec<Trajectories> {
    let rows = kept_rows(record);
    // Beside each the range from which on its axis is logarithmic.
    let mut figures = vec![
        (error(record, &rows), ERROR_RANGE),
        (loss(&rows), 3.0),
        (rate(&rows), 30.0),
    ];
    for layer in watched_layers(record) {
        let place = record.layers.iter().position(|l| l.name == layer);
        let Some(place) = place else { continue };
        let all: Vec<Option<&Watched>> = rows.iter().map(|row| watched(row, layer)).collect();
        figures.push((values(place + 1, layer, &all), 30.0));
        figures.push((growth(place + 1, layer, &all), 12.0));
    }
    for (figure, _) in &mut figures {
        let some = |curve: &Curve| curve.values.iter().any(Option::is_some);
        figure.curves.retain(some);
    }
    figures.retain(|(figure, _)| !figure.curves.is_empty());
    let scaled = figures.into_iter();
    scaled.map(|(figure, wide)| figure.scaled(wide)).collect()
}

fn curve(role: Role, words: impl Into<String>, values: impl Iterator<Item = Option<f64>>) -> Curve {
    Curve {
        role,
        words: words.into(),
        values: values.map(|x| x.filter(|x| drawable(*x))).collect(),
    }
}

/// Whether numbers are positive and range over more than so many times.
fn is_wide(numbers: impl Iterator<Item = f64>, times: f64) -> bool {
    let (least, most) = ends(numbers);
    least > 0.0 && most > times * least
}

impl Trajectories {
    /// All that is drawn, the band and the level too.
    fn numbers(&self) -> impl Iterator<Item = f64> {
        let curves = self.curves.iter().map(|curve| &curve.values);
        let all = curves.chain(self.band.iter().flatten()).flatten().flatten();
        all.copied().chain(self.level)
    }

    /// With a logarithmic axis where the numbers range over more than `times`, and its ends.
    fn scaled(mut self, times: f64) -> Trajectories {
        let floor = self.floor.unwrap_or(0.0);
        self.log = is_wide(self.numbers().map(|x| x.max(floor)), times);
        let numbers = self
            .numbers()
            .map(|x| if self.log { x.max(floor) } else { x });
        (self.from, self.to) = span(numbers, self.log, self.level.is_none());
        self
    }
}

fn error(record: &TrainingRecord, rows: &[&Row]) -> Trajectories {
    let wrong = |share: Option<f64>| share.map(|share| 100.0 * (1.0 - share));
    let tested = rows.iter().map(|row| wrong(row.test_accuracy));
    let trained = rows.iter().map(|row| wrong(row.training_accuracy));
    let curves = vec![
        curve(Role::Training, "training samples", trained),
        curve(Role::Test, "test samples", tested),
    ];
    let counted = record
        .recipe
        .record
        .training_samples
        .min(record.samples.train);
    let trained = match counted == record.samples.train {
        true => "all training samples".to_owned(),
        false => format!("the first {} training samples", grouped(counted)),
    };
    // Half an error stands for none, which a logarithmic axis has no place for.
    let half = 50.0 / record.samples.test.max(1) as f64;
    let all = || curves.iter().flat_map(|curve| &curve.values).flatten();
    let log = is_wide(all().map(|error| error.max(half)), ERROR_RANGE);
    let note = match log && all().any(|error| *error < half) {
        true => format!(
            " Less than half an error is drawn at {} %.",
            short_number(half)
        ),
        false => String::new(),
    };
    Trajectories {
        stem: "training-error".into(),
        title: "Error".into(),
        axis: "wrong answers in %",
        unit: " %",
        floor: Some(half),
        curves,
        reading: format!(
            "Share of wrong answers on the test samples and on {trained}. Where the lower curve falls and the other does not, the network learns its samples by heart.{note}"
        ),
        ..Trajectories::default()
    }
}

fn loss(rows: &[&Row]) -> Trajectories {
    let batches = rows.iter().map(|row| row.loss);
    let tested = rows.iter().map(|row| row.test_loss);
    Trajectories {
        stem: "training-loss".into(),
        title: "Loss".into(),
        axis: "mean cross-entropy",
        curves: vec![
            curve(Role::Training, "training batches", batches),
            curve(Role::Test, "test samples", tested),
        ],
        reading: "Mean cross-entropy of the batches since the row before, each before its step, and of the test samples.".into(),
        ..Trajectories::default()
    }
}

fn rate(rows: &[&Row]) -> Trajectories {
    let rates = rows.iter().map(|row| Some(row.rate));
    Trajectories {
        stem: "training-rate".into(),
        title: "Learning rate".into(),
        axis: "rate of the next step",
        curves: vec![curve(Role::Test, "rate", rates)],
        reading: "The rate of the step after each row.".into(),
        ..Trajectories::default()
    }
}

fn values(place: usize, layer: &str, all: &[Option<&Watched>]) -> Trajectories {
    let at = |order: usize| {
        let value =
            move |w: &Option<&Watched>| w.and_then(|w| w.singular_values.get(order).copied());
        all.iter().map(value)
    };
    // The value that this share of the values is above.
    let below = |share: f64| {
        all.iter().map(move |w| {
            let values = w.map(|w| w.singular_values.as_slice())?;
            values.get((share * values.len() as f64) as usize).copied()
        })
    };
    let most = all.iter().flatten().map(|w| w.singular_values.len()).max();
    let count = most.unwrap_or(0);
    let shown = if count <= FEW { count } else { LARGEST };
    let role = |order| if order == 0 { Role::Test } else { Role::Value };
    let mut curves: Vec<Curve> = (0..shown)
        .map(|order| curve(role(order), format!("s{}", subscript(order + 1)), at(order)))
        .collect();
    let mut band = None;
    let mut reading = "All singular values.".to_owned();
    if count > FEW {
        curves.push(curve(Role::Median, "median", below(0.5)));
        let [mut low, mut high] =
            [0.9, 0.1].map(|share| curve(Role::Value, "", below(share)).values);
        for (low, high) in low.iter_mut().zip(&mut high) {
            (*low, *high) = (
                low.filter(|_| high.is_some()),
                high.filter(|_| low.is_some()),
            );
        }
        band = Some([low, high]);
        reading = format!(
            "The {LARGEST} largest of {count} singular values, their median, and the band of those that are neither among the upper nor the lower tenth. What rises out of the band, training has put in."
        );
    }
    Trajectories {
        stem: format!("layer-{place:03}-values"),
        layer: Some(place),
        title: format!("Singular values of {}", shown_name(layer)),
        axis: "singular value",
        band,
        band_words: "10 to 90 % of the values",
        curves,
        reading,
        ..Trajectories::default()
    }
}

fn growth(place: usize, layer: &str, all: &[Option<&Watched>]) -> Trajectories {
    let relative = |number: fn(&Watched) -> Option<f64>| -> Vec<Option<f64>> {
        let values: Vec<Option<f64>> = all.iter().map(|w| number((*w)?)).collect();
        let start = values.iter().flatten().copied().find(|x| *x > 0.0);
        values.into_iter().map(|x| Some(x? / start?)).collect()
    };
    let largest = relative(|w| w.singular_values.first().copied());
    let variance = relative(|w| Some(w.variance));
    Trajectories {
        stem: format!("layer-{place:03}-growth"),
        layer: Some(place),
        title: format!("Growth of {}", shown_name(layer)),
        axis: "times that at the start",
        level: Some(1.0),
        curves: vec![
            curve(Role::Training, "largest singular value", largest.into_iter()),
            curve(Role::Test, "variance of the entries", variance.into_iter()),
        ],
        reading: "Variance of the entries (of blocks, of those inside) and largest singular value, over what they were at the start.".into(),
        ..Trajectories::default()
    }
}

/// `₁₂`.
fn subscript(order: usize) -> String {
    let digit = |c: char| char::from_u32(0x2080 + c.to_digit(10)?);
    order.to_string().chars().filter_map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::{Curve, Role, Trajectories, is_wide, subscript};

    fn figure(values: &[f64], level: Option<f64>, floor: Option<f64>) -> Trajectories {
        Trajectories {
            level,
            floor,
            curves: vec![Curve {
                role: Role::Test,
                words: String::new(),
                values: values.iter().copied().map(Some).collect(),
            }],
            ..Trajectories::default()
        }
    }

    /// Would catch an axis that cuts a number off, has no length, or takes the logarithm of 0.
    #[test]
    fn axes_hold_their_numbers() {
        for (values, level, floor, log) in [
            (&[90.0, 5.0, 0.0][..], None, Some(0.025), true),
            (&[3.0, 2.5, 2.0], None, Some(0.025), false),
            (&[0.02, 0.01, 0.0], None, None, false),
            (&[1.0, 1.0], Some(1.0), None, false),
            (&[1.0, 40.0], Some(1.0), None, true),
            (&[0.0], None, None, false),
            (&[-2.0, -1.0], None, None, false),
            (&[1e-9], None, None, false),
        ] {
            let figure = figure(values, level, floor).scaled(3.0);
            assert_eq!(figure.log, log, "{values:?}");
            assert!(figure.from < figure.to, "{values:?}");
            assert!(!log || figure.from > 0.0);
            for x in values.iter().copied().chain(level) {
                let x = if log { x.max(floor.unwrap_or(0.0)) } else { x };
                assert!((figure.from..=figure.to).contains(&x), "{values:?}: {x}");
            }
        }
    }

    /// Would catch a range told by its smallest number where that is 0, or at exactly the limit.
    #[test]
    fn wide_ranges() {
        assert!(is_wide([1.0, 3.1].into_iter(), 3.0));
        assert!(!is_wide([1.0, 3.0].into_iter(), 3.0));
        assert!(!is_wide([0.0, 3.0].into_iter(), 3.0));
        assert!(!is_wide([].into_iter(), 3.0));
    }

    #[test]
    fn orders_stand_low() {
        assert_eq!(subscript(105), "₁₀₅");
    }
}
