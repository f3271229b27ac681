//! Why rows of an analysis were skipped, as kinds that can be counted.

use super::{Layer, SkipKind, Skipped};
use crate::weights::{Kind, Status};

/// Skipped rows by their kind of reason.
pub(super) fn skipped(layers: &[Layer]) -> Vec<Skipped> {
    use SkipKind::*;
    let of = |kind| {
        layers
            .iter()
            .filter(|layer| skip_kind(layer) == Some(kind))
            .count()
    };
    let all = [Vector, Scalar, Alias, Small, Empty, NotWeight, Other].map(|kind| Skipped {
        kind,
        tensors: of(kind),
    });
    all.into_iter()
        .filter(|skipped| skipped.tensors > 0)
        .collect()
}

/// Why a row was skipped, by the sentence that it has; `None` for others.
pub(super) fn skip_kind(layer: &Layer) -> Option<SkipKind> {
    let reason = layer.reason.as_deref().unwrap_or_default();
    (layer.status == Status::Skipped).then(|| {
        if reason.starts_with("a vector") {
            SkipKind::Vector
        } else if reason.starts_with("a scalar") {
            SkipKind::Scalar
        } else if reason.starts_with("the same numbers as") {
            SkipKind::Alias
        } else if reason.contains("smaller than the least dimension") {
            SkipKind::Small
        } else if reason.starts_with("empty") {
            SkipKind::Empty
        } else if Kind::LEFT_OUT
            .iter()
            .any(|kind| kind.reason() == Some(reason))
        {
            SkipKind::NotWeight
        } else {
            SkipKind::Other
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::Analyzed;
    use crate::weights::{ViewRules, matrix_view};

    fn skipped_row(shape: &[usize], reason: &str) -> Layer {
        Layer {
            name: "x".to_owned(),
            file: "model".to_owned(),
            status: Status::Skipped,
            reason: Some(reason.to_owned()),
            dtype: "F32".to_owned(),
            shape: shape.to_vec(),
            view: None,
            notes: vec![],
            finding: Analyzed::default(),
        }
    }

    /// Catches states and masks that are counted among other reasons, and so as parameters of the model.
    #[test]
    fn what_is_no_weight_is_counted_as_such() {
        for kind in Kind::LEFT_OUT {
            let layer = skipped_row(&[4, 4], kind.reason().unwrap());
            assert_eq!(skip_kind(&layer), Some(SkipKind::NotWeight), "{kind:?}");
        }
        assert_eq!(Kind::Weight.reason(), None);
    }

    /// Catches sentences of the readers that are counted as other reasons than theirs.
    #[test]
    fn reasons_have_their_kinds() {
        for (shape, kind) in [
            (&[][..], SkipKind::Scalar),
            (&[7], SkipKind::Vector),
            (&[1, 7], SkipKind::Small),
            (&[3, 0], SkipKind::Empty),
            (&[2, 2, 2, 2, 2, 2], SkipKind::Other),
        ] {
            let layer = skipped_row(
                shape,
                &matrix_view(shape, &ViewRules::default()).unwrap_err(),
            );
            assert_eq!(skip_kind(&layer), Some(kind), "{shape:?}");
            let failed = Layer {
                status: Status::Failed,
                ..layer
            };
            assert_eq!(skip_kind(&failed), None);
        }
    }
}
