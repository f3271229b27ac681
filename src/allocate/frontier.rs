//! The choices of a layer that can be the best at some budget.

use super::Choice;

/// A choice, and its place among all of the layer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub cost: u64,
    pub error: f64,
    pub choice: usize,
}

/// The choices of a layer that no other one beats in both cost and error, the cheapest first.
#[derive(Debug)]
pub(super) struct Frontier {
    pub points: Vec<Point>,
    /// Places among the points of those on the lower hull, the cheapest first.
    pub hull: Vec<usize>,
}

impl Frontier {
    pub fn new(choices: &[Choice]) -> Frontier {
        let mut all: Vec<Point> = choices
            .iter()
            .enumerate()
            .map(|(place, choice)| Point {
                cost: choice.cost,
                error: choice.error,
                choice: place,
            })
            .collect();
        all.sort_by(|a, b| a.cost.cmp(&b.cost).then(a.error.total_cmp(&b.error)));
        let mut points: Vec<Point> = Vec::with_capacity(all.len());
        for point in all {
            if points.last().is_none_or(|last| point.error < last.error) {
                points.push(point);
            }
        }
        let mut hull: Vec<usize> = Vec::new();
        for place in 0..points.len() {
            while let [.., before, last] = hull[..] {
                let is_below =
                    slope(&points[before], &points[last]) > slope(&points[last], &points[place]);
                if is_below {
                    break;
                }
                hull.pop();
            }
            hull.push(place);
        }
        Frontier { points, hull }
    }

    /// Returns the least of error + price · cost.
    pub fn least(&self, price: f64) -> f64 {
        let priced = self.points.iter().map(|point| point.priced(price));
        priced.fold(f64::INFINITY, f64::min)
    }
}

impl Point {
    /// Returns error + price · cost.
    pub fn priced(&self, price: f64) -> f64 {
        self.error + price * self.cost as f64
    }
}

/// Returns the error that a unit of cost saves on the way from one point to a dearer one.
pub(super) fn slope(from: &Point, to: &Point) -> f64 {
    (from.error - to.error) / (to.cost - from.cost) as f64
}
