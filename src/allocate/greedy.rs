//! The relaxation, its bound, and a whole allocation near it.

use super::frontier::{Frontier, slope};

/// The solution of the relaxation.
pub(super) struct Relaxed {
    /// The place of each layer's point among its points.
    pub places: Vec<usize>,
    /// The sum of their errors.
    pub error: f64,
    /// A lower bound on the error of any allocation.
    pub bound: f64,
    /// The error that a unit of the budget saves where it ends.
    pub price: f64,
}

/// A step of a layer to the next point on its hull.
struct Step {
    layer: usize,
    /// The place on the hull that it leads to.
    to: usize,
    slope: f64,
}

/// Takes the steps that save the most a unit, as long as they fit, from the cheapest choices on; then fills what is left.
/// The cheapest choices must fit.
pub(super) fn relax(frontiers: &[Frontier], budget: u64) -> Relaxed {
    let mut steps: Vec<Step> = Vec::new();
    for (layer, frontier) in frontiers.iter().enumerate() {
        steps.extend(frontier.hull.windows(2).zip(1..).map(|(pair, to)| Step {
            layer,
            to,
            slope: slope(&frontier.points[pair[0]], &frontier.points[pair[1]]),
        }));
    }
    // Steps of one layer have falling slopes, so that they stay in their order.
    steps.sort_by(|a, b| b.slope.total_cmp(&a.slope));
    let mut places = vec![0; frontiers.len()];
    let mut left = budget - frontiers.iter().map(|f| f.points[0].cost).sum::<u64>();
    let mut price = 0.0;
    let mut is_full = vec![false; frontiers.len()];
    for step in &steps {
        let frontier = &frontiers[step.layer];
        let to = frontier.hull[step.to];
        let more = frontier.points[to].cost - frontier.points[places[step.layer]].cost;
        if is_full[step.layer] || more > left {
            // The first step that does not fit has the price; steps of other layers may still fit.
            if price == 0.0 {
                price = step.slope;
            }
            is_full[step.layer] = true;
            continue;
        }
        left -= more;
        places[step.layer] = to;
    }
    fill(frontiers, &mut places, left);
    let least: f64 = frontiers.iter().map(|frontier| frontier.least(price)).sum();
    let points = frontiers.iter().zip(&places);
    Relaxed {
        error: points
            .map(|(frontier, &place)| frontier.points[place].error)
            .sum(),
        bound: least - price * budget as f64,
        price,
        places,
    }
}

/// Moves layers to dearer points as long as one fits, the move that saves the most first.
fn fill(frontiers: &[Frontier], places: &mut [usize], mut left: u64) {
    let best_of = |layer: usize, place: usize, left: u64| {
        let points = &frontiers[layer].points;
        let from = points[place];
        // Errors fall with costs: the dearest that fits saves the most.
        let end = points.partition_point(|point| {
            point.cost - points[0].cost <= from.cost - points[0].cost + left
        });
        (end > place + 1).then(|| (from.error - points[end - 1].error, end - 1))
    };
    // A layer whose best move does not fit any more has another one: it is looked at again with what is left.
    let mut moves: std::collections::BinaryHeap<Move> = (0..places.len())
        .filter_map(|layer| {
            let (saved, to) = best_of(layer, places[layer], left)?;
            Some(Move { saved, layer, to })
        })
        .collect();
    while let Some(Move { layer, to, .. }) = moves.pop() {
        let points = &frontiers[layer].points;
        let more = points[to].cost - points[places[layer]].cost;
        if more <= left {
            left -= more;
            places[layer] = to;
        }
        if let Some((saved, to)) = best_of(layer, places[layer], left) {
            moves.push(Move { saved, layer, to });
        }
    }
}

/// A move of a layer to a dearer point, in the order of what it saves.
struct Move {
    saved: f64,
    layer: usize,
    to: usize,
}

impl Ord for Move {
    fn cmp(&self, other: &Move) -> std::cmp::Ordering {
        let saved = self.saved.total_cmp(&other.saved);
        saved.then(other.layer.cmp(&self.layer))
    }
}

impl PartialOrd for Move {
    fn partial_cmp(&self, other: &Move) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Move {
    fn eq(&self, other: &Move) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Move {}
