//! Elementwise work: neighbouring instructions on one shape as one kernel, written for the purpose.

use super::dispatch::{Binding, Kernel, THREADS, word};
use super::lower::Lowering;
use crate::program::{Combination, Function, Instruction, Primitive, Role, View};
use std::fmt::Write;

/// Instructions of one kernel at most: their values stay in registers.
const LONGEST: usize = 24;

/// Text of the functions that kernels call.
pub(super) const ELEMENTARY: &str = include_str!("elementary.wgsl");

/// Neighbouring instructions, each entry of which needs only its own place in the others' results.
pub(super) struct Chain {
    rows: usize,
    columns: usize,
    /// Whether all views so far lie packed, so that their shape is a matter of words.
    packed: bool,
    steps: Vec<Step>,
}

struct Step {
    primitive: Primitive,
    /// Where entries come from that a later view of the same shape names.
    to: View,
    keep: f64,
}

impl Chain {
    /// As many of the first of `parts` as run as one kernel; none if the first is no elementwise work.
    pub fn new(lowering: &Lowering<'_>, parts: &[Instruction]) -> Option<Chain> {
        let first = parts.first()?;
        operands(&first.primitive)?;
        let mut chain = Chain {
            rows: first.to.rows,
            columns: first.to.columns,
            packed: is_packed(first),
            steps: Vec::new(),
        };
        for part in parts.iter().take(LONGEST) {
            if !chain.take(lowering, part) {
                break;
            }
        }
        Some(chain)
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
        let mut all = Chain {
            rows: shape[0],
            columns: shape[1],
            packed: self.packed && packed,
            steps: Vec::new(),
        };
        std::mem::swap(&mut all.steps, &mut self.steps);
        all.steps.push(step(part));
        let fits = all.is_sound(lowering) && all.slots(lowering).len() <= lowering.limits.bindings;
        if !fits {
            all.steps.pop();
            self.steps = all.steps;
            return false;
        }
        *self = all;
        true
    }

    /// A view in the chain's shape.
    fn shaped(&self, view: View) -> View {
        match [view.rows, view.columns] == [self.rows, self.columns] {
            true => view,
            false => view.reshaped([self.rows, self.columns, 1]),
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
        let (own, single) = operands(&last.primitive).expect("elementwise work");
        let written = |view: &View| before.iter().any(|step| step.to.buffer == view.buffer);
        // an operand that is another view of what the chain writes would meet half of it
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
            let (own, single) = operands(&step.primitive).expect("elementwise work");
            let kept = (step.keep != 0.0).then_some(step.to);
            let own = own.into_iter().chain(kept);
            let own = own.filter(move |view| self.source(i, *view).is_none());
            own.map(|view| (view, false))
                .chain(single.into_iter().map(|view| (view, true)))
        });
        let undisturbed = loaded
            .filter(|(view, _)| lowering.slot(view.buffer) == slot)
            .all(|(view, single)| !single && place(view) == to);
        read && elsewhere && undisturbed && !single.iter().any(written)
    }

    /// Whether the result of a step is wanted after the chain.
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

    /// The slots that the chain touches.
    fn slots(&self, lowering: &Lowering<'_>) -> Vec<usize> {
        let mut slots = Vec::new();
        for step in &self.steps {
            let (own, single) = operands(&step.primitive).expect("elementwise work");
            for view in own.into_iter().chain(single).chain([step.to]) {
                let slot = lowering.slot(view.buffer);
                if !slots.contains(&slot) {
                    slots.push(slot);
                }
            }
        }
        slots
    }

    /// Writes the kernel and has it run; `after` is the rest of the plan.
    pub fn lower(&self, lowering: &mut Lowering<'_>, after: &[Instruction]) {
        let mut writer = Writer::new(self.rows, self.columns);
        for (at, step) in self.steps.iter().enumerate() {
            let (own, single) = operands(&step.primitive).expect("elementwise work");
            let mut entries = Vec::new();
            for view in own {
                entries.push(match self.source(at, view) {
                    Some(step) => format!("v{step}"),
                    None => writer.load(lowering, self.shaped(view)),
                });
            }
            for view in single {
                entries.push(writer.load(lowering, view));
            }
            let mut value = value(&step.primitive, &entries, &mut writer);
            if step.keep != 0.0 {
                let old = match self.source(at, step.to) {
                    Some(step) => format!("v{step}"),
                    None => writer.load(lowering, self.shaped(step.to)),
                };
                let keep = writer.number(step.keep as f32);
                value = match step.keep {
                    1.0 => format!("{old} + {value}"),
                    _ => format!("fma({keep}, {old}, {value})"),
                };
            }
            writeln!(writer.body, "    let v{at} = {value};").expect("a string");
            if self.lasts(lowering, at, after) {
                writer.store(lowering, self.shaped(step.to), &format!("v{at}"));
            }
        }
        writer.finish(lowering);
    }
}

