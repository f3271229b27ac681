//! What goes wrong on a GPU: lost, late and small ones, memory that is refused, numbers that are none.

use super::networks;
use super::steps::{after, agree, steps};
use super::trial::{on_adapter, on_machine};
use libtest_mimic::{Completion, Trial};
use spectra::device::{Adapter, AdapterInfo, AdapterKind, Cpu, Gpu, Machine};
use spectra::program::{
    Axis, Combination, CrossEntropy, Exec, ExecError, Fill, Function, Gather, Gemm, Lists, Map,
    Maximum, Plan, Record, Reduce, View, Zip,
};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![
        on_adapter(a_lost_device_is_an_error_everywhere),
        on_machine(runs_on_a_lost_device_end),
        on_machine(waits_have_a_limit),
        on_adapter(buffers_that_are_too_large),
        on_adapter(a_small_adapter_gives_the_same),
        on_adapter(a_smaller_adapter_is_refused),
        on_machine(checks_change_no_bit),
        on_machine(what_is_no_number_stays_none),
        on_machine(a_weight_that_is_no_number_shows_in_the_loss),
        #[cfg(target_os = "linux")]
        on_adapter(memory_that_runs_out),
    ]
}

/// Longer than an answer takes, shorter than any wait.
const PROMPT: Duration = Duration::from_secs(100);

fn is_lost(error: &ExecError) -> bool {
    let sentence = error.to_string();
    let lost = matches!(error, ExecError::Lost { .. } | ExecError::Refused { .. });
    lost && !sentence.contains('\n') && !sentence.contains("--")
}

/// Catches a device that is gone and ends the program, is waited for, or goes on with numbers that are none of its own.
fn a_lost_device_is_an_error_everywhere(adapter: Adapter) {
    let step = networks::mlp(4);
    let loss = step.results[0];
    for under_way in [0, 3, 20] {
        let machine = adapter.open().unwrap();
        let start = Instant::now();
        let mut gpu = Gpu::new(&machine);
        let mut fresh = Gpu::new(&machine);
        step.start(&mut gpu);
        gpu.follow(loss);
        (0..under_way).for_each(|_| gpu.run().unwrap());
        machine.destroy();
        let mut values = Vec::new();
        let errors = [
            fresh.prepare(&step.plan).err(),
            gpu.read(loss).err(),
            gpu.run().err(),
            gpu.followed(&mut values, false).err(),
            gpu.followed(&mut values, true).err(),
            gpu.prepare(&step.plan).err(),
        ];
        for (place, error) in errors.into_iter().enumerate() {
            let error = error.unwrap_or_else(|| panic!("call {place} after {under_way} runs"));
            assert!(is_lost(&error), "call {place}: {error}");
        }
        drop((gpu, fresh, machine));
        assert!(start.elapsed() < PROMPT);
    }
}

/// Runs on a device that is gone end, with an error, before many of them were made: catches steps that are told as
/// done.
fn runs_on_a_lost_device_end(machine: Machine) {
    let step = networks::mlp(4);
    let mut gpu = Gpu::new(&machine);
    step.start(&mut gpu);
    gpu.run().unwrap();
    machine.destroy();
    let error = (0..20).find_map(|_| gpu.run().err());
    assert!(error.as_ref().is_some_and(is_lost), "{error:?}");
}

/// A product that takes seconds in software, and a wait of a thousandth of one: catches a wait without a limit, also that
/// of what lets go of the device, and one that begins again after the first was in vain.
fn waits_have_a_limit(machine: Machine) -> Completion {
    let mut record = Record::new();
    let [a, b] = ["a", "b"].map(|name| record.input(name, 1024, 1024));
    let c = record.push(Gemm::new(1.0, a, b));
    let c = record.output("c", c);
    let plan = Plan::new(&record);
    let machine = machine.with_timeout(Duration::from_millis(1));
    let mut gpu = Gpu::new(&machine);
    gpu.prepare(&plan).unwrap();
    let error = (0..20).find_map(|_| gpu.run().and_then(|()| gpu.read(c)).err());
    if error.is_none() {
        // Mesa's driver may do all work while it is handed over
        return Completion::ignored_with("the driver works while it is handed the work");
    }
    let late = |error: &Option<ExecError>| matches!(error, Some(ExecError::Late { .. }));
    assert!(late(&error), "{error:?}");
    let start = Instant::now();
    assert!(late(&gpu.run().err()) && late(&gpu.read(c).err()));
    assert!(late(&gpu.prepare(&plan).err()));
    drop((gpu, machine));
    assert!(start.elapsed() < PROMPT);
    Completion::Completed
}

