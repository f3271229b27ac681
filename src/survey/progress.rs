//! How far a run is.

use std::sync::atomic::{AtomicBool, Ordering};

/// Which part of the work is at hand.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// Entries of the matrices that are done, those of one in parts.
    pub done: u64,
    /// Entries of all matrices.
    pub total: u64,
    /// The tensor at hand.
    pub tensor: &'a str,
    /// What is done with it, where that takes steps; else empty.
    pub detail: &'a str,
}

/// Passes progress on, from any thread, and keeps whether something is left undone.
pub(super) struct Listener<'a> {
    observe: &'a (dyn Fn(Progress<'_>) -> bool + Sync),
    total: u64,
    is_stopped: AtomicBool,
}

impl<'a> Listener<'a> {
    pub fn new(total: u64, observe: &'a (dyn Fn(Progress<'_>) -> bool + Sync)) -> Listener<'a> {
        Listener {
            observe,
            total,
            is_stopped: AtomicBool::new(false),
        }
    }

    /// Returns whether something is left undone.
    pub fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }
}

/// Tells how far the work on one matrix is.
pub struct Meter<'a> {
    pub(super) listener: &'a Listener<'a>,
    pub(super) tensor: &'a str,
    /// Entries that were done before this matrix.
    pub(super) before: u64,
    /// Entries of this matrix.
    pub(super) entries: u64,
}

impl<'a> Meter<'a> {
    pub(super) fn new(listener: &'a Listener<'a>, tensor: &'a str, before: u64) -> Meter<'a> {
        Meter {
            listener,
            tensor,
            before,
            entries: 0,
        }
    }
}

impl Meter<'_> {
    /// Tells that this share of the matrix is done, from 0 to 1.
    pub fn show(&self, share: f64) {
        self.tell(share, "");
    }

    /// Tells that this share of the matrix is done and what is at hand; `false` when the work is to end here, which leaves
    /// the run incomplete.
    #[must_use]
    pub fn goes_on(&self, share: f64, detail: &str) -> bool {
        let goes_on = self.tell(share, detail);
        if !goes_on {
            self.listener.is_stopped.store(true, Ordering::Relaxed);
        }
        goes_on
    }

    fn tell(&self, share: f64, detail: &str) -> bool {
        (self.listener.observe)(Progress {
            done: self.before + (share * self.entries as f64) as u64,
            total: self.listener.total,
            tensor: self.tensor,
            detail,
        })
    }
}
