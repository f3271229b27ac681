//! Commands that a reader of a training may run next.

use crate::report::page::html::section;
use crate::train::{Ended, TrainingRecord};
use maud::{Markup, html};

/// Returns the section of commands to go on with.
pub(super) fn next(record: &TrainingRecord) -> Markup {
    section(
        "next",
        "What to ask next",
        html! {
            p.reading { "In the folder of this page:" } "\n"
            dl.terms.commands { "\n"
                @for (command, words) in commands(record) {
                    div { dt { code { (command) } } dd { (words) } } "\n"
                }
            }
            "\n"
        },
    )
}

fn commands(record: &TrainingRecord) -> Vec<(&'static str, &'static str)> {
    let mut all = Vec::new();
    match record.ended {
        Ended::Finished => {}
        Ended::Interrupted => {
            all.push(("spectra train --resume .", "goes on where this run ended."))
        }
        Ended::Diverged { .. } => {
            return vec![(
                "spectra train recipe.toml --out ../NAME",
                "trains anew, once the rate in recipe.toml is lower.",
            )];
        }
    }
    all.push((
        "spectra analyze weights.safetensors",
        "holds the spectrum of every weight against random matrices: the bulk, spikes above it, tails.",
    ));
    if record.iterations > record.recipe.record.checkpoint {
        all.push((
            "spectra compare --track checkpoints/*.safetensors",
            "follows every weight from checkpoint to checkpoint, beside what chance would give.",
        ));
    }
    all.push((
        "spectra families weights.safetensors",
        "asks which structured family could hold each weight in fewer numbers.",
    ));
    all
}
