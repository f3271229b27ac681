//! Runs of a plan.

use super::builder::Limits;
use super::dispatch::Dispatch;
use super::followed::Followed;
use super::lower::lower;
use super::machine::Machine;
use super::prepared::Prepared;
use crate::program::{Buffer, Exec, ExecError, Plan, Role};
use wgpu::BufferUsages;

/// Submissions that may wait for the device. Enough that it never waits for the next, few enough that what it is
/// given to read meanwhile stays small.
const AHEAD: usize = 8;

/// A GPU with a plan.
#[derive(Debug)]
pub struct Gpu {
    machine: Machine,
    limits: Limits,
    poisoned: bool,
    prepared: Option<Prepared>,
}

impl Gpu {
    /// `machine` without a plan.
    pub fn new(machine: &Machine) -> Gpu {
        Gpu {
            limits: machine.limits,
            machine: machine.clone(),
            poisoned: false,
            prepared: None,
        }
    }

    /// The same, with all memory NaN until it is stored: an entry that is read before, or never
    /// stored, shows. Its kernels are [checked](Machine::checked). For tests.
    #[doc(hidden)]
    #[must_use]
    pub fn poisoned(self) -> Gpu {
        Gpu {
            machine: self.machine.checked(),
            poisoned: true,
            ..self
        }
    }

    /// The same, as if its bindings took `numbers` numbers at most, and one alignment. For tests.
    ///
    /// # Panics
    ///
    /// If it cannot have such bindings.
    #[doc(hidden)]
    #[must_use]
    pub fn with_bindings_of(mut self, numbers: usize) -> Gpu {
        let binding = numbers + self.limits.alignment;
        assert!(
            numbers > 0 && binding <= self.limits.binding,
            "gpu: bindings of {numbers} numbers"
        );
        self.limits.binding = binding;
        self
    }

    /// The same with kernels that every adapter takes, whatever faster ones this one has. For tests.
    #[doc(hidden)]
    #[must_use]
    pub fn plain(mut self) -> Gpu {
        self.limits.subgroups = false;
        self
    }

    /// Kernels that one run of the plan starts.
    ///
    /// # Panics
    ///
    /// If no plan is prepared.
    #[doc(hidden)]
    pub fn dispatches(&self) -> usize {
        self.prepared().steps.len()
    }

    /// Whether all that a dispatch sees fits into bindings.
    fn fits(&self, dispatch: &Dispatch) -> Result<(), ExecError> {
        let most = self.machine.limits.binding;
        let large = dispatch.bindings.iter().find(|seen| seen.count > most);
        large.map_or(Ok(()), |seen| {
            let (kernel, count) = (dispatch.kernel.name, seen.count);
            let reason = format!("kernel {kernel} sees {count} numbers at once, {most} at most");
            Err(self.machine.refused(&reason))
        })
    }

    fn prepared(&self) -> &Prepared {
        self.prepared.as_ref().expect("gpu: no plan is prepared")
    }

    /// Hands numbers over that an input or a state takes.
    fn give(&self, buffer: Buffer, data: &[f32]) {
        let Prepared { plan, slots, .. } = self.prepared();
        let planned = &plan.buffers()[buffer.index()];
        let (rows, columns, count) = (planned.rows, planned.columns, data.len());
        let given = matches!(planned.role, Role::Input | Role::State);
        assert!(given, "write: {buffer} is neither an input nor a state");
        let fits = count == rows * columns;
        assert!(
            fits,
            "write: {count} numbers for {buffer}[{rows}×{columns}]"
        );
        let slot = planned.slot.expect("what is given has a slot");
        if count > 0 {
            let bytes = bytemuck::cast_slice(data);
            self.machine.queue.write_buffer(&slots[slot], 0, bytes);
        }
    }
}

impl Exec for Gpu {
    fn prepare(&mut self, plan: &Plan) -> Result<(), ExecError> {
        self.prepared = None;
        // of a device that was lost since it was last looked at nothing would come
        self.machine.poll()?;
        let largest = plan.slots().iter().copied().max().unwrap_or(0);
        self.machine.fits(largest)?;
        let lowered = lower(plan, self.limits, self.poisoned);
        let lowered = lowered.map_err(|instruction| {
            let reason = format!("no part of {instruction} fits into one of its bindings");
            self.machine.refused(&reason)
        })?;
        for dispatch in &lowered.dispatches {
            self.fits(dispatch)?;
        }
        self.prepared = Some(Prepared::new(&self.machine, plan, &lowered, self.poisoned)?);
        Ok(())
    }

