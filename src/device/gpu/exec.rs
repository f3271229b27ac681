//! Runs of a plan.

use super::dispatch::{Dispatch, Source};
use super::followed::{Followed, TOGETHER};
use super::lower::{Limits, Lowered, lower};
use super::machine::Machine;
use crate::program::{Buffer, Exec, ExecError, Plan, Role};
use std::collections::VecDeque;
use std::iter::once;
use wgpu::BufferUsages;

/// Words between the parameters of two dispatches: an offset that every adapter takes.
const PARAMETERS: usize = 64;

/// Submissions that may wait for the device. Enough that it never waits for the next, few enough that what it is
/// given to read meanwhile stays small.
const AHEAD: usize = 8;

/// What went between the processor and a GPU since the plan was prepared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Runs of the plan.
    pub runs: u64,
    /// Submissions, those of reading among them.
    pub submissions: u64,
    /// Times that the processor fetched numbers.
    pub reads: u64,
}

/// A GPU with a plan.
#[derive(Debug)]
pub struct Gpu {
    machine: Machine,
    limits: Limits,
    poisoned: bool,
    prepared: Option<Prepared>,
    traffic: Traffic,
}

/// A plan that is ready to run.
#[derive(Debug)]
struct Prepared {
    plan: Plan,
    slots: Vec<wgpu::Buffer>,
    steps: Vec<Step>,
    /// Room for what is followed.
    kept: wgpu::Buffer,
    followed: Option<Followed>,
    ahead: VecDeque<wgpu::SubmissionIndex>,
    /// Numbers on their way to the device.
    singles: Vec<f32>,
}

#[derive(Debug)]
struct Step {
    pipeline: wgpu::ComputePipeline,
    group: wgpu::BindGroup,
    groups: [u32; 3],
}

impl Gpu {
    /// `machine` without a plan.
    pub fn new(machine: &Machine) -> Gpu {
        Gpu {
            limits: machine.limits,
            machine: machine.clone(),
            poisoned: false,
            prepared: None,
            traffic: Traffic::default(),
        }
    }

    /// The same, every place of which holds no number until it is stored: a place that is read before, or never
    /// stored, shows. Its kernels are [checked](Machine::checked). For tests.
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
    #[must_use]
    pub fn plain(mut self) -> Gpu {
        self.limits.subgroups = false;
        self
    }

    /// What went to and fro since the plan was prepared.
    pub fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// Kernels that one run of the plan starts.
    ///
    /// # Panics
    ///
    /// If no plan is prepared.
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

impl Prepared {
    fn new(
        machine: &Machine,
        plan: &Plan,
        lowered: &Lowered,
        poisoned: bool,
    ) -> Result<Prepared, ExecError> {
        let memory = BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST;
        let slots = plan.slots().iter();
        let slots: Result<Vec<_>, _> = slots.map(|&size| machine.buffer(size, memory)).collect();
        let slots = slots?;
        let scratch = machine.buffer(lowered.scratch, memory)?;
        let tables = lowered.tables.iter().map(|words| {
            let table = machine.buffer(words.len(), memory)?;
            machine
                .queue
                .write_buffer(&table, 0, bytemuck::cast_slice(words));
            Ok(table)
        });
        let tables: Vec<wgpu::Buffer> = tables.collect::<Result<_, ExecError>>()?;
        if poisoned {
            for buffer in slots.iter().chain(once(&scratch)) {
                let none = vec![f32::NAN; buffer.size() as usize / 4];
                machine
                    .queue
                    .write_buffer(buffer, 0, bytemuck::cast_slice(&none));
            }
        }
        for buffer in plan.buffers() {
            let Some(slot) = buffer.slot else { continue };
            let values: Vec<f32> = match &buffer.role {
                Role::Constant(values) => values.iter().map(|&x| x as f32).collect(),
                Role::Input | Role::State if poisoned => vec![0.0; buffer.rows * buffer.columns],
                _ => continue,
            };
            machine
                .queue
                .write_buffer(&slots[slot], 0, bytemuck::cast_slice(&values));
        }
        let (parameters, places) = parameters(machine, &lowered.dispatches)?;
        let of = |source: Source| match source {
            Source::Slot(slot) => &slots[slot],
            Source::Table(table) => &tables[table],
            Source::Scratch => &scratch,
        };
        let step = |(dispatch, &place): (&Dispatch, &usize)| {
            let pipeline = machine.pipeline(&dispatch.kernel)?;
            let bound = |buffer, first: usize, count: usize| {
                wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                    buffer,
                    offset: 4 * first as u64,
                    size: wgpu::BufferSize::new(4 * count as u64),
                })
            };
            let count = |words: &[u32]| words.len().next_multiple_of(4);
            let own = dispatch.parameters.as_slice();
            let mut resources = vec![bound(&parameters, place, count(own))];
            let others = dispatch.bindings.iter();
            resources.extend(others.map(|b| bound(of(b.source), b.first, b.count)));
            if let Some((at, words)) = &dispatch.after {
                let after = place + own.len().next_multiple_of(PARAMETERS);
                resources.insert(*at, bound(&parameters, after, count(words)));
            }
            let entries = (0..).zip(resources);
            let entries: Vec<_> = entries
                .map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource })
                .collect();
            let group = machine
                .device
                .create_bind_group(&wgpu::BindGroupDescriptor {
                    label: Some(dispatch.kernel.name),
                    layout: &pipeline.get_bind_group_layout(0),
                    entries: &entries,
                });
            machine.sound()?;
            Ok(Step {
                pipeline,
                group,
                groups: dispatch.groups,
            })
        };
        let steps = lowered.dispatches.iter().zip(&places).map(step);
        let steps = steps.collect::<Result<Vec<Step>, ExecError>>()?;
        Ok(Prepared {
            plan: plan.clone(),
            slots,
            steps,
            kept: machine.buffer(TOGETHER, memory)?,
            followed: None,
            ahead: VecDeque::new(),
            singles: Vec::new(),
        })
    }

    fn slot(&self, buffer: Buffer) -> &wgpu::Buffer {
        let planned = &self.plan.buffers()[buffer.index()];
        &self.slots[planned.slot.expect("what a plan uses has a slot")]
    }

    /// The number of values of what can be read.
    fn known(&self, buffer: Buffer) -> usize {
        let planned = &self.plan.buffers()[buffer.index()];
        let given = matches!(planned.role, Role::Input | Role::State);
        let known = given || self.plan.outputs().contains(&buffer);
        assert!(known, "read: {buffer} is neither given nor an output");
        planned.rows * planned.columns
    }
}

