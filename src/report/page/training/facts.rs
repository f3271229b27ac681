//! The outcome and the settings of a training, as lists of terms and texts.

use super::words::{planned, steps};
use crate::report::format::finite_percent;
use crate::report::text::{grouped, short_number};
use crate::report::training::{Outcome, accuracy, standard_error};
use crate::train::recipe::{Optimizer, Precision, Rate};
use crate::train::{Ended, TrainingRecord};
use maud::{Markup, html};
use std::fmt::Write;

/// A term and its text, `None` where it is not known.
type Fact = (&'static str, Option<String>);

/// Lists of terms and texts under headings; empty texts are left out, and lists without any.
pub(super) fn facts(record: &TrainingRecord) -> Markup {
    let number = |x: Option<f64>| x.filter(|x| x.is_finite()).map(short_number);
    let share_of = |x: Option<f64>| x.filter(|x| x.is_finite()).map(accuracy);
    let outcome = Outcome::of(record);
    let last = record.rows.last();
    let after = |iteration: u64| Some(grouped(iteration as usize));
    let counts = &record.parameters;
    let counted = |count: usize| Some(grouped(count));
    let ended = match record.ended {
        Ended::Finished => "all iterations done".to_owned(),
        Ended::Interrupted => "interrupted".to_owned(),
        Ended::Diverged { .. } => "loss not finite".to_owned(),
    };
    let error = outcome.map(|o| {
        let points = 100.0 * standard_error(o.last.1, record.samples.test);
        format!("{points:.2} points")
    });
    let groups: [(&str, Vec<Fact>); 4] = [
        (
            "At the last row",
            vec![
                ("test accuracy", outcome.map(|o| accuracy(o.last.1))),
                ("its standard error", error),
                ("test loss", number(last.and_then(|row| row.test_loss))),
                (
                    "training accuracy",
                    share_of(last.and_then(|row| row.training_accuracy)),
                ),
                ("loss of batches", number(last.and_then(|row| row.loss))),
                (
                    "after iterations",
                    last.and_then(|row| after(row.iteration)),
                ),
                ("epochs", number(last.map(|row| row.epoch))),
            ],
        ),
        (
            "At best",
            vec![
                ("test accuracy", outcome.map(|o| accuracy(o.best.1))),
                (
                    "after iterations",
                    outcome.and_then(|o| after(o.best.0.iteration)),
                ),
            ],
        ),
        (
            "Size",
            vec![
                ("parameters", counted(counts.weights + counts.biases)),
                ("of weights", counted(counts.weights)),
                ("biases", counted(counts.biases)),
                (
                    "with dense weights",
                    counted(counts.dense_weights + counts.biases),
                ),
                ("compression", finite_percent(counts.compression)),
            ],
        ),
        (
            "Training",
            vec![
                (
                    "iterations",
                    Some(if record.iterations == planned(record) {
                        grouped(record.iterations as usize)
                    } else {
                        format!(
                            "{} of {}",
                            grouped(record.iterations as usize),
                            grouped(planned(record) as usize)
                        )
                    }),
                ),
                ("ended", Some(ended)),
                ("batch", counted(record.recipe.training.batch)),
                ("rule", Some(rule(&record.recipe.training.optimizer))),
                ("rate", Some(rate(&record.recipe.training.rate))),
                (
                    "numbers",
                    Some(match record.recipe.training.precision {
                        Precision::Single => "single precision".to_owned(),
                        Precision::Double => "double precision".to_owned(),
                    }),
                ),
                ("seed", Some(record.recipe.seed.to_string())),
            ],
        ),
    ];
    html! {
        @for (heading, rows) in groups {
            div {
                h3 { (heading) }
                dl {
                    @for (term, text) in rows {
                        @if let Some(text) = text { div { dt { (term) } dd { (text) } } }
                    }
                }
            }
            "\n"
        }
    }
}

fn rule(optimizer: &Optimizer) -> String {
    let (mut text, decay) = match *optimizer {
        Optimizer::Sgd {
            momentum, decay, ..
        } => {
            let text = if momentum == 0.0 {
                "gradient descent".to_owned()
            } else {
                format!("momentum {momentum}")
            };
            (text, decay)
        }
        Optimizer::Adam { decay, .. } => ("Adam".to_owned(), decay),
    };
    if decay != 0.0 {
        let _ = write!(text, ", decay {decay}");
    }
    text
}

fn rate(rate: &Rate) -> String {
    match *rate {
        Rate::Fixed { base } => format!("{base}"),
        Rate::Step {
            base,
            factor,
            every,
        } => format!("{base}, times {factor} every {}", steps(every)),
        Rate::Inv { base, .. } => format!("{base}, falling as a power"),
        Rate::Cosine { base, end } => format!("{base} to {end}, a cosine"),
        Rate::Linear { base, end } => format!("{base} to {end}, a line"),
    }
}
