//! Functions of entries, and generated ones.

use super::trial::on_machine;
use super::{EPSILON, normals, poisoned, run};
use libtest_mimic::Trial;
use spectra::device::Cpu;
use spectra::device::Machine;
use spectra::program::{
    Combination, CrossEntropy, Exec, Function, Generated, GeneratedProducts, GeneratedSum, Map,
    Plan, Record, Zip,
};
use spectra::random::Distribution;
use std::iter::repeat_n;

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![
        on_machine(functions_are_accurate),
        on_machine(cross_entropy_neither_overflows_nor_guesses),
        on_machine(generated_entries_are_the_processors),
        on_machine(generated_sums_and_products),
    ]
}

const FUNCTIONS: [Function; 10] = [
    Function::Scale(-1.5),
    Function::Exp,
    Function::Tanh,
    Function::Sigmoid,
    Function::Square,
    Function::Relu,
    Function::InverseRoot(0.25),
    Function::Cosine,
    Function::Sine,
    Function::Sign,
];

/// Every function and its derivative over the range of single precision where they matter: catches a coarse
/// elementary function, as those of shading languages may be, and one that overflows before its value does.
fn functions_are_accurate(machine: Machine) {
    let steps = (-4000..4000).map(|i| f64::from(i as f32 / 200.0));
    let small = (1..200).map(|i| f64::from((-(i as f32) / 5.0).exp2()));
    let large = [50.0, 80.0, 88.0, -80.0, -87.0, 700.5, -3000.25, 0.0];
    // numbers below the normal ones may be taken for zero, and multiplied by four
    let tiny = 4.0 * f64::from(f32::MIN_POSITIVE);
    for function in FUNCTIONS {
        let reaches = |x: &f64| match function {
            // beyond, values are no normal numbers of single precision
            Function::Exp | Function::Sigmoid | Function::Tanh => x.abs() <= 87.0,
            Function::InverseRoot(_) => *x >= 0.0,
            _ => true,
        };
        let all = steps.clone().chain(small.clone()).chain(large);
        let numbers: Vec<f64> = all.filter(reaches).collect();
        let mut record = Record::new();
        let x = record.input("x", numbers.len(), 1);
        let value = record.push(Map::new(function, x));
        let one = record
            .constant("one", 1, 1, vec![1.0])
            .across_rows(numbers.len());
        let slope = record.push(Zip::new(Combination::Chain(function), one, x));
        record.output("value", value);
        record.output("slope", slope);
        let plan = Plan::new(&record);
        let found = run(&mut poisoned(&machine), &plan, &[(x, numbers.clone())]);
        for (place, &x) in numbers.iter().enumerate() {
            let slope = match function {
                // 1 − tanh² is 0 in double precision, too, where tanh is nearly 1
                Function::Tanh => x.cosh().powi(-2),
                _ => function.derivative(x),
            };
            let exact = [function.value(x), slope];
            // sine and cosine have an argument reduced with an error of their own
            let turned = matches!(function, Function::Sine | Function::Cosine);
            let least = if turned { 1.0 } else { 0.0 };
            let reduced = if turned { x.abs() / 1e3 } else { 0.0 };
            // as many roundings as these primitives say they take at most
            for ((found, exact), roundings) in found.iter().zip(exact).zip([4.0, 8.0]) {
                let allowed = (roundings + reduced) * EPSILON * exact.abs().max(least) + tiny;
                let apart = (found[place] - exact).abs();
                assert!(
                    apart <= allowed,
                    "{function} at {x}: {} for {exact}, allowed {allowed:e}",
                    found[place]
                );
            }
        }
    }
}

/// Classes that are none give no number, and scores of any size a finite loss.
fn cross_entropy_neither_overflows_nor_guesses(machine: Machine) {
    for classes in [3, 10, 1000] {
        let mut record = Record::new();
        let scores = record.input("scores", classes, 7);
        let own = record.input("classes", 1, 7);
        let losses = record.push(CrossEntropy::new(scores, own));
        let ones = record.constant("ones", 1, 7, vec![1.0; 7]);
        let gradient = record.backward(losses, ones, &[scores])[0];
        record.output("losses", losses);
        record.output("gradient", gradient);
        let plan = Plan::new(&record);
        let spread = |place: usize| [1.0, 1e3, 1e-3, 1e30, 1.0, 1.0, 1.0][place / classes];
        let numbers = normals(1, classes * 7);
        let numbers = numbers.iter().enumerate();
        let numbers: Vec<f64> = numbers
            .map(|(place, x)| f64::from((x * spread(place)) as f32))
            .collect();
        let known = vec![0.0, 2.0, 1.0, 0.0, -1.0, classes as f64, 0.5];
        let inputs = [(scores, numbers), (own, known)];
        let found = run(&mut poisoned(&machine), &plan, &inputs);
        let expected = run(&mut Cpu::<f64>::new(), &plan, &inputs);
        let columns = [1, classes];
        for ((found, expected), rows) in found.iter().zip(&expected).zip(columns) {
            for (place, (&found, &expected)) in found.iter().zip(expected).enumerate() {
                if place / rows >= 4 {
                    assert!(found.is_nan() && expected.is_nan(), "{place}: {found}");
                    continue;
                }
                let allowed = plan.roundings() as f64 * EPSILON * expected.abs().max(1.0);
                let apart = (found - expected).abs();
                assert!(apart <= allowed, "{classes} at {place}: {found} {expected}");
            }
        }
    }
}

