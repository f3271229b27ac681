//! Waits for a device and its driver, each of which has a limit, and the failures that they report.

use crate::program::ExecError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

/// Longest wait for the device.
pub(super) const TIMEOUT: Duration = Duration::from_secs(120);

/// Releases the device when the last clone is dropped.
#[derive(Debug)]
pub(super) struct DeviceGuard {
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
    pub failure: Arc<Mutex<Option<ExecError>>>,
}

impl Drop for DeviceGuard {
    fn drop(&mut self) {
        // a queue that is dropped waits without a limit for what it was given: one that hangs is left as it is
        let late = matches!(*locked(&self.failure), Some(ExecError::Late { .. }));
        let all = wgpu::PollType::Wait {
            submission_index: None,
            timeout: Some(TIMEOUT),
        };
        let hangs = late || matches!(polled(&self.device, all), Ok(Err(wgpu::PollError::Timeout)));
        if hangs {
            std::mem::forget((self.device.clone(), self.queue.clone()));
        }
    }
}

/// Keeps in `failure` the first error that no call returns.
pub(super) fn keep_failures(
    device: &wgpu::Device,
    name: &str,
    failure: &Arc<Mutex<Option<ExecError>>>,
) {
    let (own, kept) = (name.to_owned(), Arc::clone(failure));
    device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
        let device = own.clone();
        let reason = one_line(&error.to_string());
        locked(&kept).get_or_insert(ExecError::Refused { device, reason });
    }));
    let (own, kept) = (name.to_owned(), Arc::clone(failure));
    device.set_device_lost_callback(move |kind, reason| {
        let device = own.clone();
        let reason = match reason.as_str() {
            "" => format!("{kind:?}").to_lowercase(),
            _ => one_line(&reason),
        };
        locked(&kept).get_or_insert(ExecError::Lost { device, reason });
    });
}

/// Polls the device. wgpu panics when the device is lost; the panic is caught and returned as the reason.
pub(super) fn polled(
    device: &wgpu::Device,
    how: wgpu::PollType,
) -> Result<Result<wgpu::PollStatus, wgpu::PollError>, String> {
    catch_unwind(AssertUnwindSafe(|| device.poll(how))).map_err(|panic| {
        let text = panic.downcast_ref::<String>();
        text.map_or_else(|| "its driver failed".to_owned(), |text| one_line(text))
    })
}

/// Returns the result of `work` if it ends in time: a driver that hangs keeps a thread, not the program.
pub(super) fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (done, result) = mpsc::channel();
    // Where no thread can be started there is no result either.
    let _ = std::thread::Builder::new().spawn(move || done.send(work()));
    result.recv_timeout(limit).ok()
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A message of several lines as one sentence.
pub(super) fn one_line(message: &str) -> String {
    let words: Vec<&str> = message.split_whitespace().collect();
    words.join(" ")
}
