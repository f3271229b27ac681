//! Layers that get one size, with the choices that they have together.

use super::point::Point;
use super::result::PlannedLayer;
use crate::allocate::Choice;
use crate::compress::Size;
use std::collections::HashMap;

/// A form of the layers of a group; `None` of the matrices as they are.
pub(super) type Form = Option<Size>;

/// Layers that get one size.
#[derive(Debug)]
pub(super) struct Group {
    /// Places among the layers of the plan.
    pub layers: Vec<usize>,
    pub weight_type: String,
    /// Whether the uniform plan leaves them as they are.
    pub is_end: bool,
    /// The sums of costs and errors of each choice.
    pub choices: Vec<Choice>,
    /// The form of each choice; the last is the matrices as they are.
    pub forms: Vec<Form>,
}

impl Group {
    /// Returns what the layers cost as they are.
    pub fn dense(&self) -> u64 {
        self.choices.last().map_or(0, |choice| choice.cost)
    }

    /// Returns the choice of the matrices as they are.
    pub fn last(&self) -> usize {
        self.choices.len() - 1
    }
}

/// Returns the groups of `layers`, in the order of their first ones.
pub(super) fn groups(layers: &[&PlannedLayer]) -> Vec<Group> {
    let mut places: HashMap<(&str, usize), usize> = HashMap::new();
    let mut members: Vec<Vec<usize>> = Vec::new();
    for (place, layer) in layers.iter().enumerate() {
        let group = match &layer.tie {
            Some(tie) => *places.entry((tie, layer.block)).or_insert(members.len()),
            None => members.len(),
        };
        if group == members.len() {
            members.push(Vec::new());
        }
        members[group].push(place);
    }
    members
        .into_iter()
        .map(|members| group(members, layers))
        .collect()
}

fn group(members: Vec<usize>, layers: &[&PlannedLayer]) -> Group {
    let all = || members.iter().map(|place| layers[*place]);
    let is_kept = all().any(|layer| layer.kept);
    let mut types: Vec<&str> = all().map(|layer| layer.weight_type.as_str()).collect();
    types.sort_unstable();
    types.dedup();
    let mut sums: HashMap<Size, (Choice, usize)> = HashMap::new();
    for (layer, point) in all().flat_map(|layer| layer.points.iter().map(move |p| (layer, p))) {
        let none = Choice {
            cost: 0,
            error: 0.0,
        };
        let (sum, count) = sums.entry(point.form).or_insert((none, 0));
        sum.cost += point.cost;
        sum.error += layer.loss(point);
        *count += 1;
    }
    let dense = Choice {
        cost: all().map(|layer| layer.cost).sum(),
        error: 0.0,
    };
    let mut forms: Vec<(Form, Choice)> = (sums.into_iter())
        .filter(|(_, (choice, count))| *count == members.len() && choice.error.is_finite())
        .filter(|_| !is_kept)
        .map(|(form, (choice, _))| (Some(form), choice))
        .collect();
    forms.sort_by_key(|(form, choice)| (form.map(|form| form.family), choice.cost, *form));
    forms.push((None, dense));
    let (forms, choices) = forms.into_iter().unzip();
    Group {
        weight_type: types.join("+"),
        is_end: all().any(|layer| layer.is_end),
        layers: members,
        choices,
        forms,
    }
}

impl PlannedLayer {
    /// Returns what a size adds to the sum that is made least.
    pub(super) fn loss(&self, point: &Point) -> f64 {
        self.alpha.unwrap_or(1.0) * point.error.known()
    }
}
