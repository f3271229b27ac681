//! The threads that compute: those of this process, also after it was forked from one that had some.

use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of a thread's stack: as many as the first thread of a program has.
const STACK: usize = 8 << 20;

/// A pool and the process that it belongs to.
static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

/// Returns the pool of this process, whose threads are started at the first call. `RAYON_NUM_THREADS` says how many.
pub fn pool() -> Arc<ThreadPool> {
    let process = std::process::id();
    let mut held = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((owner, pool)) = &*held
        && *owner == process
    {
        return Arc::clone(pool);
    }
    let builder = ThreadPoolBuilder::new().stack_size(STACK);
    let named = builder.thread_name(|index| format!("spectra-{index}"));
    let pool = Arc::new(named.build().expect("threads that compute can be started"));
    // The threads of another process cannot be waited for: a pool that was inherited is left as it is.
    std::mem::forget(held.replace((process, Arc::clone(&pool))));
    pool
}
