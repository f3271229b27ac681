//! What becomes of a claim.
//!
//! A published number holds in a cell where the mean over seeds is within its tolerance, and nearly where it is within
//! twice that. Where trainings are shortened, a published number that is not met cannot be judged. A limit holds where the mean is beyond it by no more than the tolerance. Whether one cell is above another is
//! told by [`is_above`]. A claim about several cells is judged only where at least half of them can be.

use super::aggregate::Summary;
use super::cell::{Cell, Value, words};
use super::difference::{Seeded, is_above};
use super::done::Done;
use super::file::{Claim, Demand};
use super::plan::StudyPlan;
use super::relation::of_counterpart;
use super::result::{ClaimCell, ClaimReport, Observation, Outcome, RunEnd, Verdict};

/// What a claim is judged on.
struct Judged<'a> {
    plan: &'a StudyPlan,
    claim: &'a Claim,
    demand: Demand<'a>,
    runs: &'a [Done<'a>],
    found: &'a [Observation],
}

/// What becomes of every claim of `plan`.
pub(super) fn claims(
    plan: &StudyPlan,
    runs: &[Done<'_>],
    found: &[Observation],
) -> Vec<ClaimReport> {
    let claims = plan.study.claims.iter();
    let judged = claims.map(|claim| Judged {
        plan,
        claim,
        demand: claim.demand().expect("claims were checked"),
        runs,
        found,
    });
    judged.map(|judged| judged.report()).collect()
}

/// The verdict on a study: on all its claims but the nulls together, where at least half of them can be judged.
pub(super) fn whole(claims: &[ClaimReport]) -> Verdict {
    let counted = claims.iter().filter(|claim| !claim.null);
    let count = counted.clone().count();
    let verdicts: Vec<Verdict> = counted
        .map(|claim| claim.verdict)
        .filter(|verdict| *verdict != Verdict::CannotBeJudged)
        .collect();
    let all = |wanted| verdicts.iter().all(|verdict| *verdict == wanted);
    match verdicts.is_empty() || 2 * verdicts.len() < count {
        true => Verdict::CannotBeJudged,
        false if all(Verdict::Reproduced) => Verdict::Reproduced,
        false if all(Verdict::NotReproduced) => Verdict::NotReproduced,
        false => Verdict::InPart,
    }
}

/// Whether a claim is about the cell of `run`.
pub(super) fn is_about(claim: &Claim, group: &str, cell: &Cell) -> bool {
    claim.only.iter().all(|(name, values)| match name.as_str() {
        "group" => values.has(&Value::Word(group.to_owned())),
        name => cell.get(name).is_some_and(|value| values.has(value)),
    })
}

impl Judged<'_> {
    fn report(&self) -> ClaimReport {
        let measure = self.plan.study.measure(&self.claim.measure);
        let mut cells: Vec<Vec<usize>> = Vec::new();
        for (place, run) in self.runs.iter().enumerate() {
            let wanted = measure.is_some_and(|measure| measure.is_of(run.group));
            if !wanted || !is_about(self.claim, run.group, run.cell) {
                continue;
            }
            let same = |seeds: &&mut Vec<usize>| {
                let first = &self.runs[seeds[0]];
                first.group == run.group && first.cell == run.cell
            };
            match cells.iter_mut().find(same) {
                Some(seeds) => seeds.push(place),
                None => cells.push(vec![place]),
            }
        }
        let count = cells.len();
        let judged: Vec<ClaimCell> = cells.iter().map(|seeds| self.cell(seeds, count)).collect();
        let mut verdict = verdict(&judged);
        let mut sentence = sentence(verdict, &judged, self.demand);
        let is_missed = matches!(verdict, Verdict::InPart | Verdict::NotReproduced);
        if self.plan.shortened > 1 && is_missed && self.claim.value.is_some() {
            verdict = Verdict::CannotBeJudged;
            sentence += " Trainings were shortened; a published number takes their full length.";
        }
        ClaimReport {
            claim: self.claim.claim.clone(),
            null: self.claim.null,
            measure: self.claim.measure.clone(),
            percent: measure.is_some_and(|measure| measure.percent),
            demanded: demanded(self.demand),
            published: self.claim.value,
            tolerance: self.claim.tolerance,
            sentence: sentence + &self.gaps(&cells),
            cells: judged,
            verdict,
        }
    }

    /// The cell of the runs `seeds`, one of `count`.
    fn cell(&self, seeds: &[usize], count: usize) -> ClaimCell {
        let run = &self.runs[seeds[0]];
        let tolerance = self.claim.tolerance.unwrap_or(0.0);
        let ours = self.numbers(seeds);
        let summary = summary(&ours);
        let mean = summary.map(|summary| summary.mean);
        let (against, holds) = match self.demand {
            Demand::Value(value) => (Some(value), mean.map(|mean| agrees(mean, value, tolerance))),
            Demand::AtLeast(limit) => (
                Some(limit),
                mean.map(|mean| yes(mean >= limit - tolerance - slack(limit))),
            ),
            Demand::AtMost(limit) => (
                Some(limit),
                mean.map(|mean| yes(mean <= limit + tolerance + slack(limit))),
            ),
            Demand::Above(to) | Demand::Below(to) => {
                let theirs = self.numbers(&of_counterpart(self.plan, self.runs, seeds[0], to));
                let holds = match self.demand {
                    Demand::Above(_) => is_above(&ours, &theirs, tolerance, count),
                    _ => is_above(&theirs, &ours, tolerance, count),
                };
                (
                    self::summary(&theirs).map(|theirs| theirs.mean),
                    Some(holds),
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

    /// The claim's number of each of `runs` that has one, by its seed.
    fn numbers(&self, runs: &[usize]) -> Vec<(u64, f64)> {
        let each = runs.iter();
        each.filter_map(|&run| Some((self.runs[run].seed, self.number(run)?)))
            .collect()
    }

    /// The claim's number of a run. Of a curve over other places than iterations the place must be named.
    fn number(&self, run: usize) -> Option<f64> {
        let mut all = self.found.iter();
        let observation = all.find(|o| o.run == run && o.measure == self.claim.measure)?;
        let curve = &observation.curve;
        let place = match (self.claim.at, curve.over) {
            (None, None | Some("iteration")) => curve.at.len().checked_sub(1)?,
            (None, Some(_)) => return None,
            (Some(at), over) => {
                let at = match over {
                    Some("iteration") => (at as u64).div_ceil(self.plan.shortened) as f64,
                    _ => at,
                };
                curve.at.iter().position(|x| *x == at)?
            }
        };
        curve.values.get(place).copied().filter(|x| x.is_finite())
    }

    /// What is missing of the claim's runs, in a sentence.
    fn gaps(&self, cells: &[Vec<usize>]) -> String {
        let runs = || cells.iter().flatten().map(|&run| &self.runs[run]);
        let of = |end: RunEnd| runs().filter(|run| run.ended.0 == end).count();
        let words = [
            (RunEnd::Diverged, "diverged"),
            (RunEnd::Failed, "failed"),
            (RunEnd::NotRun, "not run"),
        ];
        let each = words.iter().filter(|(end, _)| of(*end) > 0);
        let each: Vec<String> = each
            .map(|(end, words)| format!("{} {words}", of(*end)))
            .collect();
        if each.is_empty() {
            return String::new();
        }
        let reason = runs()
            .find_map(|run| run.ended.1.as_deref())
            .unwrap_or_default();
        let (all, each) = (runs().count(), each.join(", "));
        format!(" Of {all} runs {each}: {reason}.")
    }
}

fn summary(numbers: &Seeded) -> Option<Summary> {
    Summary::of(&numbers.iter().map(|number| number.1).collect::<Vec<_>>())
}

fn yes(holds: bool) -> Outcome {
    if holds { Outcome::Yes } else { Outcome::No }
}

/// What rounding may do to a number in a file and the mean beside it.
fn slack(x: f64) -> f64 {
    1e-12 * x.abs()
}

fn agrees(mean: f64, value: f64, tolerance: f64) -> Outcome {
    match (mean - value).abs() - slack(value) {
        d if d <= tolerance => Outcome::Yes,
        d if d <= 2.0 * tolerance => Outcome::Nearly,
        _ => Outcome::No,
    }
}

fn verdict(cells: &[ClaimCell]) -> Verdict {
    let count = |outcome| cells.iter().filter(|cell| cell.holds == outcome).count();
    let (holds, nearly, fails) = (
        count(Outcome::Yes),
        count(Outcome::Nearly),
        count(Outcome::No),
    );
    let judged = holds + nearly + fails;
    match () {
        () if judged == 0 || 2 * judged < cells.len() => Verdict::CannotBeJudged,
        () if holds == judged => Verdict::Reproduced,
        () if 2 * (holds + nearly) >= judged => Verdict::InPart,
        () => Verdict::NotReproduced,
    }
}

fn demanded(demand: Demand<'_>) -> String {
    match demand {
        Demand::Value(value) => format!("{value}"),
        Demand::AtLeast(limit) => format!("at least {limit}"),
        Demand::AtMost(limit) => format!("at most {limit}"),
        Demand::Above(to) => format!("above {}", words(to)),
        Demand::Below(to) => format!("below {}", words(to)),
    }
}

/// Why the verdict is what it is.
fn sentence(verdict: Verdict, cells: &[ClaimCell], demand: Demand<'_>) -> String {
    let of = |outcome| cells.iter().filter(move |cell| cell.holds == outcome);
    let (holds, nearly) = (of(Outcome::Yes).count(), of(Outcome::Nearly).count());
    let (fails, unknown) = (of(Outcome::No).count(), of(Outcome::Unknown).count());
    let relative = matches!(demand, Demand::Above(_) | Demand::Below(_));
    let numberless = cells
        .iter()
        .any(|cell| cell.ours.is_none() || cell.against.is_none());
    let rest = match (unknown, numberless, relative) {
        (0, ..) => "",
        (_, true, _) => " Where a number is missing nothing can be said.",
        (_, false, true) => {
            " A difference that seeds alone may make, or that is within the tolerance, does not count."
        }
        (_, false, false) => "",
    };
    if let ([cell], Demand::Value(value)) = (cells, demand)
        && let Some(ours) = cell.ours
    {
        let off = short(ours - value);
        return match verdict {
            Verdict::Reproduced => "Within the tolerance.".into(),
            Verdict::InPart => format!("Off by {off}: within twice the tolerance."),
            _ => format!("Off by {off}."),
        };
    }
    match (verdict, cells.len(), holds) {
        (_, 0, _) => "No cell of the study is what the claim is about.".into(),
        (Verdict::CannotBeJudged, ..) => rest.trim().to_owned(),
        (_, 1, 1) => format!("It holds.{rest}"),
        (_, 1, _) => format!("It does not hold.{rest}"),
        _ => {
            let near = match nearly {
                0 => String::new(),
                nearly => format!(", nearly in {nearly}"),
            };
            format!(
                "It holds in {holds} of {} cells that can be judged{near}.{rest}",
                holds + nearly + fails
            )
        }
    }
}

/// Three digits, with the sign.
fn short(x: f64) -> String {
    let digits = match x.abs() {
        x if x >= 100.0 => 0,
        x if x >= 10.0 => 1,
        x if x >= 1.0 => 2,
        x if x >= 0.01 || x == 0.0 => 3,
        _ => return format!("{x:+.1e}"),
    };
    format!("{x:+.digits$}")
}
