//! The figures of a training: error, loss and rate over the iterations, and two for each watched layer.

use super::frame::{watched, watched_layers};
use super::sheet::{Sheet, Upward};
use crate::report::axis::drawable;
use crate::report::figure::Figure;
use crate::report::figures::stem;
use crate::report::mark::{Color, Mark, Stretch, Stroke};
use crate::report::text::{grouped, short_number, shown_name};
use crate::train::{Row, TrainingRecord, Watched};

/// Rows of a curve; of more, that many are kept, evenly.
const ROWS: usize = 600;
/// Singular values with a curve of their own.
const LARGEST: usize = 5;
/// Layers of so few singular values have a curve for each.
const FEW: usize = 8;

/// Returns the rows that are drawn: all, or 600 of them with the first and the last.
pub(in crate::report) fn kept_rows(record: &TrainingRecord) -> Vec<&Row> {
    let rows = &record.rows;
    if rows.len() <= ROWS {
        return rows.iter().collect();
    }
    (0..ROWS)
        .map(|i| &rows[i * (rows.len() - 1) / (ROWS - 1)])
        .collect()
}

/// Returns `training-error`, `training-loss`, `training-rate`, and for the watched layer number 3 of the network
/// `layer-003-values` and `layer-003-growth`, those of them that have numbers.
pub(in crate::report) fn training_figures(record: &TrainingRecord) -> Vec<Figure> {
    let rows = kept_rows(record);
    let sheet = Sheet::new(record, &rows);
    let mut figures = vec![error(record, &sheet), loss(&sheet), rate(&sheet)];
    for layer in watched_layers(record) {
        let place = record.layers.iter().position(|own| own.name == layer);
        let Some(place) = place else { continue };
        let all: Vec<Option<&Watched>> = rows.iter().map(|row| watched(row, layer)).collect();
        let name = |what| stem("layer", place + 1, 0, what);
        figures.push(values(&sheet, name("values"), layer, &all));
        figures.push(growth(&sheet, name("growth"), layer, &all));
    }
    figures.retain(Figure::is_drawable);
    figures
}

/// The colour of what is measured on test samples, or what a figure is of.
const TEST: Color = Color::Number(0);
/// The colour of what is measured on training samples, or stands beside.
const TRAINING: Color = Color::Number(1);
/// The colour of a median.
const MEDIAN: Color = Color::Number(2);

fn error(record: &TrainingRecord, sheet: &Sheet<'_>) -> Figure {
    let wrong = |share: Option<f64>| share.map(|share| 100.0 * (1.0 - share));
    let tested = sheet.rows.iter().map(|row| wrong(row.test_accuracy));
    let trained = sheet.rows.iter().map(|row| wrong(row.training_accuracy));
    let marks = vec![
        sheet.curve(TRAINING, Stroke::Solid, "training samples", trained),
        sheet.curve(TEST, Stroke::Solid, "test samples", tested),
    ];
    let counted = record
        .recipe
        .record
        .training_samples
        .min(record.samples.train);
    let trained = if counted == record.samples.train {
        "all training samples".to_owned()
    } else {
        format!("the first {} training samples", grouped(counted))
    };
    // Half an error stands for none, which a logarithmic axis has no place for.
    let half = 50.0 / record.samples.test.max(1) as f64;
    let y = Upward {
        unit: "%",
        floor: Some(half),
        ..Upward::new("wrong answers", 3.0)
    };
    let is_low = marks
        .iter()
        .flat_map(Mark::upward)
        .any(|error| error < half);
    let note = if is_low && y.axis(&marks).log {
        format!(
            " Less than half an error is drawn at {} %.",
            short_number(half)
        )
    } else {
        String::new()
    };
    let reading = format!(
        "Share of wrong answers on the test samples and on {trained}. Where the lower curve falls and the other does not, the network learns its samples by heart.{note}"
    );
    sheet.figure("training-error".into(), "Error".into(), &y, marks, reading)
}