/// All parameters in one buffer, and where those of each dispatch begin.
fn parameters(
    machine: &Machine,
    dispatches: &[Dispatch],
) -> Result<(wgpu::Buffer, Vec<usize>), ExecError> {
    let mut words = Vec::new();
    let mut places = Vec::new();
    for dispatch in dispatches {
        places.push(words.len());
        let after = dispatch.after.as_ref().map(|(_, words)| words);
        for own in [&dispatch.parameters].into_iter().chain(after) {
            words.extend(own);
            words.resize(words.len().next_multiple_of(PARAMETERS), 0);
        }
    }
    let usage = BufferUsages::UNIFORM | BufferUsages::COPY_DST;
    let buffer = machine.buffer(words.len(), usage)?;
    machine
        .queue
        .write_buffer(&buffer, 0, bytemuck::cast_slice(&words));
    Ok((buffer, places))
}

impl Exec for Gpu {
    fn prepare(&mut self, plan: &Plan) -> Result<(), ExecError> {
        self.prepared = None;
        self.traffic = Traffic::default();
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
        let submission = machine.queue.submit([encoder.finish()]);
        if let Some(followed) = &mut prepared.followed {
            self.traffic.reads += u64::from(followed.submitted());
        }
        self.traffic.runs += 1;
        self.traffic.submissions += 1;
        machine.sound()?;
        prepared.ahead.push_back(submission);
        match prepared.ahead.len() > AHEAD {
            true => machine.wait(prepared.ahead.pop_front()),
            false => Ok(()),
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
        let submission = machine.queue.submit([encoder.finish()]);
        copy.map_async(wgpu::MapMode::Read, .., |_| {});
        machine.wait(Some(submission))?;
        let mapped = copy.get_mapped_range(..4 * count as u64);
        let mapped = mapped.map_err(|error| machine.refused(&error.to_string()))?;
        let values: &[f32] = bytemuck::cast_slice(&mapped);
        for (to, &from) in out.iter_mut().zip(values) {
            *to = f64::from(from);
        }
        self.traffic.submissions += 1;
        self.traffic.reads += 1;
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
            let flushed = followed.flush(machine)?;
            let sent = u64::from(flushed.is_some());
            self.traffic.submissions += sent;
            self.traffic.reads += sent;
            machine.wait(None)?;
            prepared.ahead.clear();
        } else {
            machine.poll()?;
        }
        followed.take(machine, values)
    }
}