/// One number more than the largest buffer, of an adapter and of one told to have less: catches a size that is not
/// named, and an allocation that ends the program.
fn buffers_that_are_too_large(adapter: Adapter) {
    let info = adapter.info().clone();
    for largest_buffer in [info.largest_buffer, 1 << 20] {
        let told = AdapterInfo {
            largest_buffer,
            ..info.clone()
        };
        let machine = adapter.clone().limited_to(told).open().unwrap();
        let rows = largest_buffer as usize / 4 + 1;
        let mut record = Record::new();
        let fill = Fill {
            rows,
            columns: 1,
            value: 1.0,
        };
        let y = record.push(fill);
        let end = record.push(Map::copy(y.row_range(rows - 1..rows)));
        record.output("end", end);
        let mut gpu = Gpu::new(&machine);
        let error = gpu.prepare(&Plan::new(&record)).unwrap_err();
        let expected = ExecError::OutOfMemory {
            device: info.name.clone(),
            bytes: 4 * rows as u64,
        };
        assert_eq!(error, expected);
        assert!(!error.to_string().contains('\n'));
    }
}

/// As small as kernels take: catches one that needs more, and a part that is not cut.
fn a_small_adapter_gives_the_same(adapter: Adapter) {
    let small = AdapterInfo {
        largest_buffer: 1 << 24,
        largest_binding: 1 << 20,
        storage_bindings: 5,
        workgroup_memory: 16_384,
        workgroup_threads: 256,
        ..adapter.info().clone()
    };
    let machine = adapter.limited_to(small).open().unwrap();
    agree(|| Gpu::new(&machine).poisoned());
}

/// Catches an adapter that fails later, in some kernel, and a refusal that does not say what is missing.
fn a_smaller_adapter_is_refused(adapter: Adapter) {
    let info = || adapter.info().clone();
    for (told, words) in [
        (
            AdapterInfo {
                storage_bindings: 4,
                ..info()
            },
            "4 storage bindings",
        ),
        (
            AdapterInfo {
                workgroup_threads: 128,
                ..info()
            },
            "128 threads",
        ),
        (
            AdapterInfo {
                workgroup_memory: 8192,
                ..info()
            },
            "8192 bytes",
        ),
    ] {
        let error = adapter.clone().limited_to(told).open().unwrap_err();
        let sentence = error.to_string();
        let refused = matches!(error, ExecError::Refused { .. });
        assert!(
            refused && sentence.contains(words) && !sentence.contains('\n'),
            "{sentence}"
        );
    }
}

/// Kernels without checks of indices and loops, as they run outside of tests, and with them: catches an index out of
/// bounds, which checks turn into another one.
fn checks_change_no_bit(machine: Machine) {
    let checked = machine.clone().checked();
    for (name, step) in steps() {
        let [plain, checked] = [&machine, &checked].map(|machine| {
            let numbers = after(&mut Gpu::new(machine), &step, 2)
                .into_iter()
                .flatten();
            numbers.map(f64::to_bits).collect::<Vec<u64>>()
        });
        assert!(plain == checked, "{name}");
    }
}

/// Places of the results that hold no number, infinite ones, and others.
fn classes(numbers: &[f64]) -> Vec<Option<f64>> {
    let class = |x: &f64| match x.is_finite() {
        true => None,
        false if x.is_nan() => Some(0.0),
        false => Some(x.signum()),
    };
    numbers.iter().map(class).collect()
}

