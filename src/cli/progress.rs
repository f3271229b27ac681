//! A progress bar on stderr, only on a terminal, and a clean end on Ctrl-C.

use crate::fit::product::SourceProgress;
use crate::spectrum::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Shows how far a run is and whether it was asked to stop.
pub(super) struct Bar {
    bar: ProgressBar,
    interrupted: Arc<AtomicBool>,
}

impl Bar {
    /// The first Ctrl-C ends the run after the tensor at hand, the second at once.
    pub fn new() -> Bar {
        Bar::after("ending after the tensor at hand")
    }

    /// The same for other work: what the first Ctrl-C says.
    pub fn after(said: &'static str) -> Bar {
        Bar::drawn("{bar:30} {percent:>3} %  {eta:>4}  {wide_msg}", said)
    }

    fn drawn(template: &str, said: &'static str) -> Bar {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template(template);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let interrupted = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&interrupted);
        // Without a handler Ctrl-C ends the process at once, which loses no finished file.
        let _ = ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
            eprintln!("spectra: {said}; Ctrl-C again ends at once");
        });
        Bar { bar, interrupted }
    }

    /// Shows the state; `false` when the run is to end.
    pub fn show(&self, progress: Progress<'_>) -> bool {
        self.bar.set_length(progress.total);
        self.bar.set_position(progress.done);
        self.bar.set_message(progress.tensor.to_string());
        !self.interrupted()
    }

    /// Shows how far a fit is, with its residual; `false` when the run is to end.
    pub fn show_fit(&self, progress: &SourceProgress<'_>) -> bool {
        let fit = progress.fit;
        let iterations = (fit.searches * fit.iterations) as u64;
        let before = ((fit.search - 1) * fit.iterations + fit.iteration) as u64;
        self.bar.set_length(progress.total as u64 * iterations);
        self.bar
            .set_position(progress.done as u64 * iterations + before);
        self.bar.set_message(format!(
            "{} search {} of {}, residual {:.6}",
            progress.tensor, fit.search, fit.searches, fit.residual
        ));
        !self.interrupted()
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Whether Ctrl-C was pressed.
    pub fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

/// The same for the steps of a training.
pub(super) struct StepBar {
    bar: Bar,
    /// Samples of a step.
    batch: usize,
    /// The last accuracy on test samples.
    accuracy: Cell<Option<f64>>,
}

impl StepBar {
    /// Of a training of `of` steps that goes on from step `first`. The first Ctrl-C ends it after the
    /// step at hand, the second at once.
    pub fn new(first: u64, of: u64, batch: usize) -> StepBar {
        let template = "{bar:10} {pos} of {len}  {eta} left  {wide_msg}";
        let bar = Bar::drawn(template, "writing a checkpoint");
        bar.bar.set_length(of);
        bar.bar.set_position(first);
        bar.bar.reset_eta();
        StepBar {
            bar,
            batch,
            accuracy: Cell::new(None),
        }
    }

    /// Shows a step. Samples a second are those of the last seconds, tests among them.
    pub fn show(&self, iteration: u64, loss: f64) {
        let bar = &self.bar.bar;
        let samples = bar.per_sec() * self.batch as f64;
        let tested = self.accuracy.get().map_or(String::new(), |share| {
            format!("test {:.2} %  ", 100.0 * share)
        });
        bar.set_message(format!("loss {loss:.4}  {tested}{samples:.0} samples/s"));
        bar.set_position(iteration);
    }

    /// Keeps what a test has found, to be shown.
    pub fn tested(&self, accuracy: Option<f64>) {
        self.accuracy.set(accuracy.or(self.accuracy.get()));
    }

    /// Writes something without the bar in its way.
    pub fn above<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.bar.suspend(write)
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish();
    }

    /// Whether Ctrl-C was pressed.
    pub fn interrupted(&self) -> bool {
        self.bar.interrupted()
    }
}
