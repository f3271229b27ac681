//! Weights that are stored as two tensors.

use std::collections::HashMap;

use super::escape::escape;
use super::kind::Kind;
use super::tensor::TensorInfo;

/// The other tensor of a pair, by its index in the same source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Partner {
    /// The norms g of a weight g · v / |v|, one for each place along `axis` or one for all
    /// (`torch.nn.utils.weight_norm` and its parametrization).
    Norms { index: usize, axis: Option<usize> },
    /// The mask of a pruned weight w · mask (`torch.nn.utils.prune`).
    Mask { index: usize },
}

/// Ends of the names of a direction v and its norms g.
const NORMS: [(&str, &str); 2] = [("_v", "_g"), (".original1", ".original0")];

/// Ends of the names of a weight and its mask.
const MASK: (&str, &str) = ("_orig", "_mask");

/// Joins the tensors that make a weight together: one gets a partner and a note, the other is no weight by itself.
pub(super) fn mark(tensors: &mut [TensorInfo]) {
    for (index, partner) in pairs(tensors) {
        let other = partner.index();
        let name = escape(&tensors[other].name);
        let (words, kind) = match partner {
            Partner::Norms { .. } => ("g · v / |v|", Kind::Factor),
            Partner::Mask { .. } => ("the weight times its mask", Kind::Mask),
        };
        let unreadable = tensors[other].unreadable.as_ref().map(|reason| {
            format!("'{name}', without which it is no weight, cannot be read: {reason}")
        });
        tensors[other].kind = kind;
        let info = &mut tensors[index];
        info.notes.push(format!("read as {words}, with '{name}'"));
        info.partner = Some(partner);
        info.unreadable = info.unreadable.take().or(unreadable);
    }
}

/// Returns the name of the weight that the tensor `name` makes with its partner.
fn joined_name(name: &str) -> String {
    for end in [NORMS[0].0, MASK.0] {
        if let Some(stem) = name.strip_suffix(end) {
            return stem.to_owned();
        }
    }
    let stem = name.strip_suffix(NORMS[1].0).unwrap_or(name);
    stem.replacen("parametrizations.", "", 1)
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
        pairs.extend(norms.or_else(mask).map(|partner| (number, partner)));
    }
    pairs
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
    /// Returns the index of the other tensor.
    pub(super) fn index(self) -> usize {
        match self {
            Partner::Norms { index, .. } | Partner::Mask { index } => index,
        }
    }

    /// Makes the weight of `data`, row by row of `shape`, and the numbers of the other tensor. Where v is zero the
    /// weight is NaN, as in PyTorch.
    pub(super) fn apply(self, shape: &[usize], data: &mut [f64], other: &[f64]) {
        match self {
            Partner::Mask { .. } => data.iter_mut().zip(other).for_each(|(w, mask)| *w *= mask),
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
        ] {
            assert_eq!(joined_name(name), expected);
        }
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
            Partner::Norms { index: 0, axis }.apply(&[2, 2], &mut data, &[1.0, 2.0]);
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
