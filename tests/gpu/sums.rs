//! Sums, lists of rows, transforms.

use super::trial::on_machine;
use super::{EPSILON, integers, is_exact, normals, poisoned, run};
use libtest_mimic::Trial;
use spectra::device::Cpu;
use spectra::device::Machine;
use spectra::program::{
    Axis, Gather, HadamardTransform, Lists, Map, Maximum, Plan, Record, Reduce,
    TrigonometricTransform, Waves,
};
use std::sync::Arc;

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![
        on_machine(sums_over_rows_and_columns),
        on_machine(gathers),
        on_machine(largest_of_lists),
        on_machine(cosines_and_sines),
        on_machine(hadamard_transforms),
    ]
}

/// Catches a part of a long sum lost or taken twice, and a stride.
fn sums_over_rows_and_columns(machine: Machine) {
    let shapes = [
        [1, 1],
        [1, 4000],
        [4000, 1],
        [20, 36_864],
        [784, 65],
        [7, 100],
        [300, 300],
    ];
    for [rows, columns] in shapes {
        for over in [Axis::Rows, Axis::Columns] {
            for transposed in [false, true] {
                let mut record = Record::new();
                let large = record.input("x", rows + 1, columns);
                let x = large.row_range(1..1 + rows);
                let x = if transposed { x.t() } else { x };
                let sums = record.push(Reduce::new(over, x));
                record.add(sums, Reduce::new(over, x));
                record.output("sums", sums);
                let inputs = [(large, integers(1, large.entries()))];
                let what = format!("{rows}×{columns} over {over:?}, transposed: {transposed}");
                for mut gpu in [poisoned(&machine), poisoned(&machine).plain()] {
                    is_exact(&mut gpu, &record, &inputs, &what);
                }
            }
        }
    }
}

/// Single rows, rows that are none, lists of any length, into a part of a larger matrix: catches a list read for
/// its neighbour.
fn gathers(machine: Machine) {
    let table = (0..170).map(|i| (i % 7 != 3).then_some(i * i % 50));
    let many = (0..33).map(|i| (0..i % 6).map(move |k| (i * k + i) % 50));
    for lists in [Lists::from_table(50, table), Lists::new(50, many)] {
        let mut record = Record::new();
        let x = record.input("x", 52, 9);
        let y = record.zeros(lists.len() + 2, 9);
        let place = y.row_range(1..1 + lists.len());
        let own = x.row_range(1..51);
        let lists = Arc::new(lists);
        record.add(place, Gather::new(Arc::clone(&lists), own));
        record.add(place, Gather::new(lists, own));
        record.output("y", y);
        let inputs = [(x, integers(1, x.entries()))];
        is_exact(&mut poisoned(&machine), &record, &inputs, "gather");
    }
}

/// The largest of rows that lists share, and its gradient, which goes to the first of equal ones: a copy of the
/// rows stands below them. Catches a gradient that goes elsewhere or twice.
fn largest_of_lists(machine: Machine) {
    let window = |i: usize| [i, i + 1, i + 2, (i + 5) % 40, i % 20, i % 20 + 20, i];
    let lists = Arc::new(Lists::new(40, (0..38).map(window)));
    let mut record = Record::new();
    let x = record.input("x", 20, 6);
    let dy = record.input("dy", 38, 6);
    let both = record.zeros(40, 6);
    record.add(both.row_range(0..20), Map::copy(x));
    record.add(both.row_range(20..40), Map::copy(x));
    let y = record.push(Maximum::new(lists, both));
    let dx = record.backward(y, dy, &[both])[0];
    record.output("y", y);
    record.output("dx", dx);
    let inputs = [(x, integers(1, 120)), (dy, integers(2, 38 * 6))];
    is_exact(&mut poisoned(&machine), &record, &inputs, "largest");
}

/// Against the processor's, there and back: catches an angle that runs over, a sign, a scale. Entries are at most 1, so
/// the sizes of a column bound the errors.
fn cosines_and_sines(machine: Machine) {
    for (order, used, columns) in [
        (1, 1, 3),
        (2, 1, 2),
        (7, 7, 1),
        (300, 200, 5),
        (4096, 4000, 2),
    ] {
        for waves in [Waves::Fourier, Waves::Cosine] {
            for transposed in [false, true] {
                let mut record = Record::new();
                let given = if transposed { order } else { used };
                let large = record.input("x", given + 1, columns);
                let x = large.row_range(1..1 + given);
                let y = record.push(if transposed {
                    TrigonometricTransform::transposed(waves, used, x)
                } else {
                    TrigonometricTransform::new(waves, order, x)
                });
                record.output("y", y);
                let plan = Plan::new(&record);
                let inputs = [(large, normals(1, large.entries()))];
                let [found, expected] = [
                    run(&mut poisoned(&machine), &plan, &inputs).remove(0),
                    run(&mut Cpu::<f64>::new(), &plan, &inputs).remove(0),
                ];
                for (place, (found, expected)) in found.iter().zip(&expected).enumerate() {
                    let column = &inputs[0].1[place / y.rows * (given + 1)..][1..1 + given];
                    let size: f64 = column.iter().map(|x| x.abs()).sum();
                    let allowed = plan.roundings() as f64 * EPSILON * size;
                    let apart = (found - expected).abs();
                    let name = format!("{waves:?} {order} {used} {transposed} at {place}");
                    assert!(apart <= allowed, "{name}: {apart:e}");
                }
            }
        }
    }
}

/// In one pass, two and three, against the processor's: catches a level lost between passes. Entries are sums of all
/// numbers of a column with signs, so the sizes of these bound the errors.
fn hadamard_transforms(machine: Machine) {
    for (n, columns) in [(1, 3), (2, 1), (64, 33), (2048, 2), (4096, 3), (1 << 19, 1)] {
        let mut record = Record::new();
        let large = record.input("x", n + 1, columns);
        let x = large.row_range(1..1 + n);
        let y = record.push(HadamardTransform::new(0.5, x));
        record.output("y", y);
        let plan = Plan::new(&record);
        let inputs = [(large, normals(1, large.entries()))];
        let [found, expected] = [
            run(&mut poisoned(&machine), &plan, &inputs).remove(0),
            run(&mut Cpu::<f64>::new(), &plan, &inputs).remove(0),
        ];
        let columns_of = inputs[0].1.chunks(n + 1);
        let size = |column: &[f64]| 0.5 * column[1..].iter().map(|x| x.abs()).sum::<f64>();
        let sizes: Vec<f64> = columns_of.map(size).collect();
        for (place, (found, expected)) in found.iter().zip(&expected).enumerate() {
            let allowed = plan.roundings() as f64 * EPSILON * sizes[place / n];
            let apart = (found - expected).abs();
            assert!(apart <= allowed, "{n}×{columns} at {place}: {apart:e}");
        }
    }
}
