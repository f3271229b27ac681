//! Computations beside the interpreter: it goes on with other threads, and Ctrl-C is heard.

use crate::error::of_panic;
use crate::pool::pool;
use pyo3::prelude::*;
use spectra::cli::Observer;
use spectra::survey::Progress;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// Time between two looks at whether a signal came.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Says whether a computation is to end.
#[derive(Default)]
pub struct Watch {
    is_ended: AtomicBool,
}

impl Watch {
    /// Returns whether the computation is to end.
    pub fn is_ended(&self) -> bool {
        self.is_ended.load(Ordering::Relaxed)
    }
}

impl Observer for Watch {
    fn begin(&self, _remark: Option<&str>) {}

    fn show(&self, _progress: Progress<'_>) -> bool {
        !self.is_ended.load(Ordering::Relaxed)
    }
}

/// Does `work` on the threads of the pool while this one is detached from the interpreter and looks for signals.
///
/// # Errors
///
/// The exception that a signal's handler raised, after the work has ended early; [`InternalError`](crate::error::InternalError) where
/// it panicked.
pub fn compute<T: Send>(py: Python<'_>, work: impl FnOnce(&Watch) -> T + Send) -> PyResult<T> {
    let watch = Watch::default();
    py.detach(|| {
        thread::scope(|scope| {
            let (done, is_done) = channel::<()>();
            let watch = &watch;
            let worker = scope.spawn(move || {
                // Dropped at the end of the work, also of one that panics.
                let _done = done;
                pool().install(|| work(watch))
            });
            let mut raised = None;
            while is_done.recv_timeout(BETWEEN_LOOKS) == Err(RecvTimeoutError::Timeout) {
                let signals = Python::attach(|py| py.check_signals());
                if let Err(error) = signals {
                    watch.is_ended.store(true, Ordering::Relaxed);
                    raised.get_or_insert(error);
                }
            }
            let result = worker.join();
            match (raised, result) {
                (Some(error), _) => Err(error),
                (None, Err(payload)) => Err(of_panic(&*payload)),
                (None, Ok(result)) => Ok(result),
            }
        })
    })
}
