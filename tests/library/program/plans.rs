//! Memory, text and mistakes.

use super::{mapped, network, normals};
use spectra::device::Cpu;
use spectra::program::*;

/// What is read is what was last written there: catches a slot given away too early, and an
/// instruction that reads the slot it writes.
#[test]
fn slots_hold_what_is_read() {
    let mut record = Record::new();
    network(&mut record, 9);
    let plan = Plan::new(&record);
    let slot = |view: &View| plan.buffers()[view.buffer.index()].slot.unwrap();
    let mut owner: Vec<Option<Buffer>> = vec![None; plan.slots().len()];
    let mut begun = Vec::new();
    for instruction in plan.instructions() {
        let to = slot(&instruction.to);
        for operand in instruction.primitive.rule().operands() {
            let role = &plan.buffers()[operand.buffer.index()].role;
            let from = slot(&operand);
            assert_ne!(from, to, "{instruction}");
            // what comes from outside stays
            let computed = matches!(role, Role::Computed);
            let expected = computed.then_some(operand.buffer);
            assert_eq!(owner[from], expected, "{instruction}");
        }
        let buffer = instruction.to.buffer;
        if begun.contains(&buffer) {
            assert_eq!(owner[to], Some(buffer), "{instruction}");
        } else {
            assert_eq!(instruction.keep, 0.0, "{instruction}");
            begun.push(buffer);
        }
        owner[to] = Some(buffer);
    }
    for output in plan.outputs() {
        let slot = plan.buffers()[output.index()].slot.unwrap();
        assert_eq!(owner[slot], Some(*output));
    }
}

/// Ten maps one after another need two slots between input and output, and running twice gives the
/// same: catches memory that grows with the program, and sums that are not begun anew.
#[test]
fn memory_is_used_again() {
    let mut record = Record::new();
    let x = record.input("x", 100, 1);
    let mut y = x;
    for _ in 0..10 {
        y = mapped(&mut record, Function::Tanh, y);
    }
    let out = record.output("y", y);
    let plan = Plan::new(&record);
    assert_eq!(plan.slots(), [100; 4]);
    let mut cpu = Cpu::<f64>::new();
    cpu.prepare(&plan).unwrap();
    cpu.write(x.buffer, &normals(3, 100));
    cpu.run().unwrap();
    let first = cpu.read(out).unwrap();
    cpu.run().unwrap();
    assert_eq!(cpu.read(out).unwrap(), first);
}

/// The text of a small plan: catches a product that nobody reads, a needless fill, a lost one.
#[test]
fn plans_are_printed() {
    let mut record = Record::new();
    let a = record.input("a", 4, 3);
    let x = record.input("x", 3, 2);
    let y = record.zeros(6, 2);
    record.push(Gemm::new(1.0, a, x));
    record.add(y.row_range(0..4), Gemm::new(-1.0, a, x));
    let z = record.zeros(3, 2);
    record.add(z, Map::copy(x));
    record.add(z, Map::new(Function::Exp, x));
    record.output("y", y);
    record.output("z", z);
    let expected = "\
input    b0 a 4×3
input    b1 x 3×2
output   b2 y 6×2
output   b4 z 3×2
b2[6×2] = fill 0
b2[4×2 by 1,6] += gemm -1 b0[4×3] b1[3×2]
b4[3×2] = copy b1[3×2]
b4[3×2] += exp b1[3×2]
4 steps, 68 operations, 76 numbers moved, 0 drawn; 36 numbers in 4 slots";
    assert_eq!(Plan::new(&record).to_string(), expected);
}

/// Catches memory asked for without a way to say no.
#[test]
fn memory_that_is_refused_is_an_error() {
    let mut record = Record::new();
    record.input("x", 1 << 40, 1 << 20);
    let error = Cpu::<f32>::new().prepare(&Plan::new(&record)).unwrap_err();
    let bytes = 1 << 62;
    assert_eq!(error, ExecError::OutOfHostMemory { bytes });
}

/// Catches a mistake that is let through, or a message without the shapes.
#[test]
fn mistakes_name_the_shapes() {
    fn message(mistake: fn(&mut Record, View)) -> String {
        let caught = std::panic::catch_unwind(|| {
            let mut record = Record::new();
            let x = record.input("x", 4, 3);
            mistake(&mut record, x);
        });
        *caught.unwrap_err().downcast::<String>().unwrap()
    }
    let found = [
        message(|_, x| {
            let _ = Gemm::new(1.0, x, x);
        }),
        message(|_, x| {
            let _ = Gemm::new(1.0, x, x.row_range(0..1).across_rows(3));
        }),
        message(|r, x| {
            let y = r.zeros(3, 4);
            r.add(y, Map::copy(x));
        }),
        message(|r, x| {
            let y = mapped(r, Function::Exp, x);
            mapped(r, Function::Exp, y);
            r.add(y, Map::copy(x));
        }),
        message(|r, x| r.add(x, Map::copy(x))),
        message(|r, x| {
            let _ = r.push(Map::copy(View { offset: 1, ..x }));
        }),
        message(|r, x| {
            let y = r.zeros(4, 1);
            r.add(y.across_columns(3), Map::copy(x));
        }),
        message(|_, x| {
            let _ = x.row_range(3..5);
        }),
        message(|_, x| {
            let _ = Zip::new(Combination::Add, x, x.t());
        }),
        message(|_, x| {
            let _ = HadamardTransform::new(1.0, x.t());
        }),
    ];
    let expected = [
        "gemm: b0[4×3] times b0[4×3]",
        "gemm: b0[3×3 by 0,4] has no contiguous rows or columns",
        "add: copy b0[4×3] to b1[3×4]",
        "add: copy b0[4×3]: b1[4×3] has been read",
        "add: copy b0[4×3]: b0[4×3] comes from outside",
        "copy b0+1[4×3]: b0+1[4×3] is empty or leaves its buffer",
        "add: copy b0[4×3]: b1[4×3 by 1,0] overlaps itself",
        "row_range: 3..5 of b0[4×3]",
        "zip: add of b0[4×3] and b0[3×4 by 4,1]",
        "hadamard: b0[3×4 by 4,1] has not a power of two rows",
    ];
    assert_eq!(found, expected);
}

