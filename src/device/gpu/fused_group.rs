//! Fusion: elementwise instructions that run in one kernel, alone or behind the instruction that made their numbers.

use super::builder::Lowering;
use super::dispatch::Binding;
use super::epilogue::{Epilogue, region, value};
use super::generated;
use crate::program::{Instruction, Primitive, Role, View};

/// Instructions of one kernel at most: their values stay in registers.
const LONGEST: usize = 24;

/// Tables that a kernel reads beside its operands at most.
const TABLES: usize = 2;

/// Neighbouring instructions, each entry of which needs only its own place in the others' results. The first may be
/// any work: its numbers are given.
pub(super) struct FusedGroup {
    rows: usize,
    columns: usize,
    /// Whether all views so far lie packed, so that their shape is a matter of words.
    packed: bool,
    steps: Vec<Step>,
}

struct Step {
    primitive: Primitive,
    /// The view of its result; a later operand that is the same view takes the value from a register.
    to: View,
    keep: f64,
}

impl FusedGroup {
    /// Groups as many of the first of `parts` as can run as one kernel.
    pub fn new(lowering: &Lowering<'_>, parts: &[Instruction]) -> FusedGroup {
        let first = &parts[0];
        let own = operands(&first.primitive).is_some();
        let places = region(first.to);
        let mut group = FusedGroup {
            rows: if own { first.to.rows } else { places.rows },
            columns: if own { first.to.columns } else { 1 },
            packed: !own || is_packed(first),
            steps: vec![Step {
                primitive: first.primitive.clone(),
                to: if own { first.to } else { places },
                keep: first.keep,
            }],
        };
        // a kernel that leaves places out, or runs part by part, has nothing after it
        let whole = places.rows == first.to.entries() && is_one(lowering, first);
        if own || whole {
            for part in parts.iter().take(LONGEST).skip(1) {
                if !group.take(lowering, part) {
                    break;
                }
            }
        }
        group
    }

    /// Whether all of it is elementwise work; else its first instruction is not.
    pub fn is_elementwise(&self) -> bool {
        operands(&self.steps[0].primitive).is_some()
    }

    /// Number of entries.
    pub fn entries(&self) -> usize {
        self.rows * self.columns
    }

    /// Number of instructions.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Takes `part` in, if it can run with the others.
    fn take(&mut self, lowering: &Lowering<'_>, part: &Instruction) -> bool {
        if operands(&part.primitive).is_none() {
            return false;
        }
        let packed = is_packed(part);
        let [rows, columns, _] = part.to.shape();
        let same = rows == self.rows && columns == self.columns;
        let shape = match same {
            true => [rows, columns],
            false if part.to.entries() != self.rows * self.columns => return false,
            false if packed => [self.rows, self.columns],
            false if self.packed => [rows, columns],
            false => return false,
        };
        let step = |step: &Instruction| Step {
            primitive: step.primitive.clone(),
            to: step.to,
            keep: step.keep,
        };
        let mut all = FusedGroup {
            rows: shape[0],
            columns: shape[1],
            packed: self.packed && packed,
            steps: Vec::new(),
        };
        std::mem::swap(&mut all.steps, &mut self.steps);
        all.steps.push(step(part));
        let fits = all.is_sound(lowering) && all.fits(lowering);
        if !fits {
            all.steps.pop();
            self.steps = all.steps;
            return false;
        }
        *self = all;
        true
    }

    /// A view in the group's shape.
    fn shaped(&self, view: View) -> View {
        if [view.rows, view.columns] == [self.rows, self.columns] {
            view
        } else {
            view.reshaped([self.rows, self.columns, 1])
        }
    }

    /// The step whose result an operand of step `at` is.
    fn source(&self, at: usize, operand: View) -> Option<usize> {
        let own = self.shaped(operand);
        (0..at)
            .rev()
            .find(|&i| self.shaped(self.steps[i].to) == own)
    }

    /// Whether every entry of the last step depends on entries of its own place only, in whatever order they are worked out.
    fn is_sound(&self, lowering: &Lowering<'_>) -> bool {
        let at = self.steps.len() - 1;
        let (last, before) = self.steps.split_last().expect("a step");
        let (own, single) = operands(&last.primitive).unwrap_or_default();
        let written = |view: &View| before.iter().any(|step| step.to.buffer == view.buffer);
        // an operand that is another view of what the group writes would meet half of it
        let read = own
            .iter()
            .all(|view| !written(view) || self.source(at, *view).is_some());
        let elsewhere = !written(&last.to)
            || before
                .iter()
                .filter(|step| step.to.buffer == last.to.buffer)
                .all(|step| self.shaped(step.to) == self.shaped(last.to));
        // memory of a buffer that is read no more may be the new one's
        let slot = lowering.slot(last.to.buffer);
        let place = |view: View| View {
            buffer: last.to.buffer,
            ..self.shaped(view)
        };
        let to = self.shaped(last.to);
        let loaded = before.iter().enumerate().flat_map(|(i, step)| {
            let (own, single) = operands(&step.primitive).unwrap_or_default();
            let kept = (step.keep != 0.0).then_some(step.to);
            let own = own.into_iter().chain(kept);
            let own = own.filter(move |view| self.source(i, *view).is_none());
            own.map(|view| (view, false))
                .chain(single.into_iter().map(|view| (view, true)))
        });
        let undisturbed = loaded
            .filter(|(view, _)| lowering.slot(view.buffer) == slot)
            .all(|(view, single)| !single && place(view) == to);
        // other threads may still read what the first makes its numbers of
        let made = self.given();
        let made = made.iter().all(|view| lowering.slot(view.buffer) != slot);
        read && elsewhere && undisturbed && made && !single.iter().any(written)
    }

