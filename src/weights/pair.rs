//! Weights that are stored as several tensors.

use std::collections::HashMap;

use super::escape::escape;
use super::kind::Kind;
use super::tensor::TensorInfo;

/// The other tensors of a weight, by their indices in the same source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Partner {
    /// The norms g of a weight g · v / |v|, one for each place along `axis` or one for all
    /// (`torch.nn.utils.weight_norm` and its parametrization).
    Norms { index: usize, axis: Option<usize> },
    /// The mask of a pruned weight w · mask (`torch.nn.utils.prune`).
    Mask { index: usize },
    /// The singular vectors u and v by which spectral normalisation divides: w / (uᵀ W v), where the rows of W are the
    /// places along `axis` (`torch.nn.utils.spectral_norm` and its parametrization).
    Vectors { u: usize, v: usize, axis: usize },
}

/// Ends of the names of a direction v and its norms g.
const NORMS: [(&str, &str); 2] = [("_v", "_g"), (".original1", ".original0")];

/// Ends of the names of a weight and its mask.
const MASK: (&str, &str) = ("_orig", "_mask");

/// Ends of the names of a weight and its singular vectors.
const VECTORS: [[&str; 3]; 2] = [["_orig", "_u", "_v"], [".original", ".0._u", ".0._v"]];

/// Part of the names under which PyTorch keeps what it computes a weight from.
const PARAMETRIZATIONS: &str = "parametrizations.";

/// Joins the tensors that make a weight together: one gets a partner and a note, the others are no weight by themselves.
pub(super) fn mark(tensors: &mut [TensorInfo]) {
    for (index, partner) in pairs(tensors) {
        let (words, kind) = match partner {
            Partner::Norms { .. } => ("g · v / |v|", Kind::Factor),
            Partner::Mask { .. } => ("the weight times its mask", Kind::Mask),
            Partner::Vectors { .. } => ("the weight over its spectral norm uᵀ W v", Kind::Factor),
        };
        let mut names = Vec::new();
        for other in partner.indices() {
            let info = &mut tensors[other];
            info.kind = kind;
            let name = escape(&info.name);
            let unreadable = info.unreadable.as_ref().map(|reason| {
                format!("'{name}', without which it is no weight, cannot be read: {reason}")
            });
            names.push(format!("'{name}'"));
            let info = &mut tensors[index];
            info.unreadable = info.unreadable.take().or(unreadable);
        }
        let info = &mut tensors[index];
        let names = names.join(" and ");
        info.notes.push(format!("read as {words}, with {names}"));
        info.partner = Some(partner);
    }
    for info in tensors.iter_mut().filter(|info| info.partner.is_none()) {
        let is_parameter = info.name.contains(PARAMETRIZATIONS)
            && (info.name.rsplit('.').next()).is_some_and(|last| last.starts_with("original"));
        if is_parameter && info.kind == Kind::Weight {
            info.notes.push(
                "as it is before its parametrization, by which the network changes it; \
                 torch.nn.utils.parametrize.remove_parametrizations stores what it uses"
                    .into(),
            );
        }
    }
}

/// Returns the name of the weight that the tensor `name` makes with its partner.
fn joined_name(name: &str) -> String {
    for end in [NORMS[0].0, MASK.0] {
        if let Some(stem) = name.strip_suffix(end) {
            return stem.to_owned();
        }
    }
    let ends = [NORMS[1].0, VECTORS[1][0]];
    let stem = ends.iter().find_map(|end| name.strip_suffix(end));
    stem.unwrap_or(name).replacen(PARAMETRIZATIONS, "", 1)
}

impl TensorInfo {
    /// Returns the name under which a module has the weight once it is whole: `weight` for `weight_v` with `weight_g`.
    pub fn weight_name(&self) -> String {
        match self.partner {
            Some(_) => joined_name(&self.name),
            None => self.name.clone(),
        }
    }
}

