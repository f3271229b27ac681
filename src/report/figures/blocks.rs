//! Variance, largest value and distance to the law of each diagonal block of a layer.

use super::overview::KINDS;
use crate::report::axis::Axis;
use crate::report::curves::kept_orders;
use crate::report::figure::{Figure, Layout, Panel};
use crate::report::mark::{Mark, Shape};
use crate::spectrum::{BlockSpectrum, Blocks};

/// Most blocks with discs; of more, dots.
const DISCS: usize = 120;

/// A row's words and its value.
type Row = (&'static str, fn(&BlockSpectrum) -> Option<f64>);

const ROWS: [Row; 3] = [
    ("variance of the entries", |block| Some(block.variance)),
    ("largest singular value", |block| Some(block.spectral_norm)),
    ("KS distance to the law", |block| block.ks_distance),
];

/// Returns the blocks side by side, at most `points` of them.
pub(super) fn blocks(blocks: &Blocks, points: usize) -> Option<Figure> {
    let kept = kept_orders(blocks.each.len(), points);
    let x = Axis {
        whole: true,
        ..Axis::linear("block").between(0.5, blocks.count as f64 + 0.5)
    };
    let panel = |&(words, value): &Row| {
        let value = |place: usize| value(&blocks.each[place - 1]).filter(|v| v.is_finite());
        let mut values: Vec<f64> = kept.iter().filter_map(|place| value(*place)).collect();
        values.sort_by(f64::total_cmp);
        let median = *values.get(values.len() / 2)?;
        let mut marks = vec![Mark::Level {
            at: median,
            words: String::new(),
        }];
        for (kind, color, shape, words) in KINDS {
            let own = kept
                .iter()
                .filter(|place| blocks.each[**place - 1].kind == kind);
            let own: Vec<(f64, f64)> = own
                .filter_map(|place| Some((*place as f64, value(*place)?)))
                .collect();
            if !own.is_empty() {
                let shape = if kept.len() > DISCS {
                    Shape::Dot
                } else {
                    shape
                };
                marks.push(Mark::points(own, color, shape, words));
            }
        }
        Some(Panel::holding(x.clone(), Axis::linear(words), marks))
    };
    let panels: Vec<Panel> = ROWS.iter().filter_map(panel).collect();
    (!panels.is_empty()).then(|| Figure {
        stem: String::new(),
        title: format!("{} blocks of {} × {}", blocks.count, blocks.rows, blocks.columns),
        layout: Layout::Rows,
        panels,
        stops: Vec::new(),
        reading: "Level rows mean that the blocks are alike; a block that stands out has learned more, or less, than its sisters. The line is the median.".to_owned(),
    })
}