    /// Operands of the first instruction, where it is not elementwise.
    fn given(&self) -> Vec<View> {
        if self.is_elementwise() {
            Vec::new()
        } else {
            self.steps[0].primitive.rule().operands()
        }
    }

    /// Whether the result of a step is wanted after the group.
    fn lasts(&self, lowering: &Lowering<'_>, at: usize, after: &[Instruction]) -> bool {
        let to = self.steps[at].to;
        let again = self.steps[at + 1..]
            .iter()
            .any(|step| self.shaped(step.to) == self.shaped(to));
        let buffer = &lowering.plan.buffers()[to.buffer.index()];
        let output = lowering.plan.outputs().contains(&to.buffer);
        let reads = |part: &Instruction| {
            let kept = (part.keep != 0.0).then_some(part.to);
            let operands = part.primitive.rule().operands();
            let mut read = operands.iter().chain(&kept);
            read.any(|view| view.buffer == to.buffer)
        };
        let state = matches!(buffer.role, Role::State);
        !again && (output || state || after.iter().any(reads))
    }

    /// Whether its kernel has bindings enough, and each is no larger than may be.
    fn fits(&self, lowering: &Lowering<'_>) -> bool {
        let mut seen: Vec<Binding> = Vec::new();
        for step in &self.steps {
            let (own, single) = operands(&step.primitive).unwrap_or_default();
            for view in own.into_iter().chain(single).chain([step.to]) {
                let (own, _) = lowering.window(view, false);
                match seen.iter_mut().find(|other| other.source == own.source) {
                    Some(other) => *other = other.joined(&own),
                    None => seen.push(own),
                }
            }
        }
        let tables = if self.is_elementwise() { 0 } else { TABLES };
        let count = seen.len() + self.given().len() + tables;
        let small = seen.iter().all(|b| b.count <= lowering.limits.binding);
        small && count <= lowering.limits.bindings
    }

    /// Writes the epilogue; `after` is the rest of the plan.
    pub fn epilogue(&self, lowering: &Lowering<'_>, after: &[Instruction]) -> Epilogue {
        let mut epilogue = Epilogue::new(self.rows);
        for (at, step) in self.steps.iter().enumerate() {
            let (own, single) = operands(&step.primitive).unwrap_or_default();
            let mut entries = Vec::new();
            for view in own {
                entries.push(match self.source(at, view) {
                    Some(step) => format!("v{step}"),
                    None => epilogue.load(lowering, self.shaped(view)),
                });
            }
            for view in single {
                entries.push(epilogue.load(lowering, view));
            }
            let mut value = value(&step.primitive, &entries, &mut epilogue);
            let (to, keep) = (self.shaped(step.to), step.keep as f32);
            value = match self.source(at, step.to) {
                Some(step) if keep != 0.0 => epilogue.over(&format!("v{step}"), keep, &value),
                _ => epilogue.kept(lowering, to, keep, &value),
            };
            let name = format!("v{at}");
            epilogue.name(&name, &value);
            if self.lasts(lowering, at, after) {
                epilogue.store(lowering, to, &name);
            }
        }
        epilogue
    }
}

/// Operands of elementwise work: those of the shape of the result, and single numbers. None for other work.
fn operands(primitive: &Primitive) -> Option<(Vec<View>, Vec<View>)> {
    Some(match primitive {
        Primitive::Map(p) => (vec![p.x], vec![]),
        Primitive::Zip(p) => (vec![p.x, p.z], vec![]),
        Primitive::Fill(_) => (vec![], vec![]),
        Primitive::Descent(p) => (vec![p.gradient, p.weight], vec![p.rate]),
        Primitive::AdamStep(p) => {
            let settings = p.settings;
            let single = [0..1, 1..2].map(|range| settings.row_range(range));
            (vec![p.m, p.v], single.to_vec())
        }
        _ => return None,
    })
}

/// Whether all that has the shape of the result lies packed.
fn is_packed(part: &Instruction) -> bool {
    let own = operands(&part.primitive).map_or_else(Vec::new, |(own, _)| own);
    part.to.is_packed() && own.iter().all(View::is_packed)
}

/// Whether the numbers of an instruction go through one `epilogue`.
fn is_one(lowering: &Lowering<'_>, part: &Instruction) -> bool {
    match part.primitive {
        Primitive::GeneratedSum(_) => generated::is_one(lowering, part.to),
        Primitive::Hadamard(_) => false,
        _ => true,
    }
}
