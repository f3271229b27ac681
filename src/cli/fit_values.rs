//! Values of the options of `fit-basis`, with examples.

use crate::family::terms::BasisFamily;
use crate::fit::product::{Link, Solver, Stage};
use crate::weights::escape;
use anyhow::Context;
use clap::ValueEnum;
use clap::builder::PossibleValue;

/// The end of its help, below the options.
pub(super) const EXAMPLES: &str = "\
W ≈ F₁ F₂ … F_p, F_j = Σ g(a_jk) M_jk, with matrices M_jk made from a seed and coefficients a fitted
(Wu 2018). Without a PATH the bundled classifier is fitted.

With --device a GPU makes the products of one sum of gaussian or rademacher terms that --memory
cannot hold, in single precision; the processor refines the solution by its residual in double
precision, and the result says how often and what is left of the gradient. All else is done by the
processor: sums that it can hold are solved outright, products of sums in double precision.

Examples:
  fit-basis --p 10 --k 50
  fit-basis --k 790 --basis dct --image 28x28 weights.npy
  fit-basis --p 2 --k 40 --stages 10,20 --report out
  fit-basis --p 3 --k 40 --stages 10,20 model.safetensors --tensor 'fc1.*' --out fit.safetensors
  fit-basis --p 10 --k 50 --residual weights.npy --json
  fit-basis --k 100 weights.npy --inputs activations.npy";

pub(super) fn family(name: &str) -> anyhow::Result<BasisFamily> {
    BasisFamily::from_tag(name).with_context(|| {
        let names: Vec<&str> = BasisFamily::all()
            .iter()
            .map(|family| family.name)
            .collect();
        let names = names.join(", ");
        format!(
            "--basis {}: is neither a file nor one of {names}",
            escape(name)
        )
    })
}

pub(super) fn families() -> String {
    let line = |family: &BasisFamily| format!("\n  {:<11} {}", family.name, family.about);
    let lines: String = BasisFamily::all().iter().map(line).collect();
    format!(
        "Families of the fixed matrices, one for all factors or one a factor:{lines}\nor a file (.npz, .safetensors) with arrays M1 ... Mp, each (K, rows, columns)"
    )
}

pub(super) fn stage(text: &str) -> Result<Stage, String> {
    let (name, terms) = match text.split_once(':') {
        Some((name, terms)) => (Some(name), terms),
        None => (None, text),
    };
    let terms = terms.split('/').map(str::parse).collect::<Result<_, _>>();
    let terms = terms.map_err(|_| {
        "a number of terms, one a factor as in 10/20/20, or family:terms".to_string()
    })?;
    let family = name
        .map(family)
        .transpose()
        .map_err(|error| error.to_string())?;
    Ok(Stage { terms, family })
}

impl ValueEnum for Link {
    fn value_variants<'a>() -> &'a [Self] {
        &Link::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

impl ValueEnum for Solver {
    fn value_variants<'a>() -> &'a [Self] {
        &[Solver::Auto, Solver::Levenberg, Solver::Alternating]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Solver::Auto => PossibleValue::new("auto")
                .help("Alternating sweeps, then Levenberg-Marquardt where it fits in --memory"),
            Solver::Levenberg => PossibleValue::new("levenberg").help("All coefficients at once"),
            Solver::Alternating => PossibleValue::new("alternating").help("One factor at a time"),
        })
    }
}
