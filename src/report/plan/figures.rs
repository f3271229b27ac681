//! The model's curve with the uniform one beside it, and what each budget keeps of each layer.

use crate::compress::Family;
use crate::plan::{Budget, ModelPlan, Sized};
use crate::report::axis::Axis;
use crate::report::figure::{Figure, Panel};
use crate::report::figures::stem;
use crate::report::mark::{Color, Mark, Shape, Stroke};
use crate::report::text::short_number;

/// Shapes of the families, in their order.
const SHAPES: [(Family, Shape); 5] = [
    (Family::Dense, Shape::Square),
    (Family::LowRank, Shape::Disc),
    (Family::Columns, Shape::Triangle),
    (Family::Kronecker, Shape::Diamond),
    (Family::Dct, Shape::Cross),
];

/// Stem of the figure of the curve.
pub(in crate::report) const CURVE: &str = "plan-curve";

/// Returns the figure of the curve, and one of the layers for each budget.
pub fn plan_figures(plan: &ModelPlan) -> Vec<Figure> {
    let mut figures = Vec::new();
    if plan.curve.len() > 1 {
        figures.push(curve(plan));
    }
    let budgets = plan.budgets.iter().zip(1..);
    figures.extend(budgets.map(|(found, position)| {
        let share = super::budget(found.share);
        layers(found).alone(
            layers_stem(plan, position),
            format!("What a budget of {share} keeps of each layer"),
            "Each point is a layer; the line is the share of the uniform plan.".to_owned(),
        )
    }));
    figures
}

/// Returns the stem of the figure of a budget's layers.
pub(in crate::report) fn layers_stem(plan: &ModelPlan, position: usize) -> String {
    stem("budget", position, plan.budgets.len(), "layers")
}

fn curve(plan: &ModelPlan) -> Figure {
    let points = |of: fn(&crate::plan::CurvePoint) -> f64| -> Vec<(f64, f64)> {
        let points = plan
            .curve
            .iter()
            .map(|point| (100.0 * point.share, of(point)));
        points.filter(|(_, error)| *error > 0.0).collect()
    };
    let mut marks = vec![
        Mark::line(points(|p| p.error), Color::Number(0), Stroke::Solid, "plan"),
        Mark::line(
            points(|p| p.uniform_error),
            Color::Number(1),
            Stroke::Dashed,
            "uniform",
        ),
    ];
    marks.extend(plan.budgets.iter().map(|found| Mark::Vertical {
        at: 100.0 * found.share,
        words: super::budget(found.share),
    }));
    let x = Axis::logarithmic(format!("budget, % of the {}", plan.settings.cost.unit()));
    let y = Axis::logarithmic("predicted error");
    Panel::holding(x, y, marks).alone(
        CURVE.to_owned(),
        "Predicted error over the budget".to_owned(),
        format!(
            "Both curves are the same sum of errors, on the {}; neither is measured on the model.",
            plan.knowledge.errors_on
        ),
    )
}

fn layers(found: &Budget) -> Panel {
    let of = |family: Family| {
        let places = found.layers.iter().zip(1u32..);
        let places = places.filter(move |(sized, _)| sized.family == family);
        let point = |(sized, place): (&Sized, u32)| (f64::from(place), 100.0 * sized.share);
        places.map(point).collect::<Vec<(f64, f64)>>()
    };
    let mut marks: Vec<Mark> = SHAPES
        .iter()
        .enumerate()
        .map(|(number, (family, shape))| {
            Mark::points(of(*family), Color::Number(number), *shape, family.name())
        })
        .filter(|mark| !mark.across().is_empty())
        .collect();
    let ratio = 100.0 * found.uniform.ratio;
    marks.push(Mark::Level {
        at: ratio,
        words: format!("uniform, {} %", short_number(ratio)),
    });
    let x = Axis {
        whole: true,
        ..Axis::linear("layer, in the order of the file")
    };
    let x = x.between(0.0, found.layers.len() as f64 + 1.0);
    Panel::holding(x, Axis::linear("share kept, %").between(0.0, 106.0), marks)
}
