//! Waits for a device and its driver, each of which has a limit.

use crate::program::ExecError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

/// Longest wait for the device.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);

/// The last of all clones lets go of the device.
#[derive(Debug)]
pub(super) struct Last {
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
    pub failure: Arc<Mutex<Option<ExecError>>>,
}

impl Drop for Last {
    fn drop(&mut self) {
        // a queue that is dropped waits without a limit for what it was given: one that hangs is left as it is
        let late = matches!(*locked(&self.failure), Some(ExecError::Late { .. }));
        let all = wgpu::PollType::Wait {
            submission_index: None,
            timeout: Some(PATIENCE),
        };
        let hangs = late || matches!(polled(&self.device, all), Ok(Err(wgpu::PollError::Timeout)));
        if hangs {
            std::mem::forget((self.device.clone(), self.queue.clone()));
        }
    }
}

/// What a device says when it is asked how far it is; the reason if it is lost: of that wgpu tells by a panic.
pub(super) fn polled(
    device: &wgpu::Device,
    how: wgpu::PollType,
) -> Result<Result<wgpu::PollStatus, wgpu::PollError>, String> {
    catch_unwind(AssertUnwindSafe(|| device.poll(how))).map_err(|panic| {
        let text = panic.downcast_ref::<String>();
        text.map_or_else(|| "its driver failed".to_owned(), |text| one_line(text))
    })
}

/// What `work` gives, if it is done in time: a driver that hangs keeps a thread, not the program.
pub(super) fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (done, result) = mpsc::channel();
    std::thread::spawn(move || done.send(work()));
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
