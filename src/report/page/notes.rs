//! Remarks on a layer, in sentences.

use crate::report::format::digits;
use crate::report::text::{shown_p, shown_sentence};
use crate::spectrum::{LawComparison, Layer};

/// Spikes named.
const SPIKES: usize = 10;

/// Returns why a layer has no result, its notes, its spikes, and why it has no density.
pub(super) fn notes(layer: &Layer) -> Vec<String> {
    let said = layer.reason.iter().chain(&layer.notes);
    let mut notes: Vec<String> = said.map(|text| shown_sentence(text)).collect();
    let Some(s) = &layer.spectrum else {
        return notes;
    };
    let bulk = s.fitted_bulk.as_ref();
    notes.extend(
        bulk.filter(|bulk| !bulk.spike_list.is_empty())
            .map(spike_list),
    );
    match s.singular_values.as_deref() {
        None => notes.push("The singular values were left out by request.".to_owned()),
        Some([first, .., last]) if first > last => {}
        Some(_) => {
            notes.push("All singular values are equal: there is no density to draw.".to_owned())
        }
    }
    notes
}

fn spike_list(bulk: &LawComparison) -> String {
    let named = bulk.spike_list.iter().take(SPIKES);
    let each = named.map(|spike| {
        let value = digits(spike.singular_value, 4);
        match spike.p_value {
            0.0 => value,
            p => format!("{value} (p {})", shown_p(p, 0)),
        }
    });
    let list = each.collect::<Vec<_>>().join(", ");
    let more = if bulk.spikes > SPIKES { ", …" } else { "." };
    let sure = if bulk
        .spike_list
        .iter()
        .take(SPIKES)
        .any(|spike| spike.p_value == 0.0)
    {
        format!(
            " Those without a p-value are beyond chance: p {}.",
            shown_p(0.0, 0)
        )
    } else {
        String::new()
    };
    format!("Spikes: {list}{more}{sure}")
}
