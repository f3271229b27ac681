//! One question asked of every matrix of some files: the run, its rows and its progress, whatever the question.
//!
//! A command implements [`Survey`]: what it reads off a tensor and what it makes of a matrix. [`survey`] does the rest:
//! it reads tensor after tensor into a safe range, keeps a row of each with the reason where there is no
//! finding, passes on how far the work is, and ends early when it is told to.

mod driver;
mod normalised;
mod progress;
mod row;
mod run;

pub use driver::{Assessment, Matrix, Stacks, Survey, survey};
pub use normalised::{Normalised, Scale};
pub use progress::{Meter, Progress};
pub use row::{Finding, Row};
pub use run::{Entry, Extra, Heading, PROGRAM, Run, warnings_of};
