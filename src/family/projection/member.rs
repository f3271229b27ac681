//! One member of a family: what it costs and how near it comes.

use faer::MatRef;

/// The nearest member of one size to a matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Numbers that are stored; indices and seeds are not among them.
    pub parameters: usize,
    /// Dimension of the set of matrices that they reach.
    pub degrees_of_freedom: usize,
    /// `‖W - Ŵ‖ / ‖W‖`, Frobenius norms; 0 for `W = 0`, which every family holds.
    pub relative_residual: f64,
    /// The size, in words.
    pub detail: String,
    /// The largest part of a single entry that the member can hold: the largest diagonal entry of the projection,
    /// 1 where one entry can be held whole.
    pub leverage: f64,
}

impl Member {
    /// Makes a member that leaves `rest` of the `energy` ‖W‖².
    pub fn new(
        parameters: usize,
        degrees_of_freedom: usize,
        rest: f64,
        energy: f64,
        detail: String,
    ) -> Member {
        let relative_residual = if energy > 0.0 {
            (rest / energy).sqrt()
        } else {
            0.0
        };
        Member {
            parameters,
            degrees_of_freedom,
            relative_residual,
            detail,
            leverage: 1.0,
        }
    }

    /// Returns the member with this leverage.
    pub fn spread(self, leverage: f64) -> Member {
        Member { leverage, ..self }
    }
}

/// The nearest of the members with at most `budget` parameters, and of equally near ones that with
/// the fewest; residuals below `rounding` are equal.
pub fn best(members: &[Member], budget: usize, rounding: f64) -> Option<&Member> {
    let affordable = members.iter().filter(|x| x.parameters <= budget);
    affordable.min_by(|a, b| {
        let left = |x: &Member| x.relative_residual.max(rounding);
        let nearer = left(a).total_cmp(&left(b));
        nearer.then(a.parameters.cmp(&b.parameters))
    })
}

/// Entries row by row.
pub(crate) fn entries(w: MatRef<'_, f64>) -> Vec<f64> {
    w.row_iter().flat_map(|row| row.iter().copied()).collect()
}
