//! What was tried and what went wrong.

/// A kind of harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Half,
    Lost,
    Panic,
    Status,
    Bits,
    Temporary,
}

impl Column {
    pub const ALL: [(Column, &'static str); 6] = [
        (Column::Half, "half-written"),
        (Column::Lost, "old result lost"),
        (Column::Panic, "panic"),
        (Column::Status, "wrong exit status"),
        (Column::Bits, "next start differs"),
        (Column::Temporary, "temporary file left"),
    ];
}

/// Trials of one scenario, and the harm they did.
#[derive(Debug, Default)]
pub struct Tally {
    pub kills: usize,
    pub faults: usize,
    pub signals: usize,
    pub terminals: usize,
    pub harm: Vec<(Column, String)>,
}

impl Tally {
    /// Notes harm, unless `is_well`.
    pub fn check(&mut self, column: Column, is_well: bool, what: impl FnOnce() -> String) {
        if !is_well {
            self.harm.push((column, what()));
        }
    }

    fn count(&self, column: Column) -> usize {
        self.harm
            .iter()
            .filter(|(other, _)| *other == column)
            .count()
    }
}

/// The table of all scenarios in Markdown.
pub fn table(tallies: &[(&str, Tally)]) -> String {
    let heads = Column::ALL.map(|(_, head)| head).join(" | ");
    let mut text = format!("| command | kills | faults | signals | terminals | {heads} |\n");
    text += &format!("|---|{}\n", "--:|".repeat(4 + Column::ALL.len()));
    let mut sums = [0; 4 + Column::ALL.len()];
    for (name, tally) in tallies {
        let trials = [tally.kills, tally.faults, tally.signals, tally.terminals];
        let harm = Column::ALL.map(|(column, _)| tally.count(column));
        let numbers: Vec<usize> = trials.into_iter().chain(harm).collect();
        sums.iter_mut()
            .zip(&numbers)
            .for_each(|(sum, number)| *sum += number);
        text += &line(name, &numbers);
    }
    text + &line("all", &sums)
}

fn line(name: &str, numbers: &[usize]) -> String {
    let cells: Vec<String> = numbers.iter().map(usize::to_string).collect();
    format!("| {name} | {} |\n", cells.join(" | "))
}
