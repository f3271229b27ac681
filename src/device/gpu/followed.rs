//! A number of every run, fetched without a stop.

use super::machine::Machine;
use crate::program::ExecError;
use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};
use wgpu::BufferUsages;

/// Runs whose numbers are fetched in one batch.
pub(super) const BATCH: usize = 32;

/// The numbers of runs on their way: each run copies its own behind those before it, and every so many of them are
/// copied to memory that the CPU can map.
#[derive(Debug)]
pub(super) struct Followed {
    from: wgpu::Buffer,
    kept: wgpu::Buffer,
    /// Numbers in `kept` that no message has.
    count: usize,
    /// A message that the next submission sends.
    due: Option<Message>,
    sent: VecDeque<Message>,
    spare: Vec<wgpu::Buffer>,
}

#[derive(Debug)]
struct Message {
    buffer: wgpu::Buffer,
    count: usize,
    /// Whether it arrived, once that is known.
    arrived: Arc<OnceLock<bool>>,
}

impl Followed {
    /// Follows the first number of `from`; `kept` holds [`BATCH`].
    pub fn new(from: wgpu::Buffer, kept: wgpu::Buffer) -> Followed {
        Followed {
            from,
            kept,
            count: 0,
            due: None,
            sent: VecDeque::new(),
            spare: Vec::new(),
        }
    }

    /// Has a run keep its number.
    pub fn keep(
        &mut self,
        machine: &Machine,
        encoder: &mut wgpu::CommandEncoder,
    ) -> Result<(), ExecError> {
        let place = 4 * self.count as u64;
        encoder.copy_buffer_to_buffer(&self.from, 0, &self.kept, place, 4);
        self.count += 1;
        match self.count {
            BATCH => self.send(machine, encoder),
            _ => Ok(()),
        }
    }

    /// Has all numbers that were kept sent.
    fn send(
        &mut self,
        machine: &Machine,
        encoder: &mut wgpu::CommandEncoder,
    ) -> Result<(), ExecError> {
        let usage = BufferUsages::COPY_DST | BufferUsages::MAP_READ;
        let buffer = match self.spare.pop() {
            Some(buffer) => buffer,
            None => machine.buffer(BATCH, usage)?,
        };
        let count = std::mem::take(&mut self.count);
        encoder.copy_buffer_to_buffer(&self.kept, 0, &buffer, 0, 4 * count as u64);
        let arrived = Arc::default();
        self.due = Some(Message {
            buffer,
            count,
            arrived,
        });
        Ok(())
    }

    /// After a submission: looks out for the message that it sent, if it did.
    pub fn submitted(&mut self, machine: &Machine) {
        let Some(message) = self.due.take() else {
            return;
        };
        let arrived = Arc::clone(&message.arrived);
        let on_complete =
            move |mapped: Result<(), _>| arrived.set(mapped.is_ok()).unwrap_or_default();
        machine.fetch(&message.buffer, on_complete);
        self.sent.push_back(message);
    }

    /// Sends what is left.
    pub fn flush(&mut self, machine: &Machine) -> Result<(), ExecError> {
        if self.count == 0 {
            return Ok(());
        }
        let mut encoder = machine.device.create_command_encoder(&Default::default());
        self.send(machine, &mut encoder)?;
        machine.submit(encoder);
        self.submitted(machine);
        Ok(())
    }

    /// Takes what has arrived, until something is lost.
    pub fn take(&mut self, machine: &Machine, values: &mut Vec<f64>) -> Result<(), ExecError> {
        while let Some(message) = self.sent.front() {
            match message.arrived.get() {
                None => break,
                Some(true) => {}
                Some(false) => return Err(machine.refused("numbers of runs were lost")),
            }
            let mapped = message.buffer.get_mapped_range(..4 * message.count as u64);
            let mapped = mapped.map_err(|error| machine.refused(&error.to_string()))?;
            let numbers: &[f32] = bytemuck::cast_slice(&mapped);
            values.extend(numbers.iter().copied().map(f64::from));
            drop(mapped);
            let message = self.sent.pop_front().expect("a message");
            message.buffer.unmap();
            self.spare.push(message.buffer);
        }
        Ok(())
    }
}
