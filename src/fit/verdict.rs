//! What a fit has found, in words: by itself, with the entries shuffled, and after a rotation.

use serde::Serialize;

/// Where the gain of a family comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictKind {
    /// No nearer than as many random terms.
    NoGain,
    /// Nearer, and as near with the entries shuffled: their values or the family's freedom, not
    /// their places.
    Entries,
    /// Nearer, but no longer after a rotation: coordinates that matter.
    Coordinates,
    /// Nearer, and as near after a rotation: low rank.
    LowRank,
    /// Nearer, and after a rotation in part.
    Both,
    /// Nothing to compare: a constant matrix, or no member of this size.
    Undefined,
}

/// A finding in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The kind.
    pub kind: VerdictKind,
    /// A sentence.
    pub text: String,
}

/// What is called a gain, and what is called kept.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Thresholds {
    /// Least share of ‖W‖² above chance that is a gain.
    pub least_gain: f64,
    /// How many standard deviations of chance a gain must be, if chance is normal: z for a probability of e^(-z²/2) and less.
    ///
    /// Each of nine families at six budgets may err with e^-8 at z = 4: 2 % together.
    pub standard_errors: f64,
    /// Least part of a gain left after rotation that makes it low rank.
    pub kept: f64,
    /// Largest part of a gain left after rotation that makes it coordinates.
    pub lost: f64,
}

impl Thresholds {
    /// Returns L = z² / 2: chance may make a finding with probability e^-L.
    pub fn exponent(&self) -> f64 {
        0.5 * self.standard_errors * self.standard_errors
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds {
            least_gain: 0.01,
            standard_errors: 4.0,
            kept: 0.75,
            lost: 0.25,
        }
    }
}

/// Shares of ‖W‖² that a family explains, `1 - residual²`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shares {
    /// Of the matrix.
    pub own: f64,
    /// With its entries shuffled, the mean over all shuffles.
    pub shuffled: f64,
    /// Turned at the same spectrum.
    pub rotated: f64,
    /// Of as many random terms, expected.
    pub null: f64,
    /// A gain that chance makes with a probability of at most that of the thresholds' standard errors.
    pub gain_by_chance: f64,
}

impl Shares {
    /// What is explained above chance: above random terms and above the shuffled entries.
    pub fn gain(&self) -> f64 {
        self.own - self.chance()
    }

    /// The part of the gain that a rotation leaves.
    pub fn kept(&self) -> f64 {
        (self.rotated - self.chance()) / self.gain()
    }

    /// Returns the least gain that is a finding: the least that is asked for, or what chance gives.
    pub fn least_gain(&self, thresholds: &Thresholds) -> f64 {
        thresholds.least_gain.max(self.gain_by_chance)
    }

    fn chance(&self) -> f64 {
        self.null.max(self.shuffled)
    }

    /// Says what the shares mean. A family `drawn` from a seed cannot know places: its gain over the shuffled
    /// entries is luck.
    pub fn verdict(&self, thresholds: &Thresholds, drawn: bool) -> Verdict {
        let least = self.least_gain(thresholds);
        let [own, null, shuffled, rotated] =
            [self.own, self.null, self.shuffled, self.rotated].map(percent);
        let (kind, text) = if self.own - self.null <= least {
            (
                VerdictKind::NoGain,
                format!("no gain: {own} explained, {null} by as many random terms"),
            )
        } else if self.gain() <= least {
            (
                VerdictKind::Entries,
                format!(
                    "values, not their places: {own} explained, {shuffled} with the entries shuffled"
                ),
            )
        } else if drawn {
            (
                VerdictKind::NoGain,
                format!("no gain but this seed's luck: {own} explained, {shuffled} shuffled"),
            )
        } else {
            let numbers = format!("{own} explained, {shuffled} shuffled, {rotated} rotated");
            match self.kept() {
                kept if kept >= thresholds.kept => {
                    (VerdictKind::LowRank, format!("low rank: {numbers}"))
                }
                kept if kept <= thresholds.lost => (
                    VerdictKind::Coordinates,
                    format!("coordinates matter: {numbers}"),
                ),
                _ => (
                    VerdictKind::Both,
                    format!("low rank in part, coordinates in part: {numbers}"),
                ),
            }
        };
        Verdict { kind, text }
    }
}

/// `12.3 %`, and more digits near the ends.
fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    match percent.clamp(0.0, 100.0) {
        // All but rounding.
        p if p > 100.0 - 1e-9 => "100 %".into(),
        p if p > 99.9 => format!("{p:.3} %"),
        p => format!("{p:.1} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(own: f64, shuffled: f64, rotated: f64, null: f64) -> (VerdictKind, String) {
        judged(own, shuffled, rotated, null, false)
    }

    fn judged(
        own: f64,
        shuffled: f64,
        rotated: f64,
        null: f64,
        drawn: bool,
    ) -> (VerdictKind, String) {
        let shares = Shares {
            own,
            shuffled,
            rotated,
            null,
            gain_by_chance: 0.008,
        };
        let found = shares.verdict(&Thresholds::default(), drawn);
        (found.kind, found.text)
    }

    /// Catches a null taken for the shuffle, a rotation read the wrong way round, and chance that is
    /// made much of.
    #[test]
    fn says_what_the_numbers_say() {
        use VerdictKind::*;
        assert_eq!(
            says(0.131, 0.125, 0.125, 0.125),
            (
                NoGain,
                "no gain: 13.1 % explained, 12.5 % by as many random terms".into()
            )
        );
        assert_eq!(
            says(0.30, 0.295, 0.29, 0.125),
            (
                Entries,
                "values, not their places: 30.0 % explained, 29.5 % with the entries shuffled"
                    .into()
            )
        );
        let (kind, text) = says(0.60, 0.20, 0.21, 0.125);
        assert_eq!(kind, Coordinates);
        assert_eq!(
            text,
            "coordinates matter: 60.0 % explained, 20.0 % shuffled, 21.0 % rotated"
        );
        assert_eq!(judged(0.60, 0.20, 0.21, 0.125, true).0, NoGain);
        assert_eq!(says(0.60, 0.20, 0.58, 0.125).0, LowRank);
        assert_eq!(says(0.60, 0.20, 0.40, 0.125).0, Both);
        let exact = says(1.0 - 1e-16, 0.20, 0.21, 0.125).1;
        assert!(
            exact.starts_with("coordinates matter: 100 % explained"),
            "{exact}"
        );
    }

    /// Catches a threshold that forgets what chance gives, or the least that is asked for.
    #[test]
    fn the_least_gain_is_the_larger_of_both() {
        let least = |gain_by_chance: f64| {
            let shares = Shares {
                own: 0.5,
                shuffled: 0.1,
                rotated: 0.1,
                null: 0.1,
                gain_by_chance,
            };
            let kind = shares.verdict(&Thresholds::default(), false).kind;
            (shares.least_gain(&Thresholds::default()), kind)
        };
        assert_eq!(least(0.001), (0.01, VerdictKind::Coordinates));
        assert_eq!(least(0.3), (0.3, VerdictKind::Coordinates));
        assert_eq!(least(0.45), (0.45, VerdictKind::NoGain));
        assert_eq!(Thresholds::default().exponent(), 8.0);
    }
}
