//! Runs of a plan on the CPU.

use super::column_transform::ColumnTransform;
use super::operand::{Operand, Target};
use super::patches::Patches;
use super::prepared::{pairs, runs, transforms};
use super::real::Real;
use super::runs::Runs;
use super::step::{Ready, slot, space, step};
use crate::program::{Buffer, Exec, ExecError, Plan, Role, View};
use faer::traits::math_utils::from_f64;
use std::sync::Arc;

/// The CPU. Products are faer's; in `f64` it is the reference for every other machine.
#[derive(Debug, Default)]
pub struct Cpu<T> {
    plan: Option<Plan>,
    memory: Vec<Vec<T>>,
    /// Work space of the instruction that is running.
    work: Vec<T>,
    /// The runs of each instruction's lists.
    runs: Vec<Option<Arc<Runs>>>,
    /// The prepared transform of each instruction that is one.
    transforms: Vec<Option<Arc<dyn ColumnTransform<T>>>>,
    /// How to run an instruction and the next as one.
    pairs: Vec<Option<Patches>>,
    /// The output that is followed.
    followed: Option<Buffer>,
    /// The values of `followed` since they were last asked for.
    values: Vec<f64>,
}

impl<T: Real> Cpu<T> {
    /// A CPU executor without a plan.
    pub fn new() -> Cpu<T> {
        Cpu {
            plan: None,
            memory: Vec::new(),
            work: Vec::new(),
            runs: Vec::new(),
            transforms: Vec::new(),
            pairs: Vec::new(),
            followed: None,
            values: Vec::new(),
        }
    }

    fn steps(&mut self) {
        let plan = self.plan.as_ref().expect("cpu: no plan is prepared");
        let mut instructions = plan.instructions().iter().enumerate();
        while let Some((i, instruction)) = instructions.next() {
            if let Some(patches) = &self.pairs[i] {
                let (_, next) = instructions.next().expect("a pair");
                let [between, to] = [instruction, next].map(|i| slot(plan, i.to.buffer));
                let mut workspace = std::mem::take(&mut self.memory[between]);
                let mut values = std::mem::take(&mut self.memory[to]);
                let operand =
                    |view: View| Operand::new(view, &self.memory[slot(plan, view.buffer)]);
                let target = Target::new(next.to, &mut values, next.keep);
                let work = &mut self.work[..patches.space(next)];
                patches.run([instruction, next], target, &mut workspace, operand, work);
                self.memory[between] = workspace;
                self.memory[to] = values;
                continue;
            }
            let slot = slot(plan, instruction.to.buffer);
            // an instruction never reads the slot that it writes
            let mut values = std::mem::take(&mut self.memory[slot]);
            let work = &mut self.work[..space(instruction)];
            let ready = Ready {
                runs: self.runs[i].as_deref(),
                transform: self.transforms[i].as_deref(),
            };
            step(plan, instruction, ready, &self.memory, &mut values, work);
            self.memory[slot] = values;
        }
    }

    fn plan(&self) -> &Plan {
        self.plan.as_ref().expect("cpu: no plan is prepared")
    }

    /// The memory of an input or a state of `count` numbers.
    fn given(&mut self, buffer: Buffer, count: usize) -> &mut [T] {
        let planned = &self.plan().buffers()[buffer.index()];
        let (rows, columns) = (planned.rows, planned.columns);
        let given = matches!(planned.role, Role::Input | Role::State);
        assert!(given, "write: {buffer} is neither an input nor a state");
        let fits = count == rows * columns;
        assert!(
            fits,
            "write: {count} numbers for {buffer}[{rows}×{columns}]"
        );
        let slot = planned.slot.expect("what is given has a slot");
        &mut self.memory[slot][..count]
    }

    /// The numbers of what can be read.
    fn known(&self, buffer: Buffer) -> &[T] {
        let plan = self.plan();
        let planned = &plan.buffers()[buffer.index()];
        let given = matches!(planned.role, Role::Input | Role::State);
        let known = given || plan.outputs().contains(&buffer);
        assert!(known, "read: {buffer} is neither given nor an output");
        &self.memory[slot(plan, buffer)][..planned.rows * planned.columns]
    }
}

impl<T: Real> Exec for Cpu<T> {
    fn prepare(&mut self, plan: &Plan) -> Result<(), ExecError> {
        self.plan = None;
        self.followed = None;
        self.values.clear();
        self.memory = Vec::new();
        for &size in plan.slots() {
            self.memory.push(zeros(size)?);
        }
        self.runs = runs(plan.instructions());
        self.transforms = transforms(plan.instructions());
        self.pairs = pairs(plan);
        let spaces = plan.instructions().iter().map(space);
        let paired = self.pairs.iter().zip(plan.instructions().iter().skip(1));
        let paired = paired.filter_map(|(pair, next)| Some(pair.as_ref()?.space(next)));
        self.work = zeros(spaces.chain(paired).max().unwrap_or(0))?;
        for buffer in plan.buffers() {
            if let (Role::Constant(values), Some(slot)) = (&buffer.role, buffer.slot) {
                store(&mut self.memory[slot], values);
            }
        }
        self.plan = Some(plan.clone());
        Ok(())
    }

    fn write(&mut self, buffer: Buffer, data: &[f64]) {
        store(self.given(buffer, data.len()), data);
    }

    fn write_singles(&mut self, buffer: Buffer, data: &[f32]) {
        for (to, &from) in self.given(buffer, data.len()).iter_mut().zip(data) {
            *to = from_f64(f64::from(from));
        }
    }

    fn run(&mut self) -> Result<(), ExecError> {
        // on a thread of the pool, so that no instruction waits for one to wake
        rayon::scope(|_| self.steps());
        if let Some(buffer) = self.followed {
            let value = self.known(buffer)[0].into();
            self.values.push(value);
        }
        Ok(())
    }

    fn follow(&mut self, buffer: Buffer) {
        let plan = self.plan();
        let planned = &plan.buffers()[buffer.index()];
        let one = plan.outputs().contains(&buffer) && (planned.rows, planned.columns) == (1, 1);
        assert!(one, "follow: {buffer} is no output of one number");
        self.followed = Some(buffer);
        self.values.reserve(1);
    }

    fn followed(&mut self, values: &mut Vec<f64>, _: bool) -> Result<(), ExecError> {
        values.append(&mut self.values);
        Ok(())
    }

    fn read(&mut self, buffer: Buffer) -> Result<Vec<f64>, ExecError> {
        let values = self.known(buffer).iter();
        Ok(values.map(|&x| x.into()).collect())
    }

    fn read_into(&mut self, buffer: Buffer, out: &mut [f64]) -> Result<(), ExecError> {
        let values = self.known(buffer);
        let (count, given) = (values.len(), out.len());
        assert!(
            count == given,
            "read: {count} numbers of {buffer} into {given}"
        );
        for (to, &from) in out.iter_mut().zip(values) {
            *to = from.into();
        }
        Ok(())
    }
}

fn zeros<T: Real>(size: usize) -> Result<Vec<T>, ExecError> {
    let mut numbers = Vec::new();
    let refused = |_| ExecError::OutOfHostMemory {
        bytes: size as u64 * size_of::<T>() as u64,
    };
    numbers.try_reserve_exact(size).map_err(refused)?;
    numbers.resize(size, T::zero());
    Ok(numbers)
}

fn store<T: Real>(slot: &mut [T], values: &[f64]) {
    for (to, &from) in slot.iter_mut().zip(values) {
        *to = from_f64(from);
    }
}
