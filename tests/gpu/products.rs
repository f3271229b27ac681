//! Matrix products: layouts, sizes around the tiles, batches, long inner sides.

use super::trial::on_machine;
use super::{integers, is_exact, poisoned};
use libtest_mimic::Trial;
use spectra::device::Machine;
use spectra::program::{Gemm, Record, View};

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![
        on_machine(all_layouts_and_sizes),
        on_machine(long_inner_sides),
        on_machine(batches),
    ]
}

/// m, n, k: single numbers, one less and one more than tiles, thin and long ones.
const SHAPES: [[usize; 3]; 12] = [
    [1, 1, 1],
    [1, 5, 3],
    [4, 1, 300],
    [31, 33, 17],
    [64, 64, 64],
    [65, 63, 15],
    [130, 70, 50],
    [129, 257, 9],
    [20, 700, 25],
    [500, 12, 40],
    [6, 25, 5000],
    [10, 10, 1023],
];

/// A matrix inside a larger one, which lies by columns or by rows, and numbers for the larger one.
fn placed(record: &mut Record, name: &str, [m, n]: [usize; 2], by_rows: bool) -> (View, Vec<f64>) {
    let [rows, columns] = if by_rows { [n, m] } else { [m, n] };
    let large = record.input(name, rows + 3, columns + 2);
    let numbers = integers(name.len() as u64, large.entries());
    let inside = large.row_range(1..1 + rows).column_range(2..2 + columns);
    (if by_rows { inside.t() } else { inside }, numbers)
}

/// Catches a stride, a tile's edge or a transpose taken for another.
fn all_layouts_and_sizes(machine: Machine) {
    let mut gpu = poisoned(&machine);
    for [m, n, k] in SHAPES {
        for layout in 0..8 {
            let by_rows = [0, 1, 2].map(|bit| layout >> bit & 1 == 1);
            let mut record = Record::new();
            let a = placed(&mut record, "a", [m, k], by_rows[0]);
            let b = placed(&mut record, "bb", [k, n], by_rows[1]);
            let [rows, columns] = if by_rows[2] { [n, m] } else { [m, n] };
            let large = record.zeros(rows + 1, columns);
            let inside = large.row_range(1..1 + rows);
            let c = if by_rows[2] { inside.t() } else { inside };
            record.add(c, Gemm::new(-0.5, a.0, b.0));
            record.add(c, Gemm::new(2.0, a.0, b.0));
            record.output("c", large);
            let what = format!("{m}×{n}×{k}, layout {layout}");
            is_exact(&mut gpu, &record, &[a, b], &what);
        }
    }
}

/// One product whose long inner side is cut in parts, packed as it must be for that, added to what is there.
fn long_inner_sides(machine: Machine) {
    let mut gpu = poisoned(&machine);
    for [m, n, k] in [[6, 25, 40_000], [64, 64, 2048], [3, 3, 257]] {
        let mut record = Record::new();
        let a = placed(&mut record, "a", [m, k], false);
        let b = placed(&mut record, "bb", [k, n], true);
        let c = record.push(Gemm::new(0.25, a.0, b.0));
        record.add(c, Gemm::new(1.0, a.0, b.0));
        record.output("c", c);
        is_exact(&mut gpu, &record, &[a, b], &format!("{m}×{n}×{k}"));
    }
}

/// Blocks, and more matrices than a grid has layers: catches a matrix that takes its neighbour's place.
fn batches(machine: Machine) {
    let mut gpu = poisoned(&machine);
    for (count, [m, n, k]) in [
        (1, [9, 5, 7]),
        (7, [33, 17, 29]),
        (64, [8, 3, 8]),
        (70_000, [1, 1, 2]),
    ] {
        let mut record = Record::new();
        let a = record.input("a", m * k * count, 1);
        let b = record.input("b", k * count, n);
        let c = record.zeros(m * count, n);
        let product = Gemm::new(1.0, a.reshaped([m, k, count]), b.row_blocks(count));
        record.add(c.row_blocks(count), product);
        record.output("c", c);
        let inputs = [(a, integers(1, a.entries())), (b, integers(2, b.entries()))];
        is_exact(
            &mut gpu,
            &record,
            &inputs,
            &format!("{count} of {m}×{n}×{k}"),
        );
    }
}
