//! Findings of a run that chance alone would make.

use super::{Correction, Layer, Settings, VerdictKind};

/// Takes back the spikes of layers whose p-value is not among those that Benjamini and Hochberg's
/// procedure (1995) accepts at `level`, over all layers with a random bulk: they are called noise, and
/// the text says why.
pub(super) fn benjamini_hochberg(layers: &mut [Layer], level: f64) {
    let mut p_values: Vec<f64> = layers.iter().filter_map(tested).collect();
    p_values.sort_unstable_by(f64::total_cmp);
    let count = p_values.len();
    let accepted = (1..=count).rfind(|&i| p_values[i - 1] <= level * i as f64 / count as f64);
    let limit = accepted.map_or(0.0, |i| p_values[i - 1]);
    for layer in layers {
        let Some(p) = tested(layer) else { continue };
        let verdict = &mut layer
            .finding
            .spectrum
            .as_mut()
            .expect("a tested layer")
            .verdict;
        if verdict.kind == VerdictKind::Spikes && p > limit {
            verdict.kind = VerdictKind::Noise;
            verdict.text = format!(
                "like noise among {count} layers (p {p:.2}): {}",
                verdict.text
            );
        }
    }
}

/// How many of the layers said to have spikes chance alone is expected to make.
pub(super) fn expected_by_chance(layers: &[Layer], settings: &Settings) -> f64 {
    let tested = layers.iter().filter(|layer| tested(layer).is_some());
    let count = match settings.correction {
        Correction::None => tested.count(),
        Correction::Bh => tested.filter(|layer| has_spikes(layer)).count(),
    };
    settings.significance * count as f64
}

/// The p-value of a layer with a random bulk.
fn tested(layer: &Layer) -> Option<f64> {
    let verdict = &layer.spectrum.as_ref()?.verdict;
    let random = matches!(verdict.kind, VerdictKind::Noise | VerdictKind::Spikes);
    verdict.p_value.filter(|_| random)
}

fn has_spikes(layer: &Layer) -> bool {
    let spectrum = layer.spectrum.as_ref();
    spectrum.is_some_and(|s| s.verdict.kind == VerdictKind::Spikes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::{Analyzed, LayerSpectrum, Verdict};
    use crate::weights::Status;

    fn layer(kind: VerdictKind, p_value: Option<f64>) -> Layer {
        let verdict = Verdict {
            kind,
            text: "1 spike above a random bulk".into(),
            p_value,
        };
        Layer {
            name: String::new(),
            file: String::new(),
            status: Status::Analyzed,
            reason: None,
            dtype: String::new(),
            shape: Vec::new(),
            view: None,
            notes: Vec::new(),
            finding: Analyzed {
                spectrum: Some(LayerSpectrum {
                    verdict,
                    ..LayerSpectrum::default()
                }),
                ..Analyzed::default()
            },
        }
    }

    /// The procedure by hand for p = 0.001, 0.008, 0.011, 0.9 at 1 %: limits 0.0025, 0.005, 0.0075, 0.01.
    /// Catches a step-down, or layers without a p-value that are counted.
    #[test]
    fn only_what_stands_out_among_all_is_kept() {
        use VerdictKind::*;
        let mut layers = vec![
            layer(Spikes, Some(0.008)),
            layer(Spikes, Some(0.001)),
            layer(NoBulk, None),
            layer(Noise, Some(0.9)),
            layer(Spikes, Some(0.0099)),
        ];
        let mut settings = Settings::default();
        assert_eq!(expected_by_chance(&layers, &settings), 0.04);
        benjamini_hochberg(&mut layers, 0.01);
        settings.correction = Correction::Bh;
        assert_eq!(expected_by_chance(&layers, &settings), 0.01);
        let kinds: Vec<_> = layers
            .iter()
            .map(|l| l.spectrum.as_ref().unwrap().verdict.kind)
            .collect();
        assert_eq!(kinds, [Noise, Spikes, NoBulk, Noise, Noise]);
        // A later one that passes its limit takes the earlier ones along.
        let mut layers: Vec<_> = [0.004, 0.006, 0.007, 0.0075]
            .map(|p| layer(Spikes, Some(p)))
            .into();
        benjamini_hochberg(&mut layers, 0.01);
        assert!(
            layers
                .iter()
                .all(|l| l.spectrum.as_ref().unwrap().verdict.kind == Spikes)
        );
    }
}