/// Has `to` filled with `value`.
pub(super) fn fill(lowering: &mut Lowering<'_>, value: f32, to: View) {
    // a batch is filled as wide rows of matrices one beside the other
    for matrix in 0..to.batch {
        let to = View {
            offset: to.offset + matrix * to.batch_stride,
            batch: 1,
            ..to
        };
        let mut writer = Writer::new(to.rows, to.columns);
        let value = writer.number(value);
        writer.store(lowering, to, &value);
        writer.finish(lowering);
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

/// What a step computes of its operands.
fn value(primitive: &Primitive, entries: &[String], writer: &mut Writer) -> String {
    let entry = |i: usize| entries[i].as_str();
    match primitive {
        Primitive::Map(p) => match p.function {
            Function::Scale(1.0) => entry(0).to_owned(),
            Function::Scale(a) => format!("{} * {}", writer.number(a as f32), entry(0)),
            Function::InverseRoot(epsilon) => {
                let epsilon = writer.number(epsilon as f32);
                format!("inverse_root({} + {epsilon})", entry(0))
            }
            function => format!("{}({})", name(function), entry(0)),
        },
        Primitive::Zip(p) => match p.combination {
            Combination::Add => format!("{} + {}", entry(0), entry(1)),
            Combination::Subtract => format!("{} - {}", entry(0), entry(1)),
            Combination::Multiply => format!("{} * {}", entry(0), entry(1)),
            Combination::Chain(Function::Scale(a)) => {
                format!("{} * {}", entry(0), writer.number(a as f32))
            }
            Combination::Chain(Function::InverseRoot(epsilon)) => {
                let epsilon = writer.number(epsilon as f32);
                format!(
                    "{} * inverse_root_slope({} + {epsilon})",
                    entry(0),
                    entry(1)
                )
            }
            Combination::Chain(function) => {
                format!("{} * {}_slope({})", entry(0), name(function), entry(1))
            }
        },
        Primitive::Fill(p) => writer.number(p.value as f32),
        Primitive::Descent(p) => {
            let decay = writer.number(p.decay as f32);
            format!("{} * fma({decay}, {}, {})", entry(2), entry(1), entry(0))
        }
        Primitive::AdamStep(_) => {
            format!(
                "{} * {} / (sqrt({}) + {})",
                entry(2),
                entry(0),
                entry(1),
                entry(3)
            )
        }
        _ => unreachable!("no elementwise work"),
    }
}

/// What a function is called in `elementary.wgsl`; its derivative is called `…_slope`.
fn name(function: Function) -> &'static str {
    match function {
        Function::Exp => "exponential",
        Function::Tanh => "hyperbolic_tangent",
        Function::Sigmoid => "sigmoid",
        Function::Square => "square",
        Function::Relu => "relu",
        Function::Cosine => "cosine",
        Function::Sine => "sine",
        Function::Sign => "sign_of",
        Function::Scale(_) | Function::InverseRoot(_) => unreachable!("has a number of its own"),
    }
}

/// A kernel being written.
struct Writer {
    rows: usize,
    columns: usize,
    body: String,
    bindings: Vec<Binding>,
    /// Each view that was read or written: its first entry in the slot, and its place among the parameters.
    views: Vec<(usize, View)>,
    numbers: Vec<f32>,
    /// What was loaded.
    loaded: Vec<(View, String)>,
}

impl Writer {
    fn new(rows: usize, columns: usize) -> Writer {
        Writer {
            rows,
            columns,
            body: String::new(),
            bindings: Vec::new(),
            views: Vec::new(),
            numbers: Vec::new(),
            loaded: Vec::new(),
        }
    }

    /// A parameter.
    fn number(&mut self, x: f32) -> String {
        let same = |y: &f32| y.to_bits() == x.to_bits();
        let place = self.numbers.iter().position(same).unwrap_or_else(|| {
            self.numbers.push(x);
            self.numbers.len() - 1
        });
        format!("p.numbers[{}][{}]", place / 4, place % 4)
    }

    /// The binding and the parameter of a view.
    fn view(&mut self, lowering: &Lowering<'_>, view: View, write: bool) -> [usize; 2] {
        let (own, _) = lowering.window(view, write);
        let same = |other: &Binding| other.source == own.source;
        let binding = match self.bindings.iter().position(same) {
            Some(known) => {
                let other = &mut self.bindings[known];
                let end = (other.first + other.count).max(own.first + own.count);
                other.first = other.first.min(own.first);
                other.count = end - other.first;
                other.write |= write;
                known
            }
            None => {
                self.bindings.push(own);
                self.bindings.len() - 1
            }
        };
        self.views.push((binding, view));
        [binding, self.views.len() - 1]
    }

    fn load(&mut self, lowering: &Lowering<'_>, view: View) -> String {
        if let Some((_, name)) = self.loaded.iter().find(|(known, _)| *known == view) {
            return name.clone();
        }
        let [binding, place] = self.view(lowering, view, false);
        let name = format!("x{place}");
        let index = match view.entries() {
            1 => format!("p.views[{place}].x"),
            _ => format!("at(p.views[{place}], i, j)"),
        };
        writeln!(self.body, "    let {name} = b{binding}[{index}];").expect("a string");
        self.loaded.push((view, name.clone()));
        name
    }

    fn store(&mut self, lowering: &Lowering<'_>, view: View, value: &str) {
        let [binding, place] = self.view(lowering, view, true);
        let index = format!("at(p.views[{place}], i, j)");
        writeln!(self.body, "    b{binding}[{index}] = {value};").expect("a string");
        self.loaded.retain(|(known, _)| known.buffer != view.buffer);
    }

    fn finish(mut self, lowering: &mut Lowering<'_>) {
        if self.views.is_empty() {
            return;
        }
        self.numbers
            .resize(self.numbers.len().next_multiple_of(4).max(4), 0.0);
        let (views, numbers) = (self.views.len(), self.numbers.len() / 4);
        let mut text = format!(
            "struct Parameters {{\n    rows: u32,\n    columns: u32,\n    views: array<vec4<u32>, {views}>,\n    \
             numbers: array<vec4<f32>, {numbers}>,\n}}\n@group(0) @binding(0) var<uniform> p: Parameters;\n"
        );
        for (i, binding) in self.bindings.iter().enumerate() {
            let access = if binding.write { "read_write" } else { "read" };
            let at = i + 1;
            writeln!(
                text,
                "@group(0) @binding({at}) var<storage, {access}> b{i}: array<f32>;"
            )
            .expect("a string");
        }
        let body = &self.body;
        write!(
            text,
            "@compute @workgroup_size({THREADS})\nfn main(@builtin(workgroup_id) id: vec3<u32>, \
             @builtin(num_workgroups) count: vec3<u32>, @builtin(local_invocation_index) local: u32) {{\n    \
             let index = group(id, count) * {THREADS}u + local;\n    \
             if (index >= p.rows * p.columns) {{\n        return;\n    }}\n    \
             let j = index / p.rows;\n    let i = index - j * p.rows;\n{body}}}\n"
        )
        .expect("a string");
        let mut parameters = vec![word(self.rows), word(self.columns), 0, 0];
        for (binding, view) in &self.views {
            let first = self.bindings[*binding].first;
            parameters.extend(super::dispatch::strides(*view, first));
        }
        parameters.extend(self.numbers.iter().map(|x| x.to_bits()));
        let kernel = Kernel::new("elementwise", &[], &format!("{ELEMENTARY}{text}"));
        let groups = (self.rows * self.columns).div_ceil(THREADS);
        lowering.dispatch(kernel, self.bindings, parameters, [groups, 1]);
    }
}
