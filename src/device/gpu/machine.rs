//! An open GPU: its queue, its kernels, and what goes wrong on it.

use super::adapter::AdapterInfo;
use super::dispatch::Kernel;
use super::lower::Limits;
use crate::program::ExecError;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Longest wait for the device.
const PATIENCE: Duration = Duration::from_secs(120);

/// An open GPU. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Machine {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    pub(super) limits: Limits,
    info: Arc<AdapterInfo>,
    kernels: Arc<Mutex<HashMap<Kernel, wgpu::ComputePipeline>>>,
    failure: Arc<Mutex<Option<ExecError>>>,
}

impl Machine {
    pub(super) fn open(adapter: &wgpu::Adapter, info: AdapterInfo) -> Result<Machine, ExecError> {
        let limits = adapter.limits();
        let wanted = wgpu::Features::SUBGROUP;
        let settings = wgpu::DeviceDescriptor {
            label: Some("spectra"),
            required_features: adapter.features() & wanted,
            required_limits: limits.clone(),
            ..Default::default()
        };
        let opened = pollster::block_on(adapter.request_device(&settings));
        let (device, queue) = opened.map_err(|error| ExecError::Refused {
            device: info.name.clone(),
            reason: one_line(&error.to_string()),
        })?;
        let failure = Arc::new(Mutex::new(None));
        let machine = Machine {
            limits: Limits {
                // places are 32-bit numbers in kernels
                binding: (limits.max_storage_buffer_binding_size / 4).min(1 << 31) as usize,
                alignment: (limits.min_storage_buffer_offset_alignment as usize / 4).max(1),
                bindings: limits.max_storage_buffers_per_shader_stage as usize,
                subgroups: adapter.features().contains(wanted),
            },
            device,
            queue,
            info: Arc::new(info),
            kernels: Arc::default(),
            failure,
        };
        machine.listen();
        Ok(machine)
    }

    /// What the adapter said of itself.
    pub fn info(&self) -> &AdapterInfo {
        &self.info
    }

    /// Keeps the first thing that goes wrong outside of a call that would say so.
    fn listen(&self) {
        let name = self.info.name.clone();
        let failure = Arc::clone(&self.failure);
        self.device
            .on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
                let device = name.clone();
                let reason = one_line(&error.to_string());
                locked(&failure).get_or_insert(ExecError::Refused { device, reason });
            }));
        let name = self.info.name.clone();
        let failure = Arc::clone(&self.failure);
        self.device.set_device_lost_callback(move |_, reason| {
            let device = name.clone();
            let reason = one_line(&reason);
            locked(&failure).get_or_insert(ExecError::Lost { device, reason });
        });
    }

    /// What went wrong so far.
    pub(super) fn sound(&self) -> Result<(), ExecError> {
        locked(&self.failure).clone().map_or(Ok(()), Err)
    }

    /// Waits until a submission, or all of them, are done.
    pub(super) fn wait(&self, submission: Option<wgpu::SubmissionIndex>) -> Result<(), ExecError> {
        let waited = self.device.poll(wgpu::PollType::Wait {
            submission_index: submission,
            timeout: Some(PATIENCE),
        });
        self.sound()?;
        let late = |_| ExecError::Late {
            device: self.info.name.clone(),
            seconds: PATIENCE.as_secs(),
        };
        waited.map(|_| ()).map_err(late)
    }

    /// Lets callbacks of finished work run, without waiting.
    pub(super) fn poll(&self) -> Result<(), ExecError> {
        let polled = self.device.poll(wgpu::PollType::Poll);
        self.sound()?;
        polled
            .map(|_| ())
            .map_err(|error| self.refused(&error.to_string()))
    }

    /// A buffer of `words` words of four bytes, zero.
    pub(super) fn buffer(
        &self,
        words: usize,
        usage: wgpu::BufferUsages,
    ) -> Result<wgpu::Buffer, ExecError> {
        let size = 4 * words.max(4) as u64;
        self.fits(words)?;
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let valid = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size,
            usage,
            mapped_at_creation: false,
        });
        let valid = pollster::block_on(valid.pop());
        let memory = pollster::block_on(memory.pop());
        self.sound()?;
        match memory.or(valid) {
            Some(_) => Err(self.out_of_memory(size)),
            None => Ok(buffer),
        }
    }

    /// Whether a buffer of so many words may be asked for.
    pub(super) fn fits(&self, words: usize) -> Result<(), ExecError> {
        let size = 4 * words as u64;
        match size > self.info.largest_buffer {
            true => Err(self.out_of_memory(size)),
            false => Ok(()),
        }
    }

    fn out_of_memory(&self, bytes: u64) -> ExecError {
        ExecError::OutOfMemory {
            device: self.info.name.clone(),
            bytes,
        }
    }

    /// The pipeline of a kernel, compiled once for all plans.
    pub(super) fn pipeline(&self, kernel: &Kernel) -> Result<wgpu::ComputePipeline, ExecError> {
        let mut kernels = locked(&self.kernels);
        if let Some(pipeline) = kernels.get(kernel) {
            return Ok(pipeline.clone());
        }
        let valid = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let module = compile(&self.device, kernel);
        let settings = wgpu::ComputePipelineDescriptor {
            label: Some(kernel.name),
            layout: None,
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions {
                zero_initialize_workgroup_memory: false,
                ..Default::default()
            },
            cache: None,
        };
        let pipeline = self.device.create_compute_pipeline(&settings);
        if let Some(error) = pollster::block_on(valid.pop()) {
            return Err(self.refused(&format!("kernel {}: {error}", kernel.name)));
        }
        self.sound()?;
        kernels.insert(kernel.clone(), pipeline.clone());
        Ok(pipeline)
    }

    pub(super) fn refused(&self, reason: &str) -> ExecError {
        ExecError::Refused {
            device: self.info.name.clone(),
            reason: one_line(reason),
        }
    }
}

/// Compiled with checks of every index where debug assertions are on, as in tests of kernels; without them
/// elsewhere: with them some drivers run loops a hundred times slower.
fn compile(device: &wgpu::Device, kernel: &Kernel) -> wgpu::ShaderModule {
    let source = wgpu::ShaderModuleDescriptor {
        label: Some(kernel.name),
        source: wgpu::ShaderSource::Wgsl(kernel.text.as_str().into()),
    };
    device.create_shader_module(source)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A message of several lines as one sentence.
fn one_line(message: &str) -> String {
    let words: Vec<&str> = message.split_whitespace().collect();
    words.join(" ")
}
