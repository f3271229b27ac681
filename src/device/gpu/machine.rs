//! An open GPU: its queue, its kernels, and what goes wrong on it.

use super::builder::Limits;
use super::compile::compile;
use super::dispatch::Kernel;
use super::info::AdapterInfo;
use super::waits::{DeviceGuard, TIMEOUT, keep_failures, locked, one_line, polled, within};
use crate::program::ExecError;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// An open GPU. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Machine {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    pub(super) limits: Limits,
    info: Arc<AdapterInfo>,
    kernels: Arc<Mutex<HashMap<(Kernel, bool), wgpu::ComputePipeline>>>,
    failure: Arc<Mutex<Option<ExecError>>>,
    timeout: Duration,
    checked: bool,
    submissions: Arc<AtomicU64>,
    fetches: Arc<AtomicU64>,
    _guard: Arc<DeviceGuard>,
}

impl Machine {
    /// Opens the adapter, which is on_complete to have no more than `info` says.
    pub(super) fn open(adapter: &wgpu::Adapter, info: AdapterInfo) -> Result<Machine, ExecError> {
        let refused = |reason: &str| ExecError::Refused {
            device: info.name.clone(),
            reason: one_line(reason),
        };
        if let Some(missing) = info.missing_capability() {
            return Err(refused(&missing));
        }
        let limits = wgpu::Limits {
            max_buffer_size: info.largest_buffer,
            max_storage_buffer_binding_size: info.largest_binding,
            max_storage_buffers_per_shader_stage: info.storage_bindings,
            max_compute_workgroup_storage_size: info.workgroup_memory,
            max_compute_invocations_per_workgroup: info.workgroup_threads,
            ..adapter.limits()
        };
        let wanted = wgpu::Features::SUBGROUP;
        let settings = wgpu::DeviceDescriptor {
            label: Some("spectra"),
            required_features: adapter.features() & wanted,
            required_limits: limits.clone(),
            ..Default::default()
        };
        let own = adapter.clone();
        let opened = within(TIMEOUT, move || {
            pollster::block_on(own.request_device(&settings))
        });
        let opened = opened.ok_or_else(|| ExecError::Late {
            device: info.name.clone(),
            seconds: TIMEOUT.as_secs(),
        })?;
        let (device, queue) = opened.map_err(|error| refused(&error.to_string()))?;
        let failure = Arc::new(Mutex::new(None));
        let guard = DeviceGuard {
            device: device.clone(),
            queue: queue.clone(),
            failure: Arc::clone(&failure),
        };
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
            timeout: TIMEOUT,
            checked: false,
            submissions: Arc::default(),
            fetches: Arc::default(),
            _guard: Arc::new(guard),
        };
        keep_failures(&machine.device, &machine.info.name, &machine.failure);
        Ok(machine)
    }

    /// Returns the properties of the adapter.
    pub fn info(&self) -> &AdapterInfo {
        &self.info
    }

    /// The same, no wait for which is longer than this; otherwise it is two minutes.
    #[doc(hidden)]
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Machine {
        Machine { timeout, ..self }
    }

    /// The same, whose kernels keep to their memory and end their loops even where they are wrong, as far as the
    /// driver does not see to that anyway: with checks that make some drivers a hundred times slower. For tests.
    #[doc(hidden)]
    #[must_use]
    pub fn checked(self) -> Machine {
        Machine {
            checked: true,
            ..self
        }
    }

    /// Hands over what was recorded: the only way there is.
    pub(super) fn submit(&self, encoder: wgpu::CommandEncoder) -> wgpu::SubmissionIndex {
        self.submissions.fetch_add(1, Ordering::Relaxed);
        self.queue.submit([encoder.finish()])
    }

    /// How often something was handed over, by all clones.
    #[doc(hidden)]
    pub fn submissions(&self) -> u64 {
        self.submissions.load(Ordering::Relaxed)
    }

    /// Fetches what was copied to a buffer: the only way there is. `on_complete` is called when it is there.
    pub(super) fn fetch(
        &self,
        buffer: &wgpu::Buffer,
        on_complete: impl FnOnce(Result<(), wgpu::BufferAsyncError>) + Send + 'static,
    ) {
        self.fetches.fetch_add(1, Ordering::Relaxed);
        buffer.map_async(wgpu::MapMode::Read, .., on_complete);
    }

    /// How often numbers were fetched, by all clones.
    #[doc(hidden)]
    pub fn fetches(&self) -> u64 {
        self.fetches.load(Ordering::Relaxed)
    }

    /// Has the device fail for good, as when its driver gives up. For tests.
    #[doc(hidden)]
    pub fn destroy(&self) {
        self.device.destroy();
    }

    /// Returns the first error so far.
    pub(super) fn check_error(&self) -> Result<(), ExecError> {
        locked(&self.failure).clone().map_or(Ok(()), Err)
    }

    /// Keeps an error: nothing is asked of the device any more.
    fn fail(&self, error: ExecError) -> ExecError {
        locked(&self.failure).get_or_insert(error).clone()
    }

    /// Waits until a submission, or all of them, are done.
    pub(super) fn wait(&self, submission: Option<wgpu::SubmissionIndex>) -> Result<(), ExecError> {
        self.check_error()?;
        self.poll_device(wgpu::PollType::Wait {
            submission_index: submission,
            timeout: Some(self.timeout),
        })
    }

    /// Lets callbacks of finished work run, without waiting.
    pub(super) fn poll(&self) -> Result<(), ExecError> {
        self.poll_device(wgpu::PollType::Poll)
    }

    fn poll_device(&self, how: wgpu::PollType) -> Result<(), ExecError> {
        self.result_of(polled(&self.device, how))
    }

    /// The result of polling the device; keeps an error for good.
    fn result_of(
        &self,
        answer: Result<Result<wgpu::PollStatus, wgpu::PollError>, String>,
    ) -> Result<(), ExecError> {
        self.check_error()?;
        match answer {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(wgpu::PollError::Timeout)) => Err(self.fail(ExecError::Late {
                device: self.info.name.clone(),
                seconds: self.timeout.as_secs(),
            })),
            Ok(Err(error)) => {
                // of work that was not taken since the device is lost, another look tells
                let _ = polled(&self.device, wgpu::PollType::Poll);
                self.check_error()?;
                Err(self.refused(&error.to_string()))
            }
            Err(reason) => Err(self.fail(ExecError::Lost {
                device: self.info.name.clone(),
                reason,
            })),
        }
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
        self.check_error()?;
        match memory.or(valid) {
            Some(_) => Err(self.out_of_memory(size)),
            None => Ok(buffer),
        }
    }

    /// Whether a buffer of so many words may be asked for.
    pub(super) fn fits(&self, words: usize) -> Result<(), ExecError> {
        let size = 4 * words as u64;
        if size > self.info.largest_buffer {
            Err(self.out_of_memory(size))
        } else {
            Ok(())
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
        let key = (kernel.clone(), self.checked);
        if let Some(pipeline) = kernels.get(&key) {
            return Ok(pipeline.clone());
        }
        let valid = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let internal = self.device.push_error_scope(wgpu::ErrorFilter::Internal);
        let module = compile(&self.device, kernel, self.checked);
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
        let internal = pollster::block_on(internal.pop());
        let valid = pollster::block_on(valid.pop());
        if let Some(error) = valid.or(internal) {
            return Err(self.refused(&format!("kernel {}: {error}", kernel.name)));
        }
        self.check_error()?;
        kernels.insert(key, pipeline.clone());
        Ok(pipeline)
    }

    pub(super) fn refused(&self, reason: &str) -> ExecError {
        ExecError::Refused {
            device: self.info.name.clone(),
            reason: one_line(reason),
        }
    }
}

#[cfg(test)]
mod tests;
