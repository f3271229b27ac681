//! A progress bar on stderr, and lines now and then where that is no terminal.

use super::interrupt::{interrupted, listen};
use super::terminal::{complain, say};
use crate::study::StudyEvent;
use crate::survey::Progress;
use crate::weights::escape;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Time between two lines where stderr is no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(15);

/// Shows how far a run is and whether it was asked to stop.
pub(super) struct Bar {
    bar: ProgressBar,
    /// Ends the thread that writes lines.
    finished: Arc<AtomicBool>,
}

impl Bar {
    /// The first Ctrl-C ends the run after the tensor at hand, the second at once.
    pub fn new() -> Bar {
        Bar::after("ending after the tensor at hand")
    }

    /// The same for other work: what the first Ctrl-C says.
    pub fn after(said: &'static str) -> Bar {
        let bar = Bar::drawn("{bar:30} {percent:>3} %  {eta:>4}  {wide_msg}", said);
        if bar.bar.is_hidden() {
            let (state, finished) = (bar.bar.clone(), Arc::clone(&bar.finished));
            // A thread, for a single step of the work may take minutes. It ends with the process if not before.
            // Without memory for one there are no lines, and the run goes on.
            let lines = std::thread::Builder::new().name("progress".into());
            let _ = lines.spawn(move || write_lines(&state, &finished));
        }
        bar
    }

    fn drawn(template: &str, said: &'static str) -> Bar {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template(template);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        listen(said);
        Bar {
            bar,
            finished: Arc::default(),
        }
    }

    /// Shows the state; `false` when the run is to end.
    pub fn show(&self, progress: Progress<'_>) -> bool {
        self.bar.set_length(progress.total);
        self.bar.set_position(progress.done);
        let message = match progress.detail {
            "" => progress.tensor.to_owned(),
            detail => format!("{} {detail}", progress.tensor),
        };
        self.bar.set_message(message);
        !self.interrupted()
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.finished.store(true, Ordering::Relaxed);
        self.bar.finish_and_clear();
    }

    /// Whether the process was asked to end.
    pub fn interrupted(&self) -> bool {
        interrupted()
    }
}

/// Writes how far the work is as a line now and then, until it is finished. A log that cannot be written stops no run.
fn write_lines(bar: &ProgressBar, finished: &AtomicBool) {
    let start = Instant::now();
    let mut last = start;
    loop {
        std::thread::sleep(Duration::from_millis(500));
        if finished.load(Ordering::Relaxed) {
            return;
        }
        if is_due(&mut last, Instant::now()) {
            let (done, all) = (bar.position(), bar.length().unwrap_or(0));
            let percent = 100.0 * done as f64 / all.max(1) as f64;
            let (message, seconds) = (escape(&bar.message()), start.elapsed().as_secs());
            say(&format!(
                "spectra: {percent:.0} % after {seconds} s  {message}"
            ));
        }
    }
}

/// Whether a line is due; if so, the time of the last one becomes `now`.
fn is_due(last: &mut Instant, now: Instant) -> bool {
    let due = now.duration_since(*last) >= BETWEEN_LINES;
    if due {
        *last = now;
    }
    due
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

    /// Whether the process was asked to end.
    pub fn interrupted(&self) -> bool {
        self.bar.interrupted()
    }
}

/// The same for the runs of a study, side by side.
pub(super) struct StudyBar {
    bar: Bar,
    /// Runs to be made, and those that are.
    runs: [AtomicUsize; 2],
}

impl StudyBar {
    /// The first Ctrl-C ends the runs under way after a checkpoint, the second at once.
    pub fn new() -> StudyBar {
        StudyBar {
            bar: Bar::after("writing checkpoints"),
            runs: Default::default(),
        }
    }

    /// Shows what happens; `false` when the study is to end.
    pub fn hear(&self, event: StudyEvent<'_>) -> bool {
        let bar = &self.bar.bar;
        let [all, ended] = &self.runs;
        match event {
            StudyEvent::Begun { runs, kept, steps } => {
                all.store(runs, Ordering::Relaxed);
                ended.store(0, Ordering::Relaxed);
                bar.set_length(steps);
                bar.set_position(0);
                bar.reset_eta();
                if kept > 0 && runs > 0 {
                    let line = format!("{kept} runs are kept, {runs} are to be made");
                    bar.suspend(|| say(&line));
                }
            }
            StudyEvent::Step { made } => bar.set_position(made),
            StudyEvent::Measuring { taken, measures } => {
                bar.set_length(measures as u64);
                bar.set_position(taken as u64);
                bar.set_message(format!("measuring, {taken} of {measures}"));
                return !self.bar.interrupted();
            }
            StudyEvent::Ended { run, failure } => {
                ended.fetch_add(1, Ordering::Relaxed);
                if let Some(failure) = failure {
                    let (run, failure) = (escape(run), escape(failure));
                    bar.suspend(|| complain(&format!("{run}: {failure}")));
                }
            }
        }
        let (ended, all) = (ended.load(Ordering::Relaxed), all.load(Ordering::Relaxed));
        bar.set_message(format!("{ended} of {all} runs"));
        !self.bar.interrupted()
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish();
    }

    /// Whether the process was asked to end.
    pub fn interrupted(&self) -> bool {
        self.bar.interrupted()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Catches a log that is flooded, and one that stays silent: short runs write no line, long ones one in
    /// every interval however often they report.
    #[test]
    fn lines_come_now_and_then() {
        let start = Instant::now();
        let mut last = start;
        let tenths = (0..1000).map(|tenth| start + BETWEEN_LINES * tenth / 100);
        let due: Vec<bool> = tenths.map(|now| is_due(&mut last, now)).collect();
        assert!(due[..100].iter().all(|due| !due));
        assert_eq!(due.iter().filter(|due| **due).count(), 9);
    }
}
