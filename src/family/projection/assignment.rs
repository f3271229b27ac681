//! Rows or columns to blocks of equal size: by scores, and by exchanges.

use crate::family::block_diagonal::bound;

/// The block that each direction stands for: the one most items point along becomes the largest.
pub(in crate::family) fn largest_first(
    rows: &[f64],
    columns: &[f64],
    m: usize,
    n: usize,
    blocks: usize,
) -> Vec<usize> {
    let pointing = |scores: &[f64]| {
        let mut counts = vec![0; blocks];
        for item in scores.chunks_exact(blocks) {
            let best = (0..blocks).max_by(|&a, &b| item[a].total_cmp(&item[b]));
            counts[best.unwrap_or(0)] += 1;
        }
        counts
    };
    let (down, across) = (pointing(rows), pointing(columns));
    let length = |k, side| bound(k + 1, side, blocks) - bound(k, side, blocks);
    let mut directions: Vec<usize> = (0..blocks).collect();
    directions.sort_by_key(|&k| std::cmp::Reverse((down[k], across[k])));
    let mut labels: Vec<usize> = (0..blocks).collect();
    labels.sort_by_key(|&k| std::cmp::Reverse((length(k, m), length(k, n))));
    let mut order = vec![0; blocks];
    for (direction, label) in directions.into_iter().zip(labels) {
        order[direction] = label;
    }
    order
}

/// Each of `count` items to the block `order` of the direction of its largest score, larger scores
/// first, into blocks of equal size; `scores` has a row of a number a direction for each item.
pub(in crate::family) fn balanced(scores: &[f64], count: usize, order: &[usize]) -> Vec<usize> {
    let blocks = order.len();
    let size = |block| bound(block + 1, count, blocks) - bound(block, count, blocks);
    let mut room: Vec<usize> = (0..blocks).map(size).collect();
    let mut pairs: Vec<usize> = (0..scores.len()).collect();
    pairs.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let mut labels = vec![usize::MAX; count];
    for pair in pairs {
        let (item, block) = (pair / blocks, order[pair % blocks]);
        if labels[item] == usize::MAX && room[block] > 0 {
            labels[item] = block;
            room[block] -= 1;
        }
    }
    labels
}

/// For every two blocks the best exchange of items between them, where it gains; `weights` has what
/// each item would keep in each block. Whether anything changed.
pub(in crate::family) fn exchange(labels: &mut [usize], weights: &[f64], blocks: usize) -> bool {
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); blocks];
    for (item, &label) in labels.iter().enumerate() {
        members[label].push(item);
    }
    let mut changed = false;
    for a in 0..blocks {
        for b in a + 1..blocks {
            let gain = |item: usize, from: usize, to: usize| {
                weights[item * blocks + to] - weights[item * blocks + from]
            };
            let (left, right) = members.split_at_mut(b);
            let (first, second) = (&mut left[a], &mut right[0]);
            first.sort_by(|&x, &y| gain(y, a, b).total_cmp(&gain(x, a, b)));
            second.sort_by(|&x, &y| gain(y, b, a).total_cmp(&gain(x, b, a)));
            for (x, y) in first.iter_mut().zip(second.iter_mut()) {
                let (there, back) = (gain(*x, a, b), gain(*y, b, a));
                // A gain below rounding could be found again and again.
                let scale = weights[*x * blocks + a] + weights[*y * blocks + b];
                if there + back <= 1e-12 * scale {
                    break;
                }
                labels[*x] = b;
                labels[*y] = a;
                std::mem::swap(x, y);
                changed = true;
            }
        }
    }
    changed
}