/// Catches a kernel or a driver's compiler that makes a number of what is none: a maximum of the two, a logarithm by
/// bits, a comparison that is taken to hold.
fn what_is_no_number_stays_none(machine: Machine) {
    let (rows, columns) = (6, 12);
    // each column has one place of its own, with one of these
    let odd = [f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    for strange in odd {
        let mut record = Record::new();
        let x = record.input("x", rows, columns);
        let ones = record.constant("ones", 1, columns, vec![1.0; columns]);
        let own = record.input("classes", 1, columns);
        let lists = |i: usize| [i, (i + 2) % rows, (i + 1) % rows];
        let lists = Arc::new(Lists::new(rows, (0..rows).map(lists)));
        let mut outputs: Vec<(String, View)> = Vec::new();
        for function in [
            Function::Relu,
            Function::Exp,
            Function::Tanh,
            Function::Sigmoid,
            Function::Square,
            Function::Sign,
            Function::Cosine,
        ] {
            outputs.push((function.to_string(), record.push(Map::new(function, x))));
            // nothing times the slope of the sign is nothing, whatever it is
            if function != Function::Sign {
                let slope = Zip::new(Combination::Chain(function), x, x);
                outputs.push((format!("slope of {function}"), record.push(slope)));
            }
        }
        let largest = record.push(Maximum::new(Arc::clone(&lists), x));
        let sums = record.push(Gather::new(lists, x));
        let down = record.push(Reduce::new(Axis::Rows, x));
        let across = record.push(Reduce::new(Axis::Columns, x));
        let product = record.push(Gemm::new(1.0, x, ones.t()));
        let losses = record.push(CrossEntropy::new(x, own));
        let gradient = record.backward(losses, ones, &[x])[0];
        let others = [
            ("maximum", largest),
            ("sums of rows", sums),
            ("sums", down),
            ("sums", across),
            ("product", product),
            ("losses", losses),
            ("gradient", gradient),
        ];
        outputs.extend(others.map(|(name, view)| (name.to_owned(), view)));
        let buffers = outputs.iter().map(|(_, view)| view.buffer);
        let buffers: Vec<_> = buffers.collect();
        for (name, view) in &outputs {
            record.output(name, *view);
        }
        let plan = Plan::new(&record);
        let mut numbers: Vec<f64> = super::normals(1, rows * columns);
        (0..columns).for_each(|j| numbers[j * rows + j % rows] = strange);
        let results = |exec: &mut dyn Exec| -> Vec<Vec<f64>> {
            exec.prepare(&plan).unwrap();
            exec.write(x.buffer, &numbers);
            // of half of the columns the class is the odd one
            let own_of = |j: usize| ((j + j / rows) % rows) as f64;
            exec.write(own.buffer, &(0..columns).map(own_of).collect::<Vec<_>>());
            exec.run().unwrap();
            let read = |&buffer| exec.read(buffer).unwrap();
            buffers.iter().map(read).collect()
        };
        let expected = results(&mut Cpu::<f32>::new());
        for mut gpu in [Gpu::new(&machine), Gpu::new(&machine).poisoned()] {
            let found = results(&mut gpu);
            for (((name, _), found), expected) in outputs.iter().zip(&found).zip(&expected) {
                let (found, expected) = (classes(found), classes(expected));
                assert!(
                    found == expected,
                    "{name} with {strange}: {found:?} for {expected:?}"
                );
            }
        }
    }
}

/// One weight of the first layer, two of them away from the loss: catches a number that a ReLU makes of none.
fn a_weight_that_is_no_number_shows_in_the_loss(machine: Machine) {
    let step = networks::mlp(4);
    for strange in [f64::NAN, -f64::NAN] {
        let loss = |exec: &mut dyn Exec| {
            step.start(exec);
            let mut weights = exec.read(step.results[1]).unwrap();
            weights[0] = strange;
            exec.write(step.results[1], &weights);
            exec.run().unwrap();
            exec.read(step.results[0]).unwrap()[0]
        };
        assert!(loss(&mut Cpu::<f32>::new()).is_nan());
        assert!(loss(&mut Gpu::new(&machine)).is_nan());
    }
}

/// Told to the test's own process, whose memory is small.
const SMALL: &str = "SPECTRA_TEST_SMALL";

/// Twenty large buffers in a process that may not have them: catches one that is refused in the middle and ends the
/// program, is not named with its size, or keeps the others.
#[cfg(target_os = "linux")]
fn memory_that_runs_out(adapter: Adapter) -> Completion {
    // memory of others is not the process's
    if adapter.info().kind != AdapterKind::Software {
        return Completion::ignored_with("this adapter has memory of its own");
    }
    if std::env::var_os(SMALL).is_none() {
        let script = "ulimit -v 6000000; exec \"$0\" --exact robust::memory_that_runs_out";
        let program = std::env::current_exe().unwrap();
        let mut command = std::process::Command::new("sh");
        command.args(["-c", script]).arg(program).env(SMALL, "yes");
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}");
        assert!(said.contains("1 passed"), "{said}");
        return Completion::Completed;
    }
    let rows = 100 << 20;
    let mut record = Record::new();
    let one = record.input("one", 1, 1);
    for i in 0..20 {
        let y = record.push(Map::new(Function::Scale(i.into()), one.across_rows(rows)));
        record.output("y", y);
    }
    let machine = adapter.open().unwrap();
    let mut gpu = Gpu::new(&machine);
    let expected = ExecError::OutOfMemory {
        device: adapter.info().name.clone(),
        bytes: 4 * rows as u64,
    };
    assert_eq!(gpu.prepare(&Plan::new(&record)), Err(expected));
    networks::mlp(4).start(&mut gpu);
    gpu.run().unwrap();
    Completion::Completed
}
