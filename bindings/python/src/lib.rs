//! The extension module of the Python package `spectra_weights`: what must be done in Rust, and nothing of how it looks in Python.

mod arrow;
mod compute;
mod dlpack;
mod elements;
mod error;
mod fit;
mod interface;
mod law;
mod member;
mod memory;
mod outcome;
mod pool;
mod programs;
mod svdvals;
mod values;
mod view;

use pyo3::prelude::*;

#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use super::error::{Error, InternalError};
    #[pymodule_export]
    use super::fit::Fit;
    #[pymodule_export]
    use super::law::law;
    #[pymodule_export]
    use super::member::member;
    #[pymodule_export]
    use super::outcome::{Outcome, run};
    #[pymodule_export]
    use super::programs::main;
    #[pymodule_export]
    use super::svdvals::svdvals;

    #[pymodule_init]
    fn init(module: &super::Bound<'_, super::PyModule>) -> super::PyResult<()> {
        use super::PyModuleMethods;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