fn pairs(tensors: &[TensorInfo]) -> Vec<(usize, Partner)> {
    let names: HashMap<&str, usize> = (tensors.iter().enumerate())
        .map(|(index, info)| (info.name.as_str(), index))
        .collect();
    let other = |name: &str, (end, other): (&str, &str)| {
        let stem = name.strip_suffix(end)?;
        names.get(format!("{stem}{other}").as_str()).copied()
    };
    let mut pairs = Vec::new();
    for (number, info) in tensors.iter().enumerate() {
        let norms = NORMS.iter().find_map(|&ends| {
            // Numbers change by this: `query_v` beside `query_g` is no weight norm.
            let last = info.name.rsplit('.').next().unwrap_or_default();
            if ends == NORMS[0] && !last.starts_with("weight") {
                return None;
            }
            let index = other(&info.name, ends)?;
            let axis = norm_axis(&info.shape, &tensors[index].shape)?;
            Some(Partner::Norms { index, axis })
        });
        let mask = || {
            let index = other(&info.name, MASK)?;
            (info.shape == tensors[index].shape).then_some(Partner::Mask { index })
        };
        let vectors = || {
            VECTORS.iter().find_map(|&[end, u, v]| {
                let (u, v) = (other(&info.name, (end, u))?, other(&info.name, (end, v))?);
                // Another parametrization behind this one would change the weight once more.
                let second = format!("{}.1.", info.name.strip_suffix(end)?);
                if end == VECTORS[1][0] && names.keys().any(|name| name.starts_with(&second)) {
                    return None;
                }
                let axis = vector_axis(&info.shape, &tensors[u].shape, &tensors[v].shape)?;
                Some(Partner::Vectors { u, v, axis })
            })
        };
        let partner = norms.or_else(mask).or_else(vectors);
        pairs.extend(partner.map(|partner| (number, partner)));
    }
    pairs
}

/// Returns along which dimension of `shape` the rows lie that the singular vectors `u` and `v` belong to.
fn vector_axis(shape: &[usize], u: &[usize], v: &[usize]) -> Option<usize> {
    let (&[rows], &[columns]) = (u, v) else {
        return None;
    };
    let count = shape.iter().try_fold(1_usize, |n, &d| n.checked_mul(d))?;
    let fits = |&axis: &usize| shape[axis] == rows && rows.checked_mul(columns) == Some(count);
    (0..shape.len().min(2)).find(fits).filter(|_| count > 0)
}

/// Returns along which dimension of `shape` there is a norm for each place, `Some(None)` where there is one norm for
/// all; `None` where `norms` are not the shape of any.
fn norm_axis(shape: &[usize], norms: &[usize]) -> Option<Option<usize>> {
    if shape.len() < 2 || shape.contains(&0) || !norms.is_empty() && norms.len() != shape.len() {
        return None;
    }
    let mut lengths = norms.iter().enumerate().filter(|&(_, &length)| length != 1);
    match (lengths.next(), lengths.next()) {
        (None, _) => Some(None),
        (Some((axis, &length)), None) if length == shape[axis] => Some(Some(axis)),
        _ => None,
    }
}

impl Partner {
    /// Returns the indices of the other tensors.
    pub(super) fn indices(self) -> Vec<usize> {
        match self {
            Partner::Norms { index, .. } | Partner::Mask { index } => vec![index],
            Partner::Vectors { u, v, .. } => vec![u, v],
        }
    }

