use super::{AllocateError, Allocation, Choice, allocate};
use crate::random::Stream;

const STATES: usize = 1 << 20;

/// Returns the least error of all allocations within the budget, by trying each.
fn brute(layers: &[Vec<Choice>], budget: u64) -> Option<f64> {
    let Some((first, rest)) = layers.split_first() else {
        return Some(0.0);
    };
    let tried = first.iter().filter(|choice| choice.cost <= budget);
    tried
        .filter_map(|choice| Some(choice.error + brute(rest, budget - choice.cost)?))
        .min_by(f64::total_cmp)
}

fn random_layers(stream: &mut Stream, layers: usize, choices: usize) -> Vec<Vec<Choice>> {
    let mut whole = |most: f64| (most * stream.uniform()).floor();
    (0..layers)
        .map(|_| {
            let count = 1 + whole(choices as f64) as usize;
            let mut choice = || Choice {
                cost: whole(30.0) as u64,
                // Ties happen.
                error: whole(50.0) / 8.0,
            };
            (0..count).map(|_| choice()).collect()
        })
        .collect()
}

/// Checks what holds of every allocation.
fn check(layers: &[Vec<Choice>], budget: u64, found: &Allocation) {
    let pairs = || layers.iter().zip(&found.chosen);
    let cost: u64 = pairs().map(|(choices, &place)| choices[place].cost).sum();
    let error: f64 = pairs().map(|(choices, &place)| choices[place].error).sum();
    assert!(cost <= budget && cost == found.cost);
    assert!((error - found.error).abs() <= 1e-12 * error.max(1.0));
    assert!(found.bound <= found.error + 1e-9);
}

/// Would catch an allocation beyond the budget, one that is called the best and is not, and a bound that a real allocation
/// passes: against all allocations of a thousand small problems.
#[test]
fn the_best_is_that_of_brute_force() {
    let mut stream = Stream::new(7, &[1]);
    let (mut solved, mut refused) = (0, 0);
    for _ in 0..1000 {
        let layers = random_layers(&mut stream, 5, 6);
        let budget = 20 + (100.0 * stream.uniform()) as u64;
        let best = brute(&layers, budget);
        match (allocate(&layers, budget, STATES), best) {
            (Ok(found), Some(best)) => {
                check(&layers, budget, &found);
                assert!(found.is_optimal);
                assert!(
                    (found.error - best).abs() <= 1e-12,
                    "{} for {best}",
                    found.error
                );
                assert!(found.bound <= best + 1e-9, "{} above {best}", found.bound);
                solved += 1;
            }
            (Err(AllocateError::Budget { least, .. }), None) => {
                assert!(least > budget);
                refused += 1;
            }
            (found, best) => panic!("{found:?} where {best:?} is the best"),
        }
    }
    assert!(
        solved > 600 && refused > 20,
        "{solved} solved, {refused} refused"
    );
}

/// Returns layers as truncated singular value decompositions have them: errors that fall as powers of the rank.
fn low_rank(stream: &mut Stream, layers: usize, ranks: usize) -> Vec<Vec<Choice>> {
    (0..layers)
        .map(|_| {
            let (size, weight) = (1 + (4096.0 * stream.uniform()) as u64, stream.uniform());
            let power = 0.5 + 2.0 * stream.uniform();
            let choice = |rank: usize| Choice {
                cost: size * rank as u64,
                error: weight * ((1 + ranks) as f64 / rank as f64 - 1.0).powf(power),
            };
            (1..=ranks).map(choice).collect()
        })
        .collect()
}

/// Would catch a greedy allocation far from the bound, and a proof that is claimed although it was given up.
#[test]
fn many_layers_come_near_the_bound() {
    let mut stream = Stream::new(7, &[2]);
    for (layers, ranks) in [(36, 300), (224, 124), (2000, 32)] {
        let layers = low_rank(&mut stream, layers, ranks);
        let all: u64 = layers.iter().map(|choices| choices[ranks - 1].cost).sum();
        for share in [0.2, 0.4, 0.6] {
            let budget = (share * all as f64) as u64;
            let greedy = allocate(&layers, budget, 0).unwrap();
            assert!(!greedy.is_optimal);
            let found = allocate(&layers, budget, STATES).unwrap();
            for found in [&greedy, &found] {
                check(&layers, budget, found);
            }
            assert!(found.error <= greedy.error);
            let gap = greedy.error / greedy.bound - 1.0;
            assert!(gap < 0.02, "{} layers, {share}: {gap}", layers.len());
        }
    }
}

/// Would catch a refusal that does not say what is wrong, and a budget that is exactly met and refused.
#[test]
fn what_cannot_be_is_said() {
    let choice = |cost, error| Choice { cost, error };
    let layers = vec![vec![choice(5, 1.0), choice(3, 2.0)], vec![choice(4, 0.5)]];
    let found = allocate(&layers, 7, STATES).unwrap();
    assert_eq!(
        (found.chosen, found.cost, found.error),
        (vec![1, 0], 7, 2.5)
    );
    let refused = allocate(&layers, 6, STATES).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the budget is 6, but the least that all layers can cost is 7"
    );
    assert_eq!(allocate(&[], 0, STATES).unwrap().cost, 0);
    let refused = allocate(&[vec![choice(1, f64::NAN)]], 6, STATES).unwrap_err();
    assert!(refused.to_string().starts_with("layer 0"));
    assert!(allocate(&[vec![]], 6, STATES).is_err());
    let dear = vec![vec![choice(u64::MAX, 0.0)], vec![choice(1, 0.0)]];
    assert!(allocate(&dear, u64::MAX, STATES).is_err());
}
