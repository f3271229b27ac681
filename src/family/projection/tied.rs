//! Families whose entries share parameters: the best value of a parameter is the mean of its entries.

/// The parameters of a member.
pub(in crate::family) struct Means {
    /// Mean of the entries of each parameter, 0 for one without any.
    pub value: Vec<f64>,
    /// How many have one.
    pub used: usize,
    /// The fewest entries of a parameter that has one.
    pub fewest: usize,
}

impl Means {
    /// Means of `entries`, the rows of an m × n matrix; `class(i)(j)`, below `classes`, is the
    /// parameter of entry (i, j).
    pub fn of<C: Fn(usize) -> usize>(
        entries: &[f64],
        columns: usize,
        classes: usize,
        class: impl Fn(usize) -> C,
    ) -> Means {
        let mut sums = vec![(0.0, 0.0); classes];
        for (i, row) in entries.chunks_exact(columns).enumerate() {
            let class = class(i);
            for (j, x) in row.iter().enumerate() {
                let sum = &mut sums[class(j)];
                *sum = (sum.0 + x, sum.1 + 1.0);
            }
        }
        let value = sums.iter().map(|(sum, count)| sum / f64::max(*count, 1.0));
        let counts = sums.iter().map(|sum| sum.1).filter(|&count| count > 0.0);
        Means {
            value: value.collect(),
            used: sums.iter().filter(|(_, count)| *count > 0.0).count(),
            fewest: counts.fold(f64::INFINITY, f64::min) as usize,
        }
    }

    /// `Σ (w - its mean)²`.
    pub fn residual_energy<C: Fn(usize) -> usize>(
        &self,
        entries: &[f64],
        columns: usize,
        class: impl Fn(usize) -> C,
    ) -> f64 {
        let rows = entries.chunks_exact(columns).enumerate();
        rows.map(|(i, row)| {
            let class = class(i);
            let distance = |(j, x): (usize, &f64)| (x - self.value[class(j)]).powi(2);
            row.iter().enumerate().map(distance).sum::<f64>()
        })
        .sum()
    }
}