    /// Makes the weight of `data`, row by row of `shape`, and the numbers of the other tensors. Where v or the spectral
    /// norm is zero the weight is NaN, as in PyTorch.
    pub(super) fn apply(self, shape: &[usize], data: &mut [f64], others: &[Vec<f64>]) {
        let other = &others[0];
        match self {
            Partner::Mask { .. } => data.iter_mut().zip(other).for_each(|(w, mask)| *w *= mask),
            Partner::Vectors { axis, .. } => {
                let (u, v) = (other, &others[1]);
                let inner: usize = shape[axis + 1..].iter().product();
                let sum = data.chunks(inner).enumerate().map(|(run, w)| {
                    let (before, row) = (run / shape[axis], run % shape[axis]);
                    let v = &v[before * inner..][..inner];
                    u[row] * w.iter().zip(v).map(|(w, v)| w * v).sum::<f64>()
                });
                let norm: f64 = sum.sum();
                data.iter_mut().for_each(|w| *w /= norm);
            }
            Partner::Norms { axis, .. } => {
                // Neighbours along the axis are `inner` elements apart.
                let (inner, count) = match axis {
                    Some(axis) => (shape[axis + 1..].iter().product(), shape[axis]),
                    None => (data.len(), 1),
                };
                let mut squares = vec![0.0; count];
                for (run, v) in data.chunks(inner).enumerate() {
                    squares[run % count] += v.iter().map(|x| x * x).sum::<f64>();
                }
                for (run, v) in data.chunks_mut(inner).enumerate() {
                    let factor = other[run % count] / squares[run % count].sqrt();
                    v.iter_mut().for_each(|x| *x *= factor);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::dtype::Dtype;
    use crate::weights::tensor::Locator;

    /// Catches two parameters that are taken for a weight norm because of their last letters.
    #[test]
    fn other_parameters_are_no_pair() {
        let tensor = |name: &str, shape: &[usize]| {
            let nowhere = Locator::Bytes { offset: 0 };
            TensorInfo::new(name.into(), Dtype::F32, shape.to_vec(), nowhere)
        };
        let pairs_of = |v: &str, g: &str| pairs(&[tensor(v, &[4, 6]), tensor(g, &[4, 1])]).len();
        assert_eq!(pairs_of("attn.query_v", "attn.query_g"), 0);
        assert_eq!(pairs_of("fc.weight_v", "fc.weight_g"), 1);
        assert_eq!(pairs_of("rnn.weight_hh_l0_v", "rnn.weight_hh_l0_g"), 1);
        assert_eq!(pairs_of("fc.weight_v", "fc.bias_g"), 0);
    }

    /// Catches a whole weight that is handed back under the name of one of its parts.
    #[test]
    fn a_joined_weight_has_its_own_name() {
        for (name, expected) in [
            ("fc.weight_v", "fc.weight"),
            ("fc.weight_orig", "fc.weight"),
            ("net.0.parametrizations.weight.original1", "net.0.weight"),
            ("net.0.parametrizations.weight.original", "net.0.weight"),
        ] {
            assert_eq!(joined_name(name), expected);
        }
    }

    /// Catches a spectral norm along the wrong dimension, a second parametrization that is passed over, and singular
    /// vectors of another weight.
    #[test]
    fn spectral_norms_belong_to_their_dimension() {
        assert_eq!(vector_axis(&[4, 3, 2], &[4], &[6]), Some(0));
        assert_eq!(vector_axis(&[3, 4, 2], &[4], &[6]), Some(1));
        assert_eq!(vector_axis(&[4, 3, 2], &[4], &[5]), None);
        let w: Vec<f64> = (1..=12).map(f64::from).collect();
        let (u, v) = (vec![0.5, -1.0, 2.0], vec![1.0, 3.0, -2.0, 0.25]);
        // By hand, W of shape (2, 3, 2) along its middle: w[a, r, b] against u[r] v[2 a + b].
        let mut norm = 0.0;
        for (a, r, b) in (0..12).map(|n| (n / 6, n / 2 % 3, n % 2)) {
            norm += w[6 * a + 2 * r + b] * u[r] * v[2 * a + b];
        }
        let mut data = w.clone();
        Partner::Vectors {
            u: 0,
            v: 1,
            axis: 1,
        }
        .apply(&[2, 3, 2], &mut data, &[u, v]);
        for (ours, w) in data.iter().zip(w) {
            assert!((ours - w / norm).abs() <= 24.0 * f64::EPSILON * (w / norm).abs());
        }
        let tensor = |name: &str, shape: &[usize]| {
            let nowhere = Locator::Bytes { offset: 0 };
            TensorInfo::new(name.into(), Dtype::F32, shape.to_vec(), nowhere)
        };
        let mut of = vec![
            tensor("a.parametrizations.weight.original", &[4, 6]),
            tensor("a.parametrizations.weight.0._u", &[4]),
            tensor("a.parametrizations.weight.0._v", &[6]),
        ];
        assert_eq!(pairs(&of).len(), 1);
        of.push(tensor("a.parametrizations.weight.1.base", &[4, 4]));
        mark(&mut of);
        assert!(of[0].partner.is_none() && of[0].notes[0].contains("remove_parametrizations"));
    }

    /// Catches norms that are taken along the wrong dimension: a square weight of 2 × 2 fits both.
    #[test]
    fn norms_belong_to_their_dimension() {
        for (norms, expected) in [
            ([2, 1], [0.6, 0.8, 5.0 / 13.0 * 2.0, 12.0 / 13.0 * 2.0]),
            (
                [1, 2],
                [
                    3.0 / 34_f64.sqrt(),
                    4.0 / 160_f64.sqrt() * 2.0,
                    5.0 / 34_f64.sqrt(),
                    12.0 / 160_f64.sqrt() * 2.0,
                ],
            ),
        ] {
            let axis = norm_axis(&[2, 2], &norms).unwrap();
            let mut data = [3.0, 4.0, 5.0, 12.0];
            Partner::Norms { index: 0, axis }.apply(&[2, 2], &mut data, &[vec![1.0, 2.0]]);
            for (w, expected) in data.into_iter().zip(expected) {
                assert!(
                    (w - expected).abs() <= 4.0 * f64::EPSILON * expected,
                    "{w} {expected}"
                );
            }
        }
        assert_eq!(norm_axis(&[2, 2], &[]), Some(None));
        assert_eq!(norm_axis(&[2, 3], &[3, 1]), None);
        assert_eq!(norm_axis(&[2, 3], &[2, 3]), None);
    }
}
