//! Matrices and inputs as they lie in the user's files.

use crate::operator::basis::Given;
use crate::weights::{NonFinite, Source};
use faer::{Mat, MatRef};

/// The matrices of arrays (K, rows, columns) named `M1` … `Mp`, in order.
///
/// # Errors
///
/// A sentence that names the array that is missing, or is none, or is not finite.
pub fn given_bases(source: &Source) -> Result<Vec<Given>, String> {
    let named = |j: usize| {
        let tensors = source.tensors().iter();
        tensors.enumerate().find(|(_, t)| t.name == format!("M{j}"))
    };
    let mut bases = Vec::new();
    for j in 1.. {
        let Some((index, info)) = named(j) else { break };
        let &[terms, rows, columns] = info.shape.as_slice() else {
            return Err(format!(
                "M{j} has the shape {:?}; (terms, rows, columns) is needed",
                info.shape
            ));
        };
        if terms * rows * columns == 0 {
            return Err(format!(
                "M{j} has the shape {:?} and so no entries",
                info.shape
            ));
        }
        let tensor = source.read(index).map_err(|error| error.to_string())?;
        if NonFinite::find(&tensor.data).is_some() {
            return Err(format!("M{j} has entries that are NaN or infinite"));
        }
        bases.push(Given::new(rows, columns, tensor.data));
    }
    let numbered = |name: &str| {
        name.strip_prefix('M')
            .is_some_and(|j| j.parse::<usize>().is_ok())
    };
    let all = source
        .tensors()
        .iter()
        .filter(|t| numbered(&t.name))
        .count();
    if !bases.is_empty() && all > bases.len() {
        return Err(format!(
            "has {all} arrays M, but none called M{}",
            bases.len() + 1
        ));
    }
    if bases.is_empty() {
        return Err(
            "holds no array M1; a basis has arrays M1 … Mp, each (terms, rows, columns)".into(),
        );
    }
    Ok(bases)
}

/// The only matrix of a file of inputs, samples by numbers.
///
/// # Errors
///
/// A sentence.
pub fn input_matrix(source: &Source) -> Result<Mat<f64>, String> {
    let [info] = source.tensors() else {
        return Err(format!(
            "holds {} arrays; inputs are one, (samples, numbers)",
            source.tensors().len()
        ));
    };
    let &[samples, numbers] = info.shape.as_slice() else {
        return Err(format!(
            "has the shape {:?}; (samples, numbers) is needed",
            info.shape
        ));
    };
    let tensor = source.read(0).map_err(|error| error.to_string())?;
    if tensor.data.iter().any(|x| !x.is_finite()) {
        return Err("has entries that are NaN or infinite".into());
    }
    Ok(MatRef::from_row_major_slice(&tensor.data, samples, numbers).to_owned())
}