fn generated(law: Distribution, rows: usize, columns: usize, terms: usize) -> Generated {
    Generated {
        law,
        seed: u64::MAX - 12,
        path: [9, 1, 2],
        rows,
        columns,
        terms,
        scale: 1.0,
    }
}

/// One term with coefficient one is the matrix, and single precision holds its entries: catches any bit that is not
/// the processor's, in whole matrices and in the pieces of a machine with small bindings.
fn generated_entries_are_the_processors(machine: Machine) {
    for law in [Distribution::Normal, Distribution::Sign] {
        for (rows, columns) in [(1, 1), (37, 29), (129, 64), (1000, 41)] {
            let mut record = Record::new();
            let a = record.input("a", 1, 1);
            let wide = record.zeros(rows + 1, columns);
            let sum = GeneratedSum::new(generated(law, rows, columns, 1), a);
            record.add(wide.row_range(1..1 + rows), sum);
            let packed = record.push(sum);
            record.output("wide", wide);
            record.output("packed", packed);
            let plan = Plan::new(&record);
            let inputs = [(a, vec![1.0])];
            let expected = run(&mut Cpu::<f64>::new(), &plan, &inputs);
            let gpus = [
                poisoned(&machine),
                poisoned(&machine).with_bindings_of(1111),
            ];
            for mut gpu in gpus {
                let found = run(&mut gpu, &plan, &inputs);
                for (found, expected) in found.iter().zip(&expected) {
                    let wrong = (0..found.len()).find(|&i| found[i] != expected[i]);
                    let wrong = wrong.map(|i| (i, found[i], expected[i]));
                    assert_eq!(wrong, None, "{law} {rows}×{columns}");
                }
            }
        }
    }
}

/// Sums of many terms and inner products with them: catches a term taken for another and a part lost.
fn generated_sums_and_products(machine: Machine) {
    for law in [Distribution::Normal, Distribution::Sign] {
        for (rows, columns, terms) in [(37, 29, 1), (50, 60, 70), (784, 100, 33)] {
            let matrices = generated(law, rows, columns, terms);
            let mut record = Record::new();
            let a = record.input("a", terms, 1);
            let d = record.input("d", rows + 2, columns);
            let inside = d.row_range(2..2 + rows);
            let sum = record.push(GeneratedSum::new(matrices, a));
            record.add(sum, GeneratedSum::new(matrices, a));
            let products = record.push(GeneratedProducts::new(matrices, inside));
            record.add(products, GeneratedProducts::new(matrices, inside));
            record.output("sum", sum);
            record.output("products", products);
            let plan = Plan::new(&record);
            let inputs = [(a, normals(1, terms)), (d, normals(2, d.entries()))];
            let expected = run(&mut Cpu::<f64>::new(), &plan, &inputs);
            // no entry is larger than 6.4
            let size = |numbers: &[f64]| 2.0 * 6.4 * numbers.iter().map(|x| x.abs()).sum::<f64>();
            let sizes = [size(&inputs[0].1), size(&inputs[1].1)];
            for mut gpu in [
                poisoned(&machine),
                poisoned(&machine).with_bindings_of(1300),
            ] {
                let found = run(&mut gpu, &plan, &inputs);
                for (place, size) in repeat_n(0, 1).chain(repeat_n(1, 1)).zip(sizes) {
                    // lanes and parts keep the longest path of additions below the square root of all
                    let longest = ((rows * columns) as f64).sqrt() + terms as f64;
                    let allowed = longest * EPSILON * size;
                    for (found, expected) in found[place].iter().zip(&expected[place]) {
                        let apart = (found - expected).abs();
                        assert!(
                            apart <= allowed,
                            "{law} {rows}×{columns}×{terms}: {apart:e}"
                        );
                    }
                }
                gpu.run().unwrap();
            }
        }
    }
}
