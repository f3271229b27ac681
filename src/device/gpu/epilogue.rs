//! The epilogue of a kernel: stores its results and runs the elementwise work that follows, in the same kernel.

use super::builder::Lowering;
use super::dispatch::{Binding, Kernel, strides, word};
use crate::program::{Combination, Function, Primitive, View};
use std::fmt::Write;

/// WGSL for the row and the column of an index.
const SPLIT: &str = "    let j = place / q.rows;
    let i = place - j * q.rows;
";

/// The function `epilogue(place, given)` of a kernel, being written: what is done with the number at a place of the
/// region that the kernel fills.
#[derive(Clone)]
pub(super) struct Epilogue {
    rows: usize,
    /// Whether row and column are needed: the division for them is expensive.
    split: bool,
    body: String,
    pub bindings: Vec<Binding>,
    /// Each view that is read or written, with its binding.
    views: Vec<(usize, View)>,
    numbers: Vec<f32>,
    /// Loaded views, with the names of their values.
    loaded: Vec<(View, String)>,
}

impl Epilogue {
    /// Starts empty, for a region seen as a packed matrix of so many rows.
    pub fn new(rows: usize) -> Epilogue {
        Epilogue {
            rows,
            split: false,
            body: String::new(),
            bindings: Vec::new(),
            views: Vec::new(),
            numbers: Vec::new(),
            loaded: Vec::new(),
        }
    }

    /// Stores the results: `to ← keep · to + given`.
    pub fn store_to(lowering: &Lowering<'_>, to: View, keep: f32) -> Epilogue {
        let region = region(to);
        let mut epilogue = Epilogue::new(region.rows);
        let value = epilogue.kept(lowering, region, keep, "given");
        epilogue.store(lowering, region, &value);
        epilogue
    }

    /// Stores the results in scratch memory, for partial sums.
    pub fn scratch(memory: Binding) -> Epilogue {
        let mut epilogue = Epilogue::new(1);
        epilogue.bindings.push(memory);
        epilogue
            .body
            .push_str("    b0[q.views[0].x + place] = given;\n");
        epilogue
    }

    /// A parameter.
    pub fn number(&mut self, x: f32) -> String {
        let same = |y: &f32| y.to_bits() == x.to_bits();
        let place = self.numbers.iter().position(same).unwrap_or_else(|| {
            self.numbers.push(x);
            self.numbers.len() - 1
        });
        format!("q.numbers[{}][{}]", place / 4, place % 4)
    }

    /// Gives `value` a name.
    pub fn name(&mut self, name: &str, value: &str) {
        writeln!(self.body, "    let {name} = {value};").expect("a string");
    }

    /// `value` over what is kept of `view`.
    pub fn kept(&mut self, lowering: &Lowering<'_>, view: View, keep: f32, value: &str) -> String {
        if keep == 0.0 {
            return value.to_owned();
        }
        let old = self.load(lowering, view);
        self.over(&old, keep, value)
    }

    /// `keep · old + value`.
    pub fn over(&mut self, old: &str, keep: f32, value: &str) -> String {
        match keep {
            1.0 => format!("{old} + {value}"),
            _ => format!("fma({}, {old}, {value})", self.number(keep)),
        }
    }

    /// Loads the entry of a view, or its only one.
    pub fn load(&mut self, lowering: &Lowering<'_>, view: View) -> String {
        if let Some((_, name)) = self.loaded.iter().find(|(known, _)| *known == view) {
            return name.clone();
        }
        let [binding, place] = self.view(lowering, view, false);
        let name = format!("x{place}");
        let index = self.index(view, place);
        self.name(&name, &format!("b{binding}[{index}]"));
        self.loaded.push((view, name.clone()));
        name
    }

    /// Stores `value` in a view.
    pub fn store(&mut self, lowering: &Lowering<'_>, view: View, value: &str) {
        let [binding, place] = self.view(lowering, view, true);
        let index = self.index(view, place);
        writeln!(self.body, "    b{binding}[{index}] = {value};").expect("a string");
        self.loaded.retain(|(known, _)| known.buffer != view.buffer);
    }