/// Momentum on ½ (w - 1)², three runs, by hand: catches an update before the last reading, a state that is
/// not kept, and memory that a state shares.
#[test]
fn states_last_from_run_to_run() {
    let mut record = Record::new();
    let (w, v) = (record.state("w", 1, 1), record.state("v", 1, 1));
    let rate = record.input("rate", 1, 1);
    let one = record.constant("one", 1, 1, [1.0]);
    let gradient = record.push(Zip::new(Combination::Subtract, w, one));
    let moved = record.push(Zip::new(Combination::Multiply, rate, gradient));
    let next = record.push(Map::new(Function::Scale(0.5), v));
    let total = record.push(Zip::new(Combination::Add, next, moved));
    let loss = mapped(&mut record, Function::Square, gradient);
    record.update(w, 1.0, Map::new(Function::Scale(-1.0), total));
    record.update(v, 0.0, Map::copy(total));
    let loss = record.output("loss", loss);
    let plan = Plan::new(&record);
    let mut cpu = Cpu::<f64>::new();
    cpu.prepare(&plan).unwrap();
    cpu.write(w.buffer, &[3.0]);
    cpu.write(rate.buffer, &[0.25]);
    let (mut expected, mut speed) = (3.0, 0.0);
    for _ in 0..3 {
        cpu.run().unwrap();
        assert_eq!(
            cpu.read(loss).unwrap(),
            [(expected - 1.0) * (expected - 1.0)]
        );
        speed = 0.5 * speed + 0.25 * (expected - 1.0);
        expected -= speed;
        assert_eq!(cpu.read(w.buffer).unwrap(), [expected]);
        assert_eq!(cpu.read(v.buffer).unwrap(), [speed]);
    }
}

/// Heavy-ball descent on ½ w² with decay, three runs, by hand: catches an update that sees a state as it was
/// before an earlier update, and a wrong part kept. A state that keeps nothing is deaf to what it held, NaN too.
#[test]
fn updates_see_what_earlier_updates_made() {
    let mut record = Record::new();
    let state = |record: &mut Record, name: &str| record.state(name, 1, 1);
    let [w, v, last] = ["w", "v", "last"].map(|name| state(&mut record, name));
    let rate = record.input("rate", 1, 1);
    let gradient = record.push(Map::copy(w));
    record.update(last, 0.0, Map::copy(w));
    record.update(v, 0.75, Descent::new(gradient, w, rate, 0.5));
    record.update(w, 1.0, Map::new(Function::Scale(-1.0), v));
    let plan = Plan::new(&record);
    let text = plan.to_string();
    assert!(text.contains("b1[1×1] = 0.75 of it + descent"), "{text}");
    let mut cpu = Cpu::<f64>::new();
    cpu.prepare(&plan).unwrap();
    cpu.write(w.buffer, &[2.0]);
    cpu.write(rate.buffer, &[0.25]);
    cpu.write(last.buffer, &[f64::NAN]);
    let (mut weight, mut speed) = (2.0, 0.0);
    for _ in 0..3 {
        cpu.run().unwrap();
        assert_eq!(cpu.read(last.buffer).unwrap(), [weight]);
        speed = 0.75 * speed + 0.25 * (weight + 0.5 * weight);
        weight -= speed;
        assert_eq!(cpu.read(v.buffer).unwrap(), [speed]);
        assert_eq!(cpu.read(w.buffer).unwrap(), [weight]);
    }
}

/// Catches singles that are rounded, or numbers that go elsewhere than those of `write` and `read`.
#[test]
fn numbers_go_in_as_singles_and_out_without_memory() {
    let mut record = Record::new();
    let x = record.input("x", 2, 3);
    let y = mapped(&mut record, Function::Scale(2.0), x);
    let y = record.output("y", y);
    let singles: Vec<f32> = normals(12, 6).iter().map(|&x| x as f32).collect();
    let doubled: Vec<f64> = singles.iter().map(|&x| 2.0 * f64::from(x)).collect();
    let plan = Plan::new(&record);
    let single: &mut dyn Exec = &mut Cpu::<f32>::new();
    for cpu in [single, &mut Cpu::<f64>::new()] {
        cpu.prepare(&plan).unwrap();
        cpu.write_singles(x.buffer, &singles);
        cpu.run().unwrap();
        let mut found = [0.0; 6];
        cpu.read_into(y, &mut found).unwrap();
        assert_eq!(found[..], doubled);
        assert_eq!(cpu.read(y).unwrap(), doubled);
    }
}

/// Catches a state read after it has changed.
#[test]
#[should_panic(expected = "has been changed")]
fn a_changed_state_is_not_read() {
    let mut record = Record::new();
    let (w, x) = (record.state("w", 2, 1), record.input("x", 2, 1));
    record.update(w, 1.0, Map::copy(x));
    record.push(Map::copy(w));
}
