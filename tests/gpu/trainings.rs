//! The trainings of `machines` on GPUs.

use super::machines::{RECIPE, plain, resumed_on, told};
use super::trial::{on_adapter, on_machine};
use libtest_mimic::Trial;
use spectra::data;
use spectra::device::{Adapter, Device, Gpu, Machine};
use spectra::program::{Buffer, Exec, ExecError, Plan};
use spectra::train::recipe::read;
use spectra::train::{TrainError, Trainer};
use std::cell::RefCell;
use std::rc::Rc;

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![
        on_machine(a_gpu_says_whether_a_step_fits),
        on_machine(a_gpu_goes_on_to_the_bits_of_a_run_without_a_break),
        on_adapter(a_lost_gpu_leaves_its_last_checkpoint),
        on_machine(a_gpu_diverges_where_the_processor_does),
    ]
}

/// A GPU whose bindings are smaller than the scores of a sample says so before the first step, one that has room
/// nothing: catches a training that is begun where it cannot go on.
fn a_gpu_says_whether_a_step_fits(machine: Machine) {
    let data = data::open("digits", None).unwrap();
    let recipe = read(RECIPE).unwrap();
    let trainer = Trainer::new(&recipe, &data).unwrap();
    let fits = |numbers: usize| {
        let gpu = || Gpu::new(&machine).with_bindings_of(numbers);
        let machines = Device::new("GPU", |_| -> Box<dyn Exec> { Box::new(gpu()) });
        trainer.fits(&machines)
    };
    assert!(fits(1 << 20).is_ok());
    let refused = fits(8);
    assert!(
        matches!(refused, Err(TrainError::Exec(ExecError::Refused { .. }))),
        "{refused:?}"
    );
}

/// Catches a GPU with other bits in another run, and a checkpoint that loses bits of what it holds.
fn a_gpu_goes_on_to_the_bits_of_a_run_without_a_break(machine: Machine) {
    let machines = Device::new("GPU", |_| -> Box<dyn Exec> { Box::new(Gpu::new(&machine)) });
    let data = data::open("digits", None).unwrap();
    let adam = RECIPE.replace(
        r#"kind = "sgd", momentum = 0.9"#,
        r#"kind = "adam", decay = 0.001"#,
    );
    for recipe in [RECIPE, &adam] {
        let recipe = read(recipe).unwrap();
        let trainer = Trainer::new(&recipe, &data).unwrap();
        let expected = told(trainer, &machines, None);
        assert_eq!(expected.record["ended"]["how"], "finished");
        for kept in [0, 1, 4] {
            let (made, checkpoint) = &expected.checkpoints[kept];
            let rows = &expected.rows;
            let after = resumed_on(&machines, &recipe, &data, checkpoint, rows);
            assert!(
                after.weights == expected.weights && after.record == expected.record,
                "after {made} steps"
            );
        }
    }
}

/// A GPU whose device is lost before one of its runs, when it is the one that trains.
struct Losing {
    gpu: Gpu,
    machine: Machine,
    followed: bool,
    /// Made so far, in all phases.
    runs: Rc<RefCell<u64>>,
    last: u64,
}

impl Exec for Losing {
    fn prepare(&mut self, plan: &Plan) -> Result<(), ExecError> {
        self.followed = false;
        self.gpu.prepare(plan)
    }

    fn write(&mut self, buffer: Buffer, data: &[f64]) {
        self.gpu.write(buffer, data);
    }

    fn run(&mut self) -> Result<(), ExecError> {
        if self.followed {
            let mut runs = self.runs.borrow_mut();
            *runs += 1;
            if *runs == self.last + 1 {
                self.machine.destroy();
            }
        }
        self.gpu.run()
    }

    fn follow(&mut self, buffer: Buffer) {
        self.followed = true;
        self.gpu.follow(buffer);
    }

    fn followed(&mut self, values: &mut Vec<f64>, all: bool) -> Result<(), ExecError> {
        self.gpu.followed(values, all)
    }

    fn read(&mut self, buffer: Buffer) -> Result<Vec<f64>, ExecError> {
        self.gpu.read(buffer)
    }
}

/// Catches a lost device that takes the checkpoint before it along, hangs, or ends the program.
fn a_lost_gpu_leaves_its_last_checkpoint(adapter: Adapter) {
    let machine = adapter.open().unwrap();
    let whole = Device::new("GPU", |_| -> Box<dyn Exec> { Box::new(Gpu::new(&machine)) });
    let data = data::open("digits", None).unwrap();
    let recipe = read(RECIPE).unwrap();
    let expected = told(Trainer::new(&recipe, &data).unwrap(), &whole, None);
    for last in [0, 6, 12, 18] {
        let own = adapter.open().unwrap();
        let runs = Rc::default();
        let machines = Device::new("GPU", |_| -> Box<dyn Exec> {
            Box::new(Losing {
                gpu: Gpu::new(&own),
                machine: own.clone(),
                followed: false,
                runs: Rc::clone(&runs),
                last,
            })
        });
        let before = told(Trainer::new(&recipe, &data).unwrap(), &machines, None);
        let error = before.error.as_ref().expect("a device that is lost");
        let lost = matches!(error, ExecError::Lost { .. } | ExecError::Refused { .. });
        assert!(lost && !error.to_string().contains("--"), "{error}");
        // what was told before is that of a run without a break
        assert!(expected.losses.starts_with(&before.losses), "{last}");
        assert!(expected.checkpoints.starts_with(&before.checkpoints));
        let (made, checkpoint) = before.checkpoints.last().unwrap();
        assert!(*made <= last && *made + 5 > last, "{made} of {last}");
        let after = resumed_on(&whole, &recipe, &data, checkpoint, &before.rows);
        assert!(after.weights == expected.weights && after.record == expected.record);
    }
}

/// Catches a loss that is no number which a GPU hides, or tells of later.
fn a_gpu_diverges_where_the_processor_does(machine: Machine) {
    let machines = Device::new("processor", |_| -> Box<dyn Exec> {
        Box::new(Gpu::new(&machine))
    });
    let data = data::open("digits", None).unwrap();
    let recipe = read(&RECIPE.replace("base = 0.05", "base = 1e20")).unwrap();
    let trainer = Trainer::new(&recipe, &data).unwrap();
    let (found, expected) = (told(trainer, &machines, None), plain(&recipe, &data));
    assert_eq!(found.record["ended"], expected.record["ended"]);
    assert_eq!((found.checkpointed(), found.weights), (vec![0], None));
}
