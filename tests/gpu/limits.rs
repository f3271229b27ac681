//! Sizes past the limits of adapters.

use super::trial::{on_adapter, on_machine};
use super::{EPSILON, agrees, check_all, normals, poisoned, run};
use libtest_mimic::Trial;
use spectra::device::{Adapter, AdapterInfo, Cpu, Gpu, Machine};
use spectra::program::{
    Axis, Combination, CrossEntropy, Exec, ExecError, Fill, Function, Gather, Gemm, Lists, Map,
    Plan, Record, Reduce, Zip,
};
use std::sync::Arc;

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![
        on_machine(more_workgroups_than_a_dimension),
        on_adapter(larger_than_one_binding),
        on_machine(all_in_parts),
        on_machine(parts_far_apart),
        on_machine(what_has_no_parts_is_refused),
        on_machine(memory_that_is_refused_is_an_error),
    ]
}

/// More workgroups than one dimension of a grid has: catches a grid that is not folded, or folded wrongly.
fn more_workgroups_than_a_dimension(machine: Machine) {
    let n = 65_535 * 256 + 300;
    let mut record = Record::new();
    let one = record.input("one", 1, 1);
    let y = record.push(Map::new(Function::Scale(3.0), one.across_rows(n)));
    let sum = record.push(Reduce::new(Axis::Rows, y));
    let last = Lists::from_table(n, [Some(n - 1), Some(65_535 * 256), Some(65_535 * 256 - 1)]);
    let last = record.push(Gather::new(Arc::new(last), y));
    record.output("sum", sum);
    record.output("last", last);
    let plan = Plan::new(&record);
    let found = run(&mut poisoned(&machine), &plan, &[(one, vec![2.0])]);
    assert_eq!(found[1], [6.0; 3]);
    let exact = 6.0 * n as f64;
    assert!((found[0][0] - exact).abs() <= EPSILON * exact * (n as f64).sqrt());
}

/// A buffer larger than a binding of the device itself, which has no larger ones than it must: catches a window that
/// begins or ends elsewhere.
fn larger_than_one_binding(adapter: Adapter) {
    let told = AdapterInfo {
        largest_binding: 128 << 20,
        ..adapter.info().clone()
    };
    let machine = adapter.limited_to(told).open().unwrap();
    let columns = 1 << 10;
    let rows = (machine.info().largest_binding / 4) as usize / columns + 3;
    let mut record = Record::new();
    let row = record.input("row", 1, columns);
    let y = record.push(Map::new(Function::Scale(2.0), row.across_rows(rows)));
    let sums = record.push(Reduce::new(Axis::Rows, y));
    let ends = record.zeros(2, columns);
    record.add(ends.row_range(0..1), Map::copy(y.row_range(0..1)));
    record.add(ends.row_range(1..2), Map::copy(y.row_range(rows - 1..rows)));
    record.output("sums", sums);
    record.output("ends", ends);
    let plan = Plan::new(&record);
    let numbers: Vec<f64> = (0..columns).map(|j| (j % 7) as f64 - 3.0).collect();
    let found = run(&mut Gpu::new(&machine), &plan, &[(row, numbers.clone())]);
    for (j, x) in numbers.iter().enumerate() {
        // sums of equal small numbers are exact
        assert_eq!(found[0][j], 2.0 * x * rows as f64, "column {j}");
        assert_eq!(found[1][2 * j..2 * j + 2], [2.0 * x; 2], "column {j}");
    }
}

/// Everything in parts of 100 numbers: catches a half that is lost, taken twice, or added to nothing.
fn all_in_parts(machine: Machine) {
    let mut gpu = poisoned(&machine).with_bindings_of(100);
    for by_rows in 0..8 {
        let (m, n, k) = (30, 23, 27);
        let mut record = Record::new();
        let matrix = |record: &mut Record, rows, columns, transposed| {
            if transposed {
                record.input("x", columns, rows).t()
            } else {
                record.input("x", rows, columns)
            }
        };
        let a = matrix(&mut record, m, k, by_rows & 1 == 1);
        let b = matrix(&mut record, k, n, by_rows & 2 == 2);
        let c = match by_rows & 4 {
            0 => record.zeros(m, n),
            _ => record.zeros(n, m).t(),
        };
        record.add(c, Gemm::new(1.0, a, b));
        let whole = if by_rows & 4 == 0 { c } else { c.t() };
        record.output("c", whole);
        for over in [Axis::Rows, Axis::Columns] {
            let sums = record.push(Reduce::new(over, a));
            record.output("sums", sums);
        }
        let square = record.push(Map::new(Function::Square, whole));
        record.output("square", square);
        let inputs = [(a, normals(1, m * k)), (b, normals(2, k * n))];
        agrees(&mut gpu, &record, &inputs, &format!("layouts {by_rows}"));
    }
    let mut smaller = poisoned(&machine).with_bindings_of(20);
    check_all(&mut smaller, EPSILON, &[(3, 5)]);
}

/// Two parts of one vector further apart than a binding: catches a binding that has both and all between.
fn parts_far_apart(machine: Machine) {
    let mut record = Record::new();
    let p = record.input("p", 2000, 1);
    let [near, far] = [0..50, 1950..2000].map(|range| p.row_range(range));
    let y = record.push(Zip::new(Combination::Add, near, far));
    record.add(y, Map::copy(p.row_range(900..950)));
    record.output("y", y);
    let inputs = [(p, normals(1, 2000))];
    let mut gpu = poisoned(&machine).with_bindings_of(100);
    agrees(&mut gpu, &record, &inputs, "far apart");
}

/// Samples of a softmax in parts, and one that no binding takes, which is refused: catches a sample dealt out to two
/// workgroups.
fn what_has_no_parts_is_refused(machine: Machine) {
    let step = |classes: usize| {
        let mut record = Record::new();
        let scores = record.input("scores", classes, 9);
        let own = record.input("classes", 1, 9);
        let losses = record.push(CrossEntropy::new(scores, own));
        record.output("losses", losses);
        let known = (0..9).map(f64::from).collect();
        let inputs = [(scores, normals(1, classes * 9)), (own, known)];
        (Plan::new(&record), inputs)
    };
    let mut gpu = poisoned(&machine).with_bindings_of(100);
    let (plan, inputs) = step(60);
    let found = run(&mut gpu, &plan, &inputs).remove(0);
    let expected = run(&mut Cpu::<f64>::new(), &plan, &inputs).remove(0);
    for (found, expected) in found.iter().zip(&expected) {
        assert!((found - expected).abs() <= plan.roundings() as f64 * EPSILON * expected);
    }
    let error = gpu.prepare(&step(130).0).unwrap_err();
    assert!(matches!(error, ExecError::Refused { .. }), "{error}");
}

/// A buffer that no adapter has: one sentence, and the machine is sound for the next plan.
fn memory_that_is_refused_is_an_error(machine: Machine) {
    let mut gpu = Gpu::new(&machine);
    let mut record = Record::new();
    let fill = |value: f64, rows: usize| Fill {
        value,
        rows,
        columns: 1 << 20,
    };
    let y = record.push(fill(1.0, 1 << 20));
    record.output("y", y);
    let error = gpu.prepare(&Plan::new(&record)).unwrap_err();
    assert!(matches!(error, ExecError::OutOfMemory { .. }), "{error}");
    let mut record = Record::new();
    let y = record.push(fill(2.5, 1));
    record.output("y", y);
    let found = run(&mut gpu, &Plan::new(&record), &[]).remove(0);
    assert!(found == vec![2.5; 1 << 20]);
}
