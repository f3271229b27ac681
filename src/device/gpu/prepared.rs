//! Everything that runs of a plan need, made once.

use super::builder::Lowered;
use super::dispatch::{Dispatch, Source};
use super::followed::{BATCH, Followed};
use super::machine::Machine;
use crate::program::{Buffer, ExecError, Plan, Role};
use std::collections::VecDeque;
use std::iter::once;
use wgpu::BufferUsages;

/// Words between the parameters of two dispatches: an offset that every adapter takes.
const PARAMETERS: usize = 64;

/// A plan that is ready to run.
#[derive(Debug)]
pub(super) struct Prepared {
    pub plan: Plan,
    pub slots: Vec<wgpu::Buffer>,
    pub steps: Vec<Step>,
    /// Memory for the numbers that are followed.
    pub kept: wgpu::Buffer,
    pub followed: Option<Followed>,
    pub ahead: VecDeque<wgpu::SubmissionIndex>,
    /// Numbers on their way to the device.
    pub singles: Vec<f32>,
}

#[derive(Debug)]
pub(super) struct Step {
    pub pipeline: wgpu::ComputePipeline,
    pub group: wgpu::BindGroup,
    pub groups: [u32; 3],
}

impl Prepared {
    pub fn new(
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
            machine.check_error()?;
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
            kept: machine.buffer(BATCH, memory)?,
            followed: None,
            ahead: VecDeque::new(),
            singles: Vec::new(),
        })
    }

    pub fn slot(&self, buffer: Buffer) -> &wgpu::Buffer {
        let planned = &self.plan.buffers()[buffer.index()];
        &self.slots[planned.slot.expect("what a plan uses has a slot")]
    }

    /// The number of values of what can be read.
    pub fn known(&self, buffer: Buffer) -> usize {
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
