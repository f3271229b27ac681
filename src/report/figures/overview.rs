//! Spikes, alpha, effective rank and mean distance over the layers, in file order.

use crate::report::axis::{Axis, ends};
use crate::report::figure::{Figure, Layout, Panel, Stop};
use crate::report::mark::{Bar, Color, Mark, Shape, Stroke};
use crate::report::text::{shown_name, shown_sentence};
use crate::spectrum::{Analysis, Depth, Layer, LayerSpectrum, VerdictKind};

/// Most layers with discs; of more, dots.
const DISCS: usize = 200;
/// A range of distances from which on their axis is logarithmic.
const RANGE: f64 = 30.0;

/// A row's words and its value.
type Row = (&'static str, fn(&LayerSpectrum) -> Option<f64>);

const ROWS: [Row; 4] = [
    ("spikes", |s| s.spikes().map(|count| count as f64)),
    ("alpha", |s| s.power_law.as_ref().map(|p| p.alpha)),
    ("effective rank over the number of values", |s| {
        Some(s.effective_rank? / s.rows.min(s.columns) as f64)
    }),
    ("mean distance to random matrices", |s| {
        s.random_baseline.as_ref().map(|b| b.mean_distance)
    }),
];

/// How the findings look.
pub(super) const KINDS: [(VerdictKind, Color, Shape, &str); 6] = [
    (VerdictKind::Noise, Color::Muted, Shape::Disc, "like noise"),
    (VerdictKind::Spikes, Color::Number(0), Shape::Disc, "spikes"),
    (
        VerdictKind::HeavyTail,
        Color::Number(1),
        Shape::Square,
        "heavy tail",
    ),
    (
        VerdictKind::NoBulk,
        Color::Number(4),
        Shape::Diamond,
        "no random bulk",
    ),
    (
        VerdictKind::LowRank,
        Color::Number(2),
        Shape::Triangle,
        "low rank",
    ),
    (
        VerdictKind::Degenerate,
        Color::Muted,
        Shape::Cross,
        "too little to judge",
    ),
];

/// Returns the findings of all layers; `None` where fewer than two were analysed.
pub(in crate::report) fn overview(analysis: &Analysis) -> Option<Figure> {
    let numbered = analysis.rows.iter().zip(1usize..);
    let layers: Vec<(usize, &Layer, &LayerSpectrum)> = numbered
        .filter_map(|(layer, position)| Some((position, layer, layer.spectrum.as_ref()?)))
        .collect();
    if layers.len() < 2 {
        return None;
    }
    let spectra: Vec<&LayerSpectrum> = layers.iter().map(|layer| layer.2).collect();
    let x = axis(&layers.iter().map(|layer| layer.1).collect::<Vec<_>>());
    let row = |&(words, value): &Row| {
        let values: Vec<Option<f64>> = spectra
            .iter()
            .map(|s| value(s).filter(|v| v.is_finite()))
            .collect();
        values
            .iter()
            .any(Option::is_some)
            .then(|| panel(words, &values, &spectra, x.clone()))
    };
    let panels: Vec<Panel> = ROWS.iter().filter_map(row).collect();
    let stop = |(place, (position, layer, s)): (usize, &(usize, &Layer, &LayerSpectrum))| Stop {
        x: (place + 1) as f64,
        words: format!(
            "{}: {}",
            shown_name(&layer.name),
            shown_sentence(&s.verdict.text)
        ),
        link: Some(format!("#layer-{position}")),
    };
    Some(Figure {
        stem: "overview".to_owned(),
        title: "Findings by layer, in file order".to_owned(),
        layout: Layout::Rows,
        panels,
        stops: layers.iter().enumerate().map(stop).collect(),
        reading: "Each place is a layer, in file order; the dashes in the last row are the distance that pure chance gives. Click, or press Enter, to open the layer.".to_owned(),
    })
}

fn panel(words: &str, values: &[Option<f64>], spectra: &[&LayerSpectrum], x: Axis) -> Panel {
    let mut marks = Vec::new();
    for (kind, color, shape, kind_words) in KINDS {
        let own = (1usize..).zip(values).zip(spectra);
        let own = own.filter(|(_, s)| s.verdict.kind == kind);
        let own: Vec<(f64, f64)> = own
            .filter_map(|((x, y), _)| Some((x as f64, (*y)?)))
            .collect();
        if own.is_empty() {
            continue;
        }
        let bars = own.iter().map(|&(x, height)| Bar {
            from: x,
            to: x,
            height,
        });
        marks.push(Mark::Bars {
            bars: bars.collect(),
            color,
            words: String::new(),
        });
        let shape = if values.len() > DISCS {
            Shape::Dot
        } else {
            shape
        };
        marks.push(Mark::points(own, color, shape, kind_words));
    }
    let (least, most) = ends(values.iter().copied().flatten());
    let is_distance = words == ROWS[3].0;
    if is_distance {
        let expected = |s: &&LayerSpectrum| {
            s.random_baseline
                .as_ref()
                .map_or(f64::NAN, |b| b.expected_distance)
        };
        let expected = (1usize..)
            .zip(spectra)
            .map(|(x, s)| (x as f64, expected(s)));
        marks.push(Mark::line(
            expected,
            Color::Muted,
            Stroke::ThinDashed,
            "expected by chance",
        ));
    }
    let y = if is_distance && least > 0.0 && most > RANGE * least {
        Axis::logarithmic(words).between(least / 1.15, 1.3 * most)
    } else {
        Axis::linear(words).between(0.0, if most > 0.0 { 1.08 * most } else { 1.0 })
    };
    Panel::holding(x, y, marks)
}

/// Returns the axis of the layers: with the names of a few, else with their numbers in their stacks, else with places.
fn axis(layers: &[&Layer]) -> Axis {
    /// Most layers that are named, and most stacks that are numbered.
    const NAMED: (usize, usize) = (6, 3);
    let with = |words: String, names: Vec<String>| Axis {
        names,
        ..Axis::linear(words).between(0.5, layers.len() as f64 + 0.5)
    };
    if layers.len() <= NAMED.0 {
        let short =
            |layer: &&Layer| shown_name(layer.name.strip_suffix(".weight").unwrap_or(&layer.name));
        return with("layer".to_owned(), layers.iter().map(short).collect());
    }
    let mut depths: Vec<Option<&Depth>> = layers.iter().map(|layer| layer.depth.as_ref()).collect();
    for place in (1..depths.len()).rev() {
        if depths[place] == depths[place - 1] {
            depths[place] = None;
        }
    }
    let mut stacks: Vec<&str> = depths
        .iter()
        .flatten()
        .map(|depth| depth.stack.as_str())
        .collect();
    stacks.dedup();
    if depths.iter().flatten().count() > 1 && stacks.len() <= NAMED.1 {
        let stacks = stacks.iter().map(|stack| match *stack {
            "" => "the file".to_owned(),
            stack => shown_name(stack),
        });
        let words = format!(
            "number of the layer in {}",
            stacks.collect::<Vec<_>>().join(", then ")
        );
        let numbers = depths
            .iter()
            .map(|depth| depth.map_or(String::new(), |depth| depth.layer.to_string()));
        return with(words, numbers.collect());
    }
    Axis {
        whole: true,
        ..with("layer, counted in file order".to_owned(), Vec::new())
    }
}