    /// The index of a view's entry in its binding.
    fn index(&mut self, view: View, parameter: usize) -> String {
        if view.entries() == 1 {
            format!("q.views[{parameter}].x")
        } else if view.is_packed() {
            format!("q.views[{parameter}].x + place")
        } else {
            self.split = true;
            format!("at(q.views[{parameter}], i, j)")
        }
    }

    /// The binding and the parameter of a view. What is written has one binding; what is only read gets another where
    /// one would be too large.
    fn view(&mut self, lowering: &Lowering<'_>, view: View, write: bool) -> [usize; 2] {
        let (own, _) = lowering.window(view, write);
        let joins = |other: &Binding| {
            let joined = other.joined(&own);
            let fits = joined.count <= lowering.limits.binding;
            other.source == own.source && (fits || joined.write)
        };
        let binding = match self.bindings.iter().position(joins) {
            Some(known) => {
                self.bindings[known] = self.bindings[known].joined(&own);
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

    /// Returns the WGSL, when `first` bindings stand before its own.
    pub fn text(&self, first: usize) -> String {
        let (views, numbers) = (self.views.len().max(1), self.quads());
        let mut text = format!(
            "
struct After {{
    rows: u32,
    views: array<vec4<u32>, {views}>,
    numbers: array<vec4<f32>, {numbers}>,
}}

@group(0) @binding({first}) var<uniform> q: After;
"
        );
        for (i, binding) in self.bindings.iter().enumerate() {
            let access = if binding.write { "read_write" } else { "read" };
            let at = first + 1 + i;
            writeln!(
                text,
                "@group(0) @binding({at}) var<storage, {access}> b{i}: array<f32>;"
            )
            .expect("a string");
        }
        let (body, split) = (&self.body, if self.split { SPLIT } else { "" });
        write!(
            text,
            "
fn epilogue(place: u32, given: f32) {{
{split}{body}}}
"
        )
        .expect("a string");
        text
    }

    /// Returns the words of its uniform structure.
    pub fn parameters(&self) -> Vec<u32> {
        let mut words = vec![word(self.rows), 0, 0, 0];
        for (binding, view) in &self.views {
            words.extend(strides(*view, self.bindings[*binding].first));
        }
        words.resize(words.len().max(8), 0);
        let mut numbers: Vec<u32> = self.numbers.iter().map(|x| x.to_bits()).collect();
        numbers.resize(4 * self.quads(), 0);
        words.extend(numbers);
        words
    }

    /// Numbers by four.
    fn quads(&self) -> usize {
        self.numbers.len().div_ceil(4).max(1)
    }
}

impl Lowering<'_> {
    /// Runs a kernel that hands its numbers to `epilogue`, in so many workgroups and layers of them.
    pub fn dispatch(
        &mut self,
        kernel: Kernel,
        reads: Vec<Binding>,
        parameters: Vec<u32>,
        epilogue: Epilogue,
        grid: [usize; 2],
    ) {
        let place = 1 + reads.len();
        let kernel = kernel.with(&epilogue.text(place));
        let after = Some((place, epilogue.parameters()));
        let bindings = [reads, epilogue.bindings].concat();
        self.start_with(kernel, bindings, parameters, after, grid);
    }
}

/// All places between the first entry of a view and the last, as one column.
pub(super) fn region(view: View) -> View {
    let places = view.end() - view.offset;
    View {
        offset: view.offset,
        rows: places,
        columns: 1,
        batch: 1,
        row_stride: 1,
        column_stride: places,
        batch_stride: places,
        ..view
    }
}

/// The expression that a step computes from its operands.
pub(super) fn value(primitive: &Primitive, entries: &[String], writer: &mut Epilogue) -> String {
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
        _ => "given".to_owned(),
    }
}

/// The name of a function in `elementary.wgsl`; its derivative is called `…_slope`.
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
