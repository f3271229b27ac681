//! What becomes of a claim.
//!
//! A published number holds in a cell where the mean over seeds is within its tolerance, and nearly where it is within
//! twice that. A limit holds where the mean is beyond it by no more than the tolerance. That one cell is above another is
//! decided by the differences seed by seed: it is unknown where their mean is within the tolerance, or within two of its
//! standard errors of 0.

use super::aggregate::Summary;
use super::cell::{Value, words};
use super::file::{Claim, Demand};
use super::observe::{Done, related};
use super::plan::StudyPlan;
use super::result::{ClaimCell, ClaimReport, Observation, Outcome, Verdict};
use super::settings::tenth;

/// What becomes of every claim of `plan`.
pub(super) fn claims(
    plan: &StudyPlan,
    runs: &[Done<'_>],
    found: &[Observation],
) -> Vec<ClaimReport> {
    let claims = plan.study.claims.iter();
    claims
        .map(|claim| report(plan, claim, runs, found))
        .collect()
}

/// The verdict on a study: on all its claims but the nulls together.
pub(super) fn whole(claims: &[ClaimReport]) -> Verdict {
    let counted = claims.iter().filter(|claim| !claim.null);
    let verdicts: Vec<Verdict> = counted
        .map(|claim| claim.verdict)
        .filter(|verdict| *verdict != Verdict::CannotBeJudged)
        .collect();
    let all = |wanted| verdicts.iter().all(|verdict| *verdict == wanted);
    match verdicts.is_empty() {
        true => Verdict::CannotBeJudged,
        false if all(Verdict::Reproduced) => Verdict::Reproduced,
        false if all(Verdict::NotReproduced) => Verdict::NotReproduced,
        false => Verdict::InPart,
    }
}

fn report(
    plan: &StudyPlan,
    claim: &Claim,
    runs: &[Done<'_>],
    found: &[Observation],
) -> ClaimReport {
    let demand = claim.demand().expect("claims were checked");
    let tolerance = claim.tolerance.unwrap_or(0.0);
    let mut cells: Vec<ClaimCell> = Vec::new();
    let measure = plan.study.measure(&claim.measure);
    for (place, run) in runs.iter().enumerate() {
        let same = |cell: &ClaimCell| cell.group == run.group && &cell.variables == run.cell;
        let wanted = measure.is_some_and(|measure| measure.is_of(run.group));
        if !wanted || !is_about(claim, run) || cells.iter().any(same) {
            continue;
        }
        let seeds: Vec<usize> = (place..runs.len())
            .filter(|&i| runs[i].group == run.group && runs[i].cell == run.cell)
            .collect();
        cells.push(cell(plan, claim, demand, tolerance, &seeds, runs, found));
    }
    let verdict = verdict(&cells);
    ClaimReport {
        claim: claim.claim.clone(),
        null: claim.null,
        measure: claim.measure.clone(),
        percent: measure.is_some_and(|measure| measure.percent),
        demanded: demanded(demand),
        published: claim.value,
        tolerance: claim.tolerance,
        sentence: sentence(verdict, &cells, demand, runs),
        cells,
        verdict,
    }
}

fn is_about(claim: &Claim, run: &Done<'_>) -> bool {
    claim.only.iter().all(|(name, values)| match name.as_str() {
        "group" => values.has(&Value::Word(run.group.to_owned())),
        name => run.cell.get(name).is_some_and(|value| values.has(value)),
    })
}

fn cell(
    plan: &StudyPlan,
    claim: &Claim,
    demand: Demand<'_>,
    tolerance: f64,
    seeds: &[usize],
    runs: &[Done<'_>],
    found: &[Observation],
) -> ClaimCell {
    let run = &runs[seeds[0]];
    let number = |run: usize| number(plan, claim, run, found);
    let ours: Vec<f64> = seeds.iter().filter_map(|&run| number(run)).collect();
    let summary = Summary::of(&ours);
    let mean = summary.map(|summary| summary.mean);
    let (against, holds) = match demand {
        Demand::Value(value) => (
            Some(value),
            mean.map(|mean| agrees(mean - value, tolerance)),
        ),
        Demand::AtLeast(limit) => (Some(limit), mean.map(|mean| yes(mean >= limit - tolerance))),
        Demand::AtMost(limit) => (Some(limit), mean.map(|mean| yes(mean <= limit + tolerance))),
        Demand::Above(to) | Demand::Below(to) => {
            let sign = if matches!(demand, Demand::Above(_)) {
                1.0
            } else {
                -1.0
            };
            let pairs: Vec<(f64, f64)> = seeds
                .iter()
                .filter_map(|&run| Some((number(run)?, number(related(runs, run, to)?)?)))
                .collect();
            let others: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
            let differences: Vec<f64> = pairs.iter().map(|(a, b)| sign * (a - b)).collect();
            let against = Summary::of(&others).map(|others| others.mean);
            (
                against,
                Summary::of(&differences).map(|d| beyond(d, differences.len(), tolerance)),
            )
        }
    };
    ClaimCell {
        group: run.group.to_owned(),
        variables: run.cell.clone(),
        ours: mean,
        against,
        deviation: summary.and_then(|summary| summary.deviation),
        seeds: ours.len(),
        holds: holds.unwrap_or(Outcome::Unknown),
    }
}

/// The claim's number of a run.
fn number(plan: &StudyPlan, claim: &Claim, run: usize, found: &[Observation]) -> Option<f64> {
    let mut all = found.iter();
    let observation = all.find(|o| o.run == run && o.measure == claim.measure)?;
    let curve = &observation.curve;
    let place = match claim.at {
        None => curve.at.len().checked_sub(1)?,
        Some(at) => {
            let at = match curve.over {
                Some("iteration") if plan.quick => tenth(at as u64) as f64,
                _ => at,
            };
            curve.at.iter().position(|x| *x == at)?
        }
    };
    curve.values.get(place).copied().filter(|x| x.is_finite())
}

fn yes(holds: bool) -> Outcome {
    if holds { Outcome::Yes } else { Outcome::No }
}

fn agrees(difference: f64, tolerance: f64) -> Outcome {
    match difference.abs() {
        d if d <= tolerance => Outcome::Yes,
        d if d <= 2.0 * tolerance => Outcome::Nearly,
        _ => Outcome::No,
    }
}

/// Whether differences, paired by seed, are positive.
fn beyond(differences: Summary, count: usize, tolerance: f64) -> Outcome {
    let error = differences
        .deviation
        .map_or(0.0, |d| d / (count as f64).sqrt());
    match differences.mean {
        mean if mean.abs() <= tolerance.max(2.0 * error) => Outcome::Unknown,
        mean => yes(mean > 0.0),
    }
}

fn verdict(cells: &[ClaimCell]) -> Verdict {
    let count = |outcome| cells.iter().filter(|cell| cell.holds == outcome).count();
    let (holds, nearly, fails) = (
        count(Outcome::Yes),
        count(Outcome::Nearly),
        count(Outcome::No),
    );
    match (holds, nearly, fails) {
        (0, 0, 0) => Verdict::CannotBeJudged,
        (_, 0, 0) => Verdict::Reproduced,
        _ if 2 * (holds + nearly) >= holds + nearly + fails => Verdict::InPart,
        _ => Verdict::NotReproduced,
    }
}

fn demanded(demand: Demand<'_>) -> String {
    let cell = |to| words(to);
    match demand {
        Demand::Value(value) => format!("{value}"),
        Demand::AtLeast(limit) => format!("at least {limit}"),
        Demand::AtMost(limit) => format!("at most {limit}"),
        Demand::Above(to) => format!("above {}", cell(to)),
        Demand::Below(to) => format!("below {}", cell(to)),
    }
}

/// Why the verdict is what it is.
fn sentence(
    verdict: Verdict,
    cells: &[ClaimCell],
    demand: Demand<'_>,
    runs: &[Done<'_>],
) -> String {
    if cells.is_empty() {
        return "No cell of the study is what the claim is about.".into();
    }
    let of = |outcome| cells.iter().filter(move |cell| cell.holds == outcome);
    let (holds, nearly) = (of(Outcome::Yes).count(), of(Outcome::Nearly).count());
    let (fails, unknown) = (of(Outcome::No).count(), of(Outcome::Unknown).count());
    let relative = matches!(demand, Demand::Above(_) | Demand::Below(_));
    let why = cells
        .iter()
        .find(|cell| cell.ours.is_none())
        .and_then(|cell| {
            let mut all = runs.iter();
            let run = all.find(|run| run.group == cell.group && *run.cell == cell.variables)?;
            run.report().reason
        });
    let rest = match (unknown, why) {
        (0, _) => String::new(),
        (_, Some(why)) => format!(" No number where {why}."),
        (_, None) if relative => {
            " A difference that is no larger than what seeds make is not counted.".into()
        }
        (_, None) => " There is no number.".into(),
    };
    if let ([cell], Demand::Value(value), Some(ours)) = (cells, demand, cells[0].ours) {
        let off = ours - value;
        return match verdict {
            Verdict::Reproduced => "Within the tolerance.".into(),
            Verdict::InPart => format!("Off by {}: within twice the tolerance.", short(off)),
            _ => format!("Off by {}, {} seeds.", short(off), cell.seeds),
        };
    }
    match verdict {
        Verdict::CannotBeJudged => rest.trim().to_owned(),
        _ if cells.len() == 1 => format!(
            "{}{rest}",
            if holds == 1 {
                "It holds."
            } else {
                "It does not hold."
            }
        ),
        _ => {
            let near = if nearly > 0 {
                format!(", nearly in {nearly}")
            } else {
                String::new()
            };
            let judged = holds + nearly + fails;
            format!("It holds in {holds} of {judged} cells{near}.{rest}")
        }
    }
}

/// Three digits.
fn short(x: f64) -> String {
    let digits = match x.abs() {
        x if x >= 100.0 => 0,
        x if x >= 10.0 => 1,
        x if x >= 1.0 => 2,
        _ => 3,
    };
    format!("{x:+.digits$}")
}
