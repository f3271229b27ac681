//! Laws of random-matrix theory, number by number.

use crate::elements::doubles;
use crate::error::Error;
use crate::pool::pool;
use crate::values::Values;
use crate::view::{Family, View};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use rayon::prelude::*;
use spectra::spectrum::{MarchenkoPastur, TracyWidom};
use spectra::weights::Dtype;
use statrs::distribution::{Continuous, ContinuousCDF};

/// Numbers from which several threads work on them.
const MANY: usize = 256;

/// A law.
enum Law {
    MarchenkoPastur(MarchenkoPastur),
    TracyWidom,
}

impl Law {
    fn apply<L: Continuous<f64, f64> + ContinuousCDF<f64, f64>>(
        law: &L,
        function: &str,
    ) -> Option<fn(&L, f64) -> f64> {
        let _ = law;
        Some(match function {
            "pdf" => |law, x| law.pdf(x),
            "logpdf" => |law, x| law.ln_pdf(x),
            "cdf" => |law, x| law.cdf(x),
            "sf" => |law, x| law.sf(x),
            "ppf" => |law, p| law.inverse_cdf(p),
            "isf" => inverse_sf,
            _ => return None,
        })
    }

    fn values(&self, function: &str, x: &[f64]) -> Option<Vec<f64>> {
        Some(match self {
            Law::MarchenkoPastur(law) => {
                let f = Law::apply(law, function)?;
                mapped(x, |x| f(law, x))
            }
            Law::TracyWidom => {
                let f = Law::apply(&TracyWidom, function)?;
                mapped(x, |x| f(&TracyWidom, x))
            }
        })
    }
}

/// Returns the x at which the chance of a value above it is `p`, to rounding also where `1 - p` is 1; NaN for `p` outside [0, 1].
fn inverse_sf<L: ContinuousCDF<f64, f64>>(law: &L, p: f64) -> f64 {
    if p == 0.0 || !(0.0..0.5).contains(&p) {
        return law.inverse_cdf(1.0 - p);
    }
    let (mut low, mut high) = (law.inverse_cdf(0.5), law.max());
    if high.is_infinite() {
        let mut step = 1.0;
        while law.sf(low + step) > p {
            step *= 2.0;
        }
        high = low + step;
    }
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        if law.sf(middle) > p {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// Returns `f` of every number.
fn mapped(x: &[f64], f: impl Fn(f64) -> f64 + Sync) -> Vec<f64> {
    if x.len() < MANY {
        x.iter().map(|&x| f(x)).collect()
    } else {
        pool().install(|| x.par_iter().map(|&x| f(x)).collect())
    }
}

/// Returns a function of a law at every number of an array, or at a number.
///
/// The law is Marchenko and Pastur's where there is a ratio m/n of rows to columns, with a variance of the entries; else that of
/// Tracy and Widom, of order one.
#[pyfunction]
#[pyo3(signature = (function, x, ratio=None, variance=1.0))]
pub fn law<'py>(
    py: Python<'py>,
    function: &str,
    x: &Bound<'py, PyAny>,
    ratio: Option<f64>,
    variance: f64,
) -> PyResult<Bound<'py, PyAny>> {
    let law = match ratio {
        Some(ratio) => MarchenkoPastur::new(ratio, variance)
            .map(Law::MarchenkoPastur)
            .map_err(|error| Error::new_err(error.to_string()))?,
        None => Law::TracyWidom,
    };
    let unknown = || Error::new_err("pdf, logpdf, cdf, sf, ppf and isf are the functions");
    let Some(family) = Family::of(x)? else {
        let x: f64 = x.extract()?;
        let values = law.values(function, &[x]).ok_or_else(unknown)?;
        return values[0].into_bound_py_any(py);
    };
    let view = View::of(x)?;
    if view.dtype != Dtype::F64 {
        return Err(PyTypeError::new_err(
            "numbers of 64 bits are needed, as a copy by x.astype('float64') or x.double() has",
        ));
    }
    let values = py.detach(|| law.values(function, &doubles(&view)));
    let values = values.ok_or_else(unknown)?;
    if view.shape.is_empty() {
        return values[0].into_bound_py_any(py);
    }
    Values::F64(values).into_array(py, &view.shape, family)
}