    fn write(&mut self, buffer: Buffer, data: &[f64]) {
        let prepared = self.prepared.as_mut().expect("gpu: no plan is prepared");
        let mut singles = std::mem::take(&mut prepared.singles);
        singles.clear();
        singles.extend(data.iter().map(|&x| x as f32));
        self.give(buffer, &singles);
        self.prepared.as_mut().expect("a plan").singles = singles;
    }

    fn write_singles(&mut self, buffer: Buffer, data: &[f32]) {
        self.give(buffer, data);
    }

    fn run(&mut self) -> Result<(), ExecError> {
        let machine = &self.machine;
        let prepared = self.prepared.as_mut().expect("gpu: no plan is prepared");
        let mut encoder = machine.device.create_command_encoder(&Default::default());
        {
            let mut pass = encoder.begin_compute_pass(&Default::default());
            for step in &prepared.steps {
                let [x, y, z] = step.groups;
                pass.set_pipeline(&step.pipeline);
                pass.set_bind_group(0, &step.group, &[]);
                pass.dispatch_workgroups(x, y, z);
            }
        }
        if let Some(followed) = &mut prepared.followed {
            followed.keep(machine, &mut encoder)?;
        }
        let submission = machine.submit(encoder);
        if let Some(followed) = &mut prepared.followed {
            followed.submitted(machine);
        }
        machine.check_error()?;
        prepared.ahead.push_back(submission);
        if prepared.ahead.len() > AHEAD {
            machine.wait(prepared.ahead.pop_front())
        } else {
            Ok(())
        }
    }

    fn read(&mut self, buffer: Buffer) -> Result<Vec<f64>, ExecError> {
        let count = self.prepared().known(buffer);
        let mut values = vec![0.0; count];
        self.read_into(buffer, &mut values)?;
        Ok(values)
    }

    fn read_into(&mut self, buffer: Buffer, out: &mut [f64]) -> Result<(), ExecError> {
        let prepared = self.prepared();
        let (count, given) = (prepared.known(buffer), out.len());
        assert!(
            count == given,
            "read: {count} numbers of {buffer} into {given}"
        );
        if count == 0 {
            return Ok(());
        }
        let machine = &self.machine;
        machine.poll()?;
        let usage = BufferUsages::COPY_DST | BufferUsages::MAP_READ;
        let copy = machine.buffer(count, usage)?;
        let mut encoder = machine.device.create_command_encoder(&Default::default());
        encoder.copy_buffer_to_buffer(prepared.slot(buffer), 0, &copy, 0, 4 * count as u64);
        let submission = machine.submit(encoder);
        machine.fetch(&copy, |_| {});
        machine.wait(Some(submission))?;
        let mapped = copy.get_mapped_range(..4 * count as u64);
        let mapped = mapped.map_err(|error| machine.refused(&error.to_string()))?;
        let values: &[f32] = bytemuck::cast_slice(&mapped);
        for (to, &from) in out.iter_mut().zip(values) {
            *to = f64::from(from);
        }
        Ok(())
    }

    fn follow(&mut self, buffer: Buffer) {
        let count = self.prepared().known(buffer);
        assert!(count == 1, "follow: {buffer} has {count} numbers");
        let prepared = self.prepared.as_mut().expect("a plan");
        let from = prepared.slot(buffer).clone();
        prepared.followed = Some(Followed::new(from, prepared.kept.clone()));
    }

    fn followed(&mut self, values: &mut Vec<f64>, all: bool) -> Result<(), ExecError> {
        let machine = &self.machine;
        let prepared = self.prepared.as_mut().expect("gpu: no plan is prepared");
        let followed = prepared
            .followed
            .as_mut()
            .expect("gpu: nothing is followed");
        if all {
            followed.flush(machine)?;
            machine.wait(None)?;
            prepared.ahead.clear();
        } else {
            machine.poll()?;
        }
        followed.take(machine, values)
    }
}
