//! Histogram of a layer's singular values or eigenvalues, with the laws over it.

use super::laws::{Law, columns, laws};
use crate::report::axis::Axis;
use crate::report::curves::Histogram;
use crate::report::figure::{Figure, Panel};
use crate::report::mark::{Bar, Color, Mark};
use crate::spectrum::LayerSpectrum;

/// The values whose density is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    /// Singular values s.
    Singular,
    /// Eigenvalues λ = s²/n.
    Eigen,
}

/// Returns the density of a layer's values; `None` where they were left out or are all equal.
pub(super) fn density(s: &LayerSpectrum, values: Values, points: usize) -> Option<Figure> {
    let all = s.singular_values.as_deref()?;
    let n = columns(s);
    let place = |s: f64| {
        if values == Values::Eigen {
            s * s / n
        } else {
            s
        }
    };
    // ds over the values' own scale.
    let slope = |s: f64| {
        if values == Values::Eigen {
            0.5 * n / s
        } else {
            1.0
        }
    };
    let laws = laws(s, all.len());
    let edge = laws.last().map(|law| place(law.edges[1]));
    let bins = Histogram::of(&all.iter().map(|s| place(*s)).collect::<Vec<_>>(), edge)?;
    let curve = |law: &Law| -> Vec<(f64, f64)> {
        let curve = law.places(points);
        let curve = curve.map(|s| (place(s), law.density(s) * slope(s)));
        curve.filter(|(_, density)| density.is_finite()).collect()
    };
    let curves: Vec<Vec<(f64, f64)>> = laws.iter().map(curve).collect();
    let bars = bars(&bins, all.len());

    let beyond = match bins.above {
        0 => String::new(),
        above => format!(", {above} of its values beyond"),
    };
    let color = Color::Number(0);
    let mut marks = vec![Mark::Bars {
        bars: bars.clone(),
        color,
        words: format!("the layer{beyond}"),
    }];
    if values == Values::Singular {
        // Among many, single ones are seen at the right end alone.
        let (at, words) = if all.len() <= points {
            (all, "its values".to_owned())
        } else {
            (
                &all[..points / 4],
                format!("its {} largest values", points / 4),
            )
        };
        marks.push(Mark::Rug {
            at: at.to_vec(),
            color,
            words,
        });
    }
    for (law, curve) in laws.iter().zip(&curves) {
        marks.push(Mark::line(
            curve.iter().copied(),
            law.color,
            law.stroke,
            law.words,
        ));
    }
    if let Some(bulk) = &s.fitted_bulk {
        marks.push(Mark::Vertical {
            at: place(bulk.upper_singular_value),
            words: "its edge".to_owned(),
        });
    }

    let (title, words) = match values {
        Values::Singular => ("Density of singular values", "singular value s"),
        Values::Eigen => ("Density of eigenvalues", "eigenvalue λ = s²/n"),
    };
    let (from, to) = across(&bins, &laws, place);
    let x = Axis::linear(words).between(from, to);
    let y = Axis::linear("density").between(0.0, height(&bars, &curves, values));
    let counts = bins.counts.iter().map(|count| *count as f64);
    let mut panel = Panel::holding(x, y, marks).aside("count", counts);
    for law in &laws {
        let middles = bars.iter().map(|bar| 0.5 * (bar.from + bar.to));
        let middles = middles.map(|x| {
            if values == Values::Eigen {
                (n * x).sqrt()
            } else {
                x
            }
        });
        let densities = middles.map(|s| law.density(s) * slope(s));
        panel = panel.aside(law.words, densities);
    }
    let (title, reading) = (title.to_owned(), reading(s, values).to_owned());
    Some(panel.alone(String::new(), title, reading))
}

/// Returns the bins as bars: the share of `count` values in each over its width.
fn bars(bins: &Histogram, count: usize) -> Vec<Bar> {
    let edge = |place: usize| bins.from + place as f64 * bins.width;
    let bar = |(place, inside): (usize, &usize)| Bar {
        from: edge(place),
        to: edge(place + 1),
        height: *inside as f64 / (count as f64 * bins.width),
    };
    bins.counts.iter().enumerate().map(bar).collect()
}

/// Returns the ends of the bins, further out where a law's edge is not far from them.
fn across(bins: &Histogram, laws: &[Law], place: impl Fn(f64) -> f64) -> (f64, f64) {
    let end = bins.from + bins.width * bins.counts.len() as f64;
    let reach = 0.3 * (end - bins.from);
    let edges = |which: usize| laws.iter().map(move |law| law.edges[which]);
    let low = edges(0).map(&place).filter(|x| *x > bins.from - reach);
    let high = edges(1).map(&place).filter(|x| *x < end + reach);
    (low.fold(bins.from, f64::min), high.fold(end, f64::max))
}

/// Returns the height of the figure. The density of eigenvalues has no bound near zero, so it cuts the bars there off, and a
/// curve ends at twice the bars.
fn height(bars: &[Bar], curves: &[Vec<(f64, f64)>], values: Values) -> f64 {
    let heights = bars.iter().map(|bar| bar.height);
    let mut heights: Vec<f64> = heights.filter(|height| *height > 0.0).collect();
    heights.sort_by(f64::total_cmp);
    let most = heights.last().copied().unwrap_or(1.0);
    let middle = heights.get(heights.len() / 2).copied().unwrap_or(1.0);
    let tallest = match values {
        Values::Singular => most,
        Values::Eigen => most.min(6.0 * middle),
    };
    let curves = curves.iter().flatten().map(|point| point.1);
    1.08 * curves.fold(tallest, |most, y| most.max(y.min(2.0 * tallest)))
}

fn reading(s: &LayerSpectrum, values: Values) -> &'static str {
    match (values, s.fitted_bulk.is_some()) {
        (Values::Singular, true) => {
            "Bars under the green curve are like noise; strokes to the right of its edge are values that such noise does not have."
        }
        (Values::Singular, false) => {
            "No curve of noise fits the bars: the orange one is the law of a random matrix with the same mean square."
        }
        (Values::Eigen, true) => {
            "The same values as eigenvalues: bars that follow the green curve are noise; bars to the right of its edge are structure."
        }
        (Values::Eigen, false) => {
            "The same values as eigenvalues, beside the law of a random matrix with the same mean square."
        }
    }
}
