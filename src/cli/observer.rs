//! Who follows the work of a command.

use super::progress::Bar;
use super::terminal::note;
use crate::survey::Progress;
use std::sync::OnceLock;

/// Follows the work of a command.
pub trait Observer: Sync {
    /// Is told that all was checked and the work begins, with a remark on how it is done, if there is one.
    fn begin(&self, remark: Option<&str>);

    /// Is told how far the work is, from any thread; `false` when it is to end.
    fn show(&self, progress: Progress<'_>) -> bool;
}

/// Shows the work on the terminal.
#[derive(Default)]
pub(super) struct Screen {
    bar: OnceLock<Bar>,
}

impl Screen {
    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish();
        }
    }
}

impl Observer for Screen {
    fn begin(&self, remark: Option<&str>) {
        if let Some(remark) = remark {
            note(remark);
        }
        self.bar.get_or_init(Bar::new);
    }

    fn show(&self, progress: Progress<'_>) -> bool {
        self.bar.get_or_init(Bar::new).show(progress)
    }
}
