//! Lines cut off where they leave a chart, whose corners are (0, 0) and (1, 1).

/// A point of a chart.
pub(super) type Point = (f64, f64);

/// Distance by which rounding may put a point of the edge beyond it.
const EDGE: f64 = 1e-9;

/// Whether a point is in the chart.
pub(super) fn is_inside(point: &Point) -> bool {
    [point.0, point.1]
        .iter()
        .all(|x| (-EDGE..=1.0 + EDGE).contains(x))
}

/// Returns the parts of a line that are in the chart.
pub(super) fn clipped(line: Vec<Point>) -> Vec<Vec<Point>> {
    if line.iter().all(is_inside) {
        return vec![line];
    }
    let mut parts: Vec<Vec<Point>> = Vec::new();
    for pair in line.windows(2) {
        let Some([from, to]) = segment(pair[0], pair[1]) else {
            continue;
        };
        match parts.last_mut() {
            Some(part) if part.last() == Some(&from) => part.push(to),
            _ => parts.push(vec![from, to]),
        }
    }
    parts
}

/// Returns the part of a segment that is in the chart, by the algorithm of Liang and Barsky (1984).
fn segment(from: Point, to: Point) -> Option<[Point; 2]> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (mut enters, mut leaves) = (0.0f64, 1.0f64);
    for (start, step) in [(from.0, dx), (from.1, dy)] {
        let ends = [-start / step, (1.0 - start) / step];
        if step == 0.0 {
            if !(-EDGE..=1.0 + EDGE).contains(&start) {
                return None;
            }
        } else {
            enters = enters.max(ends[0].min(ends[1]));
            leaves = leaves.min(ends[0].max(ends[1]));
        }
    }
    let at = |part: f64| match part {
        0.0 => from,
        1.0 => to,
        _ => (from.0 + part * dx, from.1 + part * dy),
    };
    (enters <= leaves).then(|| [at(enters), at(leaves)])
}

#[cfg(test)]
mod tests {
    use super::clipped;

    /// Would catch a line that leaves the chart, a part of it that is lost, and one that is torn where it stays inside.
    #[test]
    fn lines_end_at_the_edges() {
        assert_eq!(clipped(vec![(0.1, 0.2)]), [[(0.1, 0.2)]]);
        let inside = vec![(0.0, 0.0), (0.5, 1.0), (1.0, 0.0)];
        assert_eq!(clipped(inside.clone()), [inside]);
        assert_eq!(
            clipped(vec![(0.25, 0.5), (0.5, 1.5), (0.75, 0.5), (0.75, 0.25)]),
            [
                vec![(0.25, 0.5), (0.375, 1.0)],
                vec![(0.625, 1.0), (0.75, 0.5), (0.75, 0.25)]
            ]
        );
        assert_eq!(
            clipped(vec![(-1.0, 0.5), (2.0, 0.5)]),
            [[(0.0, 0.5), (1.0, 0.5)]]
        );
        for outside in [(-0.5, 2.0), (-0.5, -1.0), (-0.1, 0.5)] {
            assert!(
                clipped(vec![(-1.0, 0.5), outside]).is_empty(),
                "{outside:?}"
            );
        }
    }
}
