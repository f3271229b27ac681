//! Numbers and cells of a study in words.

use crate::report::format::digits;
use crate::report::text::{shown_name, shown_sentence};
use crate::study::{Cell, ClaimCell, ClaimReport, RunEnd, StudyReport, Verdict, words};

/// Returns a number of a claim's file, as it stands there: `99.1 %`.
pub(in crate::report) fn given(x: f64, percent: bool) -> String {
    format!("{}{}", digits(x, 6), unit(percent))
}

/// Returns what was measured in a cell: `98.83 ± 0.05 % (3 seeds)`, or that there is no number.
pub(in crate::report) fn ours(cell: &ClaimCell, percent: bool) -> String {
    let Some(mean) = cell.ours.filter(|mean| mean.is_finite()) else {
        return "no number".to_owned();
    };
    let mean = if percent {
        format!("{mean:.2}").replace('-', "−")
    } else {
        digits(mean, 4)
    };
    let spread = cell.deviation.filter(|x| x.is_finite());
    let spread = spread.map_or(String::new(), |x| format!(" ± {}", digits(x, 2)));
    let seeds = match cell.seeds {
        0 | 1 => String::new(),
        count => format!(" ({count} seeds)"),
    };
    format!("{mean}{spread}{}{seeds}", unit(percent))
}

fn unit(percent: bool) -> &'static str {
    if percent { " %" } else { "" }
}

/// Returns what a claim's cells come to: the number of a single one, of several in how many it holds.
pub(in crate::report) fn outcome(claim: &ClaimReport) -> String {
    use crate::study::Outcome;
    match claim.cells.as_slice() {
        [] => "no number".to_owned(),
        [cell] => ours(cell, claim.percent),
        cells => {
            let count = |outcome| cells.iter().filter(|cell| cell.holds == outcome).count();
            let nearly = match count(Outcome::Nearly) {
                0 => String::new(),
                nearly => format!(", nearly in {nearly}"),
            };
            let unknown = match count(Outcome::Unknown) {
                0 => String::new(),
                unknown => format!(", open in {unknown}"),
            };
            format!(
                "in {} of {} cells{nearly}{unknown}",
                count(Outcome::Yes),
                cells.len()
            )
        }
    }
}

/// Returns a cell with its group, which is left out where `alone`: `lenet: b1 = 10`.
pub(in crate::report) fn cell_words(group: &str, cell: &Cell, alone: bool) -> String {
    let name = shown_name(group);
    match (words(cell).as_str(), alone) {
        ("", _) => name,
        (variables, true) => shown_sentence(variables),
        (variables, false) => format!("{name}: {}", shown_sentence(variables)),
    }
}

/// Returns how a run ended.
pub(in crate::report) fn ended(end: RunEnd) -> &'static str {
    match end {
        RunEnd::Finished => "finished",
        RunEnd::Diverged => "diverged",
        RunEnd::Failed => "failed",
        RunEnd::NotRun => "not run",
    }
}

/// Returns how many of the claims, nulls aside, have which verdict: `3 of 5 claims reproduced, 1 not reproduced`.
pub(in crate::report) fn tally(report: &StudyReport) -> String {
    let claims = || report.claims.iter().filter(|claim| !claim.null);
    let all = claims().count();
    let verdicts = [
        Verdict::Reproduced,
        Verdict::InPart,
        Verdict::NotReproduced,
        Verdict::CannotBeJudged,
    ];
    let counts = verdicts.map(|verdict| {
        let count = claims().filter(|claim| claim.verdict == verdict).count();
        (count, verdict.words())
    });
    let parts = counts.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    match all {
        0 => "It makes no claims.".to_owned(),
        1 => format!("Of 1 claim: {}.", parts.join(", ")),
        all => format!("Of {all} claims: {}.", parts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{given, ours};
    use crate::report::format::digits;
    use crate::study::{Cell, ClaimCell, Outcome};

    /// Would catch a published number that is rounded, and digits that were not measured.
    #[test]
    fn numbers_have_the_digits_that_count() {
        assert_eq!(given(99.125, true), "99.125 %");
        assert_eq!(digits(60_000.0, 4), "60000");
        assert_eq!(digits(-0.012_345, 4), "−0.01235");
        assert_eq!(digits(1.5e-9, 4), "1.5e−9");
        assert_eq!(digits(f64::NAN, 4), "–");
    }

    /// Would catch a spread of one seed, a spread that is dropped, and NaN as a number.
    #[test]
    fn a_spread_needs_seeds() {
        let mut cell = ClaimCell {
            group: "g".into(),
            variables: Cell::new(),
            ours: Some(98.834),
            against: None,
            deviation: Some(0.0513),
            seeds: 3,
            holds: Outcome::Yes,
        };
        assert_eq!(ours(&cell, true), "98.83 ± 0.051 % (3 seeds)");
        (cell.deviation, cell.seeds) = (None, 1);
        assert_eq!(ours(&cell, false), "98.83");
        cell.ours = Some(f64::NAN);
        assert_eq!(ours(&cell, true), "no number");
    }
}
