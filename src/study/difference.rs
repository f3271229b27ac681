//! Whether one cell's numbers are above another's, as far as seeds can tell.

use super::aggregate::Summary;
use super::result::Outcome;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// How often a difference between equal cells may be taken for one, over all cells of a claim.
const LEVEL: f64 = 0.05;

/// Numbers by their seeds.
pub(super) type Seeded = [(u64, f64)];

/// Whether `ours` are above `theirs`, one of `cells` comparisons of a claim. The difference counts where it is more than
/// `tolerance` and more than equal cells have by chance: by Student's test of the differences seed by seed where both have
/// the same seeds, else by Welch's test with the degrees of freedom of the smaller sample. One number against one is decided by the tolerance alone, and not without.
pub(super) fn is_above(ours: &Seeded, theirs: &Seeded, tolerance: f64, cells: usize) -> Outcome {
    if ours.is_empty() || theirs.is_empty() {
        return Outcome::Unknown;
    }
    let of = |numbers: &Seeded| Summary::of(&numbers.iter().map(|n| n.1).collect::<Vec<_>>());
    let (Some(a), Some(b)) = (of(ours), of(theirs)) else {
        return Outcome::Unknown;
    };
    let difference = a.mean - b.mean;
    let pairs = pairs(ours, theirs);
    let (error, freedom) = match (&pairs, a.deviation, b.deviation) {
        (Some(pairs), _, _) if pairs.len() > 1 => {
            let summary = Summary::of(pairs).and_then(|pairs| pairs.deviation);
            let count = pairs.len() as f64;
            (summary.map(|d| d / count.sqrt()), count - 1.0)
        }
        (_, Some(da), Some(db)) => {
            let (na, nb) = (ours.len() as f64, theirs.len() as f64);
            let (va, vb) = (da * da / na, db * db / nb);
            // Fewer degrees of freedom than Welch's formula has, which is too sure of itself for two or three numbers.
            let freedom = na.min(nb) - 1.0;
            (Some((va + vb).sqrt()), freedom)
        }
        _ => (None, 0.0),
    };
    let least = match error {
        None if tolerance > 0.0 => tolerance,
        None => return Outcome::Unknown,
        Some(error) => {
            let tail = 1.0 - LEVEL / (2.0 * cells.max(1) as f64);
            let law = StudentsT::new(0.0, 1.0, freedom.max(1.0));
            let quantile = law.map_or(f64::INFINITY, |law| law.inverse_cdf(tail));
            tolerance.max(quantile * error)
        }
    };
    match difference {
        d if d > least => Outcome::Yes,
        d if d < -least => Outcome::No,
        _ => Outcome::Unknown,
    }
}

/// The differences seed by seed, where both have the same seeds.
fn pairs(ours: &Seeded, theirs: &Seeded) -> Option<Vec<f64>> {
    let partner = |seed: u64| theirs.iter().find(|other| other.0 == seed);
    let all: Option<Vec<f64>> = ours
        .iter()
        .map(|(seed, x)| Some(x - partner(*seed)?.1))
        .collect();
    all.filter(|all| all.len() == theirs.len())
}

#[cfg(test)]
mod tests {
    use super::is_above;
    use crate::random::Stream;
    use crate::study::result::Outcome;

    fn cell(stream: &mut Stream, seeds: usize, mean: f64) -> Vec<(u64, f64)> {
        (0..seeds as u64)
            .map(|seed| (seed, mean + stream.normal()))
            .collect()
    }

    /// Catches a rule that decides between equal cells more often than it says, whatever the number of seeds, paired or not.
    #[test]
    fn equal_cells_are_rarely_told_apart() {
        const TRIALS: u32 = 4000;
        for (ours, theirs) in [(2, 2), (3, 3), (5, 5), (10, 10), (3, 5), (2, 10)] {
            let mut stream = Stream::new(1, &[ours as u64, theirs as u64]);
            let decided = (0..TRIALS).filter(|_| {
                let (a, b) = (cell(&mut stream, ours, 0.0), cell(&mut stream, theirs, 0.0));
                is_above(&a, &b, 0.0, 1) != Outcome::Unknown
            });
            let share = decided.count() as f64 / f64::from(TRIALS);
            // 5 %, and four standard errors of so many trials.
            let most = 0.05 + 4.0 * (0.05 * 0.95 / f64::from(TRIALS)).sqrt();
            assert!(share <= most, "{ours} against {theirs}: {share}");
        }
    }

    /// Catches a claim about many cells that is decided by the luckiest of them: all are held against one and the same.
    #[test]
    fn many_equal_cells_are_rarely_told_apart() {
        const TRIALS: u32 = 4000;
        for (cells, seeds) in [(3, 2), (3, 5), (12, 3), (12, 10)] {
            let mut stream = Stream::new(3, &[cells as u64, seeds as u64]);
            let decided = (0..TRIALS).filter(|_| {
                let one = cell(&mut stream, seeds, 0.0);
                let others = (0..cells).map(|_| cell(&mut stream, seeds, 0.0));
                let mut told = others.map(|other| is_above(&other, &one, 0.0, cells));
                told.any(|outcome| outcome != Outcome::Unknown)
            });
            let share = decided.count() as f64 / f64::from(TRIALS);
            let most = 0.05 + 4.0 * (0.05 * 0.95 / f64::from(TRIALS)).sqrt();
            assert!(share <= most, "{cells} cells of {seeds} seeds: {share}");
        }
    }

    /// Catches a true difference that is missed where it is many deviations large, or told the wrong way round.
    #[test]
    fn true_differences_are_found() {
        let mut stream = Stream::new(2, &[]);
        for (seeds, mean) in [(3, 12.0), (5, 5.0), (10, 3.0)] {
            let found = (0..500).filter(|_| {
                let (a, b) = (
                    cell(&mut stream, seeds, mean),
                    cell(&mut stream, seeds, 0.0),
                );
                assert_ne!(is_above(&b, &a, 0.0, 1), Outcome::Yes);
                is_above(&a, &b, 0.0, 1) == Outcome::Yes
            });
            let found = found.count();
            assert!(found > 450, "{seeds} seeds: {found} of 500");
        }
    }

    /// Catches a single number that is decided without a tolerance, or a difference within it that counts.
    #[test]
    fn single_numbers_need_a_tolerance() {
        let (a, b) = ([(1, 2.0)], [(1, 1.0)]);
        assert_eq!(is_above(&a, &b, 0.0, 1), Outcome::Unknown);
        assert_eq!(is_above(&a, &b, 0.5, 1), Outcome::Yes);
        assert_eq!(is_above(&b, &a, 0.5, 1), Outcome::No);
        assert_eq!(is_above(&a, &b, 1.0, 1), Outcome::Unknown);
        let (a, b) = ([(1, 2.0), (2, 2.0)], [(3, 1.0), (4, 1.0)]);
        assert_eq!(is_above(&a, &b, 0.0, 1), Outcome::Yes);
    }
}