fn loss(sheet: &Sheet<'_>) -> Figure {
    let batches = sheet.rows.iter().map(|row| row.loss);
    let tested = sheet.rows.iter().map(|row| row.test_loss);
    let marks = vec![
        sheet.curve(TRAINING, Stroke::Solid, "training batches", batches),
        sheet.curve(TEST, Stroke::Solid, "test samples", tested),
    ];
    let y = Upward::new("mean cross-entropy", 3.0);
    let reading = "Mean cross-entropy of the batches since the row before, each before its step, and of the test samples.";
    sheet.figure(
        "training-loss".into(),
        "Loss".into(),
        &y,
        marks,
        reading.into(),
    )
}

fn rate(sheet: &Sheet<'_>) -> Figure {
    let rates = sheet.rows.iter().map(|row| Some(row.rate));
    let marks = vec![sheet.curve(TEST, Stroke::Solid, "rate", rates)];
    let y = Upward::new("rate of the next step", 30.0);
    let reading = "The rate of the step after each row.";
    sheet.figure(
        "training-rate".into(),
        "Learning rate".into(),
        &y,
        marks,
        reading.into(),
    )
}

fn values(sheet: &Sheet<'_>, stem: String, layer: &str, all: &[Option<&Watched>]) -> Figure {
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
    let stroke = |order| {
        if order == 0 {
            Stroke::Solid
        } else {
            Stroke::Thin
        }
    };
    let mut marks: Vec<Mark> = (0..shown)
        .map(|order| {
            sheet.curve(
                TEST,
                stroke(order),
                format!("s{}", subscript(order + 1)),
                at(order),
            )
        })
        .collect();
    let mut reading = "All singular values.".to_owned();
    if count > FEW {
        marks.push(sheet.curve(MEDIAN, Stroke::Solid, "median", below(0.5)));
        let end = |x: Option<f64>| x.filter(|x| drawable(*x)).unwrap_or(f64::NAN);
        let ends = below(0.9).zip(below(0.1)).zip(sheet.rows);
        let stretches = ends.map(|((low, high), row)| Stretch {
            x: row.iteration as f64,
            low: end(low),
            high: end(high),
        });
        marks.push(Mark::Band {
            stretches: stretches.collect(),
            color: TEST,
            words: "10 to 90 % of the values".to_owned(),
        });
        reading = format!(
            "The {LARGEST} largest of {count} singular values, their median, and the band of those that are neither among the upper nor the lower tenth. What rises out of the band, training has put in."
        );
    }
    let title = format!("Singular values of {}", shown_name(layer));
    sheet.figure(
        stem,
        title,
        &Upward::new("singular value", 30.0),
        marks,
        reading,
    )
}

fn growth(sheet: &Sheet<'_>, stem: String, layer: &str, all: &[Option<&Watched>]) -> Figure {
    let relative = |number: fn(&Watched) -> Option<f64>| -> Vec<Option<f64>> {
        let values: Vec<Option<f64>> = all.iter().map(|w| number((*w)?)).collect();
        let start = values.iter().flatten().copied().find(|x| *x > 0.0);
        values.into_iter().map(|x| Some(x? / start?)).collect()
    };
    let largest = relative(|w| w.singular_values.first().copied()).into_iter();
    let variance = relative(|w| Some(w.variance)).into_iter();
    let marks = vec![
        sheet.curve(TRAINING, Stroke::Solid, "largest singular value", largest),
        sheet.curve(TEST, Stroke::Solid, "variance of the entries", variance),
        Mark::Level {
            at: 1.0,
            words: String::new(),
        },
    ];
    let title = format!("Growth of {}", shown_name(layer));
    let y = Upward::new("times that at the start", 12.0);
    let reading = "Variance of the entries (of blocks, of those inside) and largest singular value, over what they were at the start.";
    sheet.figure(stem, title, &y, marks, reading.into())
}

/// Returns an order as it stands below a letter: `₁₂`.
fn subscript(order: usize) -> String {
    let digit = |c: char| char::from_u32(0x2080 + c.to_digit(10)?);
    order.to_string().chars().filter_map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::subscript;

    #[test]
    fn orders_stand_low() {
        assert_eq!(subscript(105), "₁₀₅");
    }
}
