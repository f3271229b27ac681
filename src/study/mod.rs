//! Studies: what is run, what is measured on it, and which published claims it bears out.
//!
//! A [`Study`] is read from a file. [`StudyPlan`] makes all its runs ready and checks them before the first begins;
//! [`Execution`] makes those that its [`Store`] does not have yet, measures them and holds the claims against them: a
//! [`StudyReport`].

mod aggregate;
mod cell;
mod check;
mod check_group;
mod choice;
mod difference;
mod done;
mod execute;
mod file;
mod gaussian;
mod key;
mod measure;
mod observe;
mod plan;
mod prepare;
mod products;
mod relation;
mod result;
mod run;
mod sets;
mod settings;
mod store;
mod table;
mod training;
mod verdict;

pub use cell::{Cell, Value, words};
pub use choice::progress;
pub use execute::{Execution, StudyEvent};
pub use file::*;
pub use key::NUMERICS;
pub use plan::{Extent, StudyPlan};
pub use result::*;
pub use sets::DataSets;
pub use store::Store;
