//! Fits kept in files: coefficients and the seed, from which the matrix is made again.

use super::{FactorFit, FitRow, Link, ProductFits, Stored};
use crate::operator::basis::{Basis, Given, Image, Place, Residual};
use crate::operator::{BasisSum, LinearOperator, Linked, Product};
use faer::{Mat, MatRef};
use serde::{Deserialize, Serialize};

/// Entries of the largest factor that is made again, 2 GiB: a header may say anything.
const MOST_ENTRIES: usize = 1 << 28;

/// What a file of fits says beside its coefficients.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FitHeader {
    /// Version of the bases' definition.
    pub schema_version: u32,
    /// Program and version that wrote this.
    pub program: String,
    /// Seed of the bases.
    pub seed: u64,
    /// The first term of every factor is the identity.
    pub residual: bool,
    /// Size of the images that the inputs are.
    pub image: Option<Image>,
    /// The fits, in the order of the tensors.
    pub fits: Vec<FitShape>,
}

/// The shape of one fit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FitShape {
    /// The tensor's name, after its file's where several have it; its coefficients are the arrays `name/1` … `name/p`.
    pub name: String,
    /// The factors, in the order of the product.
    pub factors: Vec<FactorFit>,
    /// How the tensor is stored; files of earlier versions do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<Stored>,
}

impl FitHeader {
    /// Of the fits that were made.
    #[must_use]
    pub fn of(fits: &ProductFits) -> FitHeader {
        let fitted = || fits.rows.iter().filter(|row| row.fit.is_some());
        let alike = |name: &str| fitted().filter(|row| row.name == name).count() > 1;
        let name = |row: &FitRow| {
            if alike(&row.name) {
                format!("{}:{}", row.file, row.name)
            } else {
                row.name.clone()
            }
        };
        let rows = fits.rows.iter();
        FitHeader {
            schema_version: fits.schema_version,
            program: fits.program.clone(),
            seed: fits.seed,
            residual: fits.settings.residual,
            image: fits.settings.image,
            fits: rows
                .filter_map(|row| {
                    Some(FitShape {
                        name: name(row),
                        factors: row.fit.as_ref()?.factors.clone(),
                        stored: row.stored.clone(),
                    })
                })
                .collect(),
        }
    }

    /// The matrix of fit `index`, the same bits on every machine: sums and products run in one order
    /// without fused operations.
    ///
    /// # Errors
    ///
    /// A sentence when the header does not describe a product, a family does not exist in a factor's
    /// shape, or the user's own matrices were needed and are not those of the fit.
    pub fn rebuild(
        &self,
        index: usize,
        coefficients: &[Vec<f64>],
        given: Option<&[Given]>,
    ) -> Result<Mat<f64>, String> {
        let shape = &self.fits[index];
        let count = shape.factors.len();
        if coefficients.len() != count || count == 0 {
            let given = coefficients.len();
            return Err(format!(
                "{count} factors with {given} arrays of coefficients"
            ));
        }
        let mut factors = Vec::new();
        for (j, (factor, a)) in shape.factors.iter().zip(coefficients).enumerate() {
            if a.len() != factor.terms {
                let (found, wanted) = (a.len(), factor.terms);
                return Err(format!(
                    "factor {} has {found} coefficients for {wanted} terms",
                    j + 1
                ));
            }
            let basis = self.basis(factor, j, count, given)?;
            let (found, wanted) = (basis.shape(), (factor.rows, factor.columns));
            if found != wanted || basis.terms() != a.len() {
                return Err(format!(
                    "factor {} was fitted with {} matrices of {wanted:?}, not {} of {found:?}",
                    j + 1,
                    a.len(),
                    basis.terms()
                ));
            }
            let values: Vec<f64> = a.iter().map(|&a| factor.link.value(a)).collect();
            factors.push(basis.combine(&values));
        }
        if let Some(j) = (1..count).find(|&j| factors[j - 1].ncols() != factors[j].nrows()) {
            return Err(format!("factors {j} and {} do not chain", j + 1));
        }
        let narrow = factors[0].nrows() < factors[count - 1].ncols();
        let product = |a: Mat<f64>, b: Mat<f64>| plain_product(a.as_ref(), b.as_ref());
        let whole = if narrow {
            factors.into_iter().reduce(product)
        } else {
            factors
                .into_iter()
                .rev()
                .reduce(|right, left| product(left, right))
        };
        Ok(whole.expect("a factor"))
    }

    /// The product as an operator, on which [`program`](crate::program) and every machine work; its
    /// parameters are the coefficients, factor by factor.
    ///
    /// # Errors
    ///
    /// As [`rebuild`](FitHeader::rebuild).
    pub fn operator(&self, index: usize, given: Option<&[Given]>) -> Result<Product, String> {
        let factors = &self.fits[index].factors;
        let one = |(j, factor): (usize, &FactorFit)| -> Result<Box<dyn LinearOperator>, String> {
            let sum = Box::new(BasisSum::new(self.basis(
                factor,
                j,
                factors.len(),
                given,
            )?));
            Ok(match factor.link {
                Link::Identity => sum,
                link => Box::new(Linked::new(sum, link.function())),
            })
        };
        let factors = factors
            .iter()
            .enumerate()
            .map(one)
            .collect::<Result<_, _>>()?;
        Ok(Product::new(factors))
    }

    fn basis(
        &self,
        factor: &FactorFit,
        j: usize,
        count: usize,
        given: Option<&[Given]>,
    ) -> Result<Box<dyn Basis>, String> {
        let size = factor.rows.checked_mul(factor.columns);
        if size.is_none_or(|size| size == 0 || size > MOST_ENTRIES) {
            return Err(format!(
                "factor {} of {} × {} is empty or has more than {MOST_ENTRIES} entries",
                j + 1,
                factor.rows,
                factor.columns
            ));
        }
        let identities = usize::from(self.residual);
        let terms = factor
            .terms
            .checked_sub(identities)
            .ok_or("a factor without terms")?;
        let rest: Box<dyn Basis> = match (factor.family, given) {
            (Some(family), _) => {
                let place = Place {
                    seed: self.seed,
                    layer: 0,
                    factor: j as u64,
                };
                let image = self.image.filter(|_| j + 1 == count);
                let shape = (factor.rows, factor.columns);
                family
                    .build(shape, terms, image, place)
                    .map_err(|error| error.to_string())?
            }
            (None, Some(given)) if j < given.len() => Box::new(given[j].clone()),
            (None, _) => {
                return Err("was fitted with matrices of its own; give them, too".into());
            }
        };
        Ok(if self.residual {
            Box::new(Residual::new(rest))
        } else {
            rest
        })
    }
}

/// A B, column by column, term by term.
fn plain_product(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Mat<f64> {
    let mut out = Mat::zeros(a.nrows(), b.ncols());
    for j in 0..b.ncols() {
        let column = out.col_as_slice_mut(j);
        for (k, a) in a.col_iter().enumerate() {
            let factor = b[(k, j)];
            for (x, a) in column.iter_mut().zip(a.iter()) {
                *x += a * factor;
            }
        }
    }
    out
}
