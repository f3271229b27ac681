//! What memory a thread asks for.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, counting.
struct Counted;

thread_local! {
    static REQUESTS: Cell<usize> = const { Cell::new(0) };
    static BYTES: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        REQUESTS.set(REQUESTS.get() + 1);
        BYTES.set(BYTES.get() + layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static MEMORY: Counted = Counted;

/// How many requests and bytes this thread asks for, freed ones included.
pub fn asked<T>(work: impl FnOnce() -> T) -> (T, Asked) {
    let before = (REQUESTS.get(), BYTES.get());
    let result = work();
    let asked = Asked {
        requests: REQUESTS.get() - before.0,
        bytes: BYTES.get() - before.1,
    };
    (result, asked)
}

/// Requests for memory.
pub struct Asked {
    pub requests: usize,
    pub bytes: usize,
}
