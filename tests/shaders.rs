//! Kernels for every adapter, without one: their texts are valid, translate to the languages of all drivers, and need no
//! more than every adapter has.
#![cfg(feature = "gpu")]

#[path = "families_of_operators/mod.rs"]
mod families_of_operators;
#[path = "../benches/networks/mod.rs"]
mod networks;

use families_of_operators::check_all;
use naga::back::{hlsl, msl, spv};
use naga::front::wgsl;
use naga::proc::{GlobalCtx, Layouter};
use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
use naga::{AddressSpace, Block, Expression, Function, Handle, Module, Statement, TypeInner};
use spectra::device::{Cpu, kernels};
use spectra::program::{
    AdamStep, Axis, Combination, CrossEntropy, Descent, Exec, ExecError, Fill, Gather, Gemm,
    Generated, GeneratedProducts, GeneratedSum, HadamardTransform, Law, Lists, Map, Maximum, Plan,
    Primitive, Record, Reduce, View, Zip,
};
use spectra::program::{Buffer, Function as Elementary};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Kernels of plans, by text.
#[derive(Default)]
struct Collected {
    names: BTreeMap<String, &'static str>,
    primitives: BTreeSet<usize>,
}

impl Collected {
    fn add(&mut self, plan: &Plan) {
        let kinds = plan.instructions().iter();
        self.primitives
            .extend(kinds.map(|instruction| kind(&instruction.primitive)));
        let own = kernels(plan).into_iter();
        self.names.extend(own.map(|(name, text)| (text, name)));
    }

    /// What `write` records.
    fn record(&mut self, write: impl FnOnce(&mut Record)) {
        let mut record = Record::new();
        write(&mut record);
        self.add(&Plan::new(&record));
    }
}

/// One number for each primitive, from zero. A new one is a line here.
fn kind(primitive: &Primitive) -> usize {
    match primitive {
        Primitive::Gemm(_) => 0,
        Primitive::GeneratedSum(_) => 1,
        Primitive::GeneratedProducts(_) => 2,
        Primitive::Map(_) => 3,
        Primitive::Zip(_) => 4,
        Primitive::Reduce(_) => 5,
        Primitive::Gather(_) => 6,
        Primitive::Maximum(_) => 7,
        Primitive::MaximumGradient(_) => 8,
        Primitive::CrossEntropy(_) => 9,
        Primitive::CrossEntropyGradient(_) => 10,
        Primitive::Hadamard(_) => 11,
        Primitive::Fill(_) => 12,
        Primitive::Descent(_) => 13,
        Primitive::AdamStep(_) => 14,
    }
}

const KINDS: usize = 15;

/// The processor, which is handed every plan of the operators' check.
struct Collecting {
    cpu: Cpu<f64>,
    collected: Collected,
}

impl Exec for Collecting {
    fn prepare(&mut self, plan: &Plan) -> Result<(), ExecError> {
        self.collected.add(plan);
        self.cpu.prepare(plan)
    }

    fn write(&mut self, buffer: Buffer, data: &[f64]) {
        self.cpu.write(buffer, data);
    }

    fn run(&mut self) -> Result<(), ExecError> {
        self.cpu.run()
    }

    fn follow(&mut self, buffer: Buffer) {
        self.cpu.follow(buffer);
    }

    fn followed(&mut self, values: &mut Vec<f64>, all: bool) -> Result<(), ExecError> {
        self.cpu.followed(values, all)
    }

    fn read(&mut self, buffer: Buffer) -> Result<Vec<f64>, ExecError> {
        self.cpu.read(buffer)
    }
}

/// Products of all layouts, and of sizes for which each tile is best for some.
fn products(collected: &mut Collected) {
    let sides = [1, 4, 12, 32, 100, 512, 4096];
    for (m, n) in sides.iter().flat_map(|m| sides.map(|n| (*m, n))) {
        for (k, batch) in [(1, 1), (25, 1), (1000, 1), (40_000, 1), (32, 100)] {
            if (m + n) * k * batch > 16 << 20 {
                continue;
            }
            for layout in 0..4 {
                collected.record(|record| {
                    let mut matrices = |rows: usize, columns: usize, turned: bool| match turned {
                        false => record.input("x", rows * batch, columns).row_blocks(batch),
                        true => record
                            .input("x", columns, rows * batch)
                            .t()
                            .row_blocks(batch),
                    };
                    let a = matrices(m, k, layout & 1 == 1);
                    let b = matrices(k, n, layout & 2 == 2);
                    let c = record.zeros(m * batch, n);
                    record.add(c.row_blocks(batch), Gemm::new(0.5, a, b));
                    record.output("c", c);
                });
            }
        }
    }
}

fn sums(collected: &mut Collected) {
    for length in [1, 2, 3, 7, 20, 100, 300, 5000, 300_000] {
        for count in [1, 5, 64, 3000] {
            for over in [Axis::Rows, Axis::Columns] {
                collected.record(|record| {
                    let x = match over {
                        Axis::Rows => record.input("x", length, count),
                        Axis::Columns => record.input("x", count, length),
                    };
                    let y = record.push(Reduce::new(over, x));
                    record.add(y, Reduce::new(over, x));
                    record.output("y", y);
                });
            }
        }
    }
}

fn transforms(collected: &mut Collected) {
    for levels in 0..22 {
        for columns in [1, 3, 64] {
            collected.record(|record| {
                let x = record.input("x", 1 << levels, columns);
                let y = record.push(HadamardTransform::new(0.5, x));
                record.output("y", y);
            });
        }
    }
}

fn generated(collected: &mut Collected) {
    for law in [Law::Normal, Law::Sign] {
        for (rows, columns, terms) in [(3, 2, 1), (500, 300, 70)] {
            let matrices = Generated {
                law,
                seed: 1,
                path: [1, 2, 3],
                rows,
                columns,
                terms,
                scale: 1.0,
            };
            collected.record(|record| {
                let a = record.input("a", terms, 1);
                let d = record.input("d", rows, columns);
                let sum = record.push(GeneratedSum::new(matrices, a));
                let products = record.push(GeneratedProducts::new(matrices, d));
                record.output("sum", sum);
                record.output("products", products);
            });
        }
    }
}

/// Every function, lists of all forms, losses, both optimisers, and more elementwise work in a row than one kernel has
/// bindings for.
fn entries(collected: &mut Collected) {
    for function in [
        Elementary::Scale(-1.5),
        Elementary::Exp,
        Elementary::Tanh,
        Elementary::Sigmoid,
        Elementary::Square,
        Elementary::Relu,
        Elementary::InverseRoot(0.25),
        Elementary::Cosine,
        Elementary::Sine,
        Elementary::Sign,
    ] {
        collected.record(|record| {
            let [x, dy] = ["x", "dy"].map(|name| record.input(name, 30, 20));
            let y = record.push(Map::new(function, x));
            let slope = record.push(Zip::new(Combination::Chain(function), dy, x));
            record.output("y", y);
            record.output("slope", slope);
        });
    }
    let lists = Arc::new(Lists::new(30, (0..9).map(|i| [i, 3 * i, i + 20])));
    let single = Arc::new(Lists::from_table(30, (0..9).map(|i| (i != 4).then_some(i))));
    collected.record(|record| {
        let x = record.input("x", 30, 20);
        let classes = record.input("classes", 1, 20);
        let largest = record.push(Maximum::new(Arc::clone(&lists), x));
        let losses = record.push(CrossEntropy::new(largest, classes));
        let ones = record.constant("ones", 1, 20, vec![1.0; 20]);
        let gradient = record.backward(losses, ones, &[x])[0];
        record.output("losses", losses);
        record.output("gradient", gradient);
        for lists in [lists, single] {
            let rows = record.push(Gather::new(lists, x));
            record.output("rows", rows);
        }
    });
    collected.record(|record| {
        let weight = record.state("weight", 500, 1);
        let [m, v, speed] = ["m", "v", "speed"].map(|name| record.state(name, 500, 1));
        let settings = record.input("settings", 2, 1);
        let gradient = record.input("gradient", 500, 1);
        let square = record.push(Map::new(Elementary::Square, gradient));
        let rate = settings.row_range(0..1);
        record.update(speed, 0.9, Descent::new(gradient, weight, rate, 1e-3));
        record.update(m, 0.9, Map::new(Elementary::Scale(0.1), gradient));
        record.update(v, 0.999, Map::new(Elementary::Scale(1e-3), square));
        record.update(weight, 1.0, AdamStep::new(m, v, settings));
    });
    collected.record(|record| {
        let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
        let inputs: Vec<View> = names.map(|name| record.input(name, 40, 3)).to_vec();
        let mut sum = record.push(Fill {
            rows: 40,
            columns: 3,
            value: 0.5,
        });
        for x in inputs {
            sum = record.push(Zip::new(Combination::Add, sum, x));
            record.output("sum", sum);
        }
    });
}

/// The kernels of networks, of every family of operators, and of every primitive in all its forms.
fn all() -> Collected {
    let mut collecting = Collecting {
        cpu: Cpu::new(),
        collected: Collected::default(),
    };
    check_all(&mut collecting, f64::EPSILON, &[(5, 7), (1, 1)]);
    let mut collected = collecting.collected;
    for step in [
        networks::lenet(64),
        networks::mlp(64),
        networks::quick(100),
        networks::layer(1024, 4, 100),
        networks::layer(1024, 32, 100),
    ] {
        collected.add(&step.plan);
    }
    products(&mut collected);
    sums(&mut collected);
    transforms(&mut collected);
    generated(&mut collected);
    entries(&mut collected);
    let known: BTreeSet<usize> = (0..KINDS).collect();
    assert_eq!(collected.primitives, known);
    collected
}

/// The module of a text that every adapter takes.
fn module(text: &str) -> Result<(Module, ModuleInfo), String> {
    let module = wgsl::parse_str(text).map_err(|error| error.emit_to_string(text))?;
    let mut validator = Validator::new(ValidationFlags::all(), Capabilities::empty());
    let info = validator.validate(&module);
    let info = info.map_err(|error| error.emit_to_string(text))?;
    Ok((module, info))
}

/// What drivers of Metal, Direct3D and Vulkan are given.
fn translated(module: &Module, info: &ModuleInfo) -> Result<(), String> {
    let options = msl::Options {
        lang_version: (2, 1),
        ..Default::default()
    };
    msl::write_string(module, info, &options, &Default::default())
        .map_err(|error| format!("Metal: {error}"))?;
    let mut text = String::new();
    let options = hlsl::Options::default();
    let pipeline = Default::default();
    hlsl::Writer::new(&mut text, &options, &pipeline)
        .write(module, info, None)
        .map_err(|error| format!("Direct3D: {error}"))?;
    spv::write_vec(module, info, &Default::default(), None)
        .map_err(|error| format!("Vulkan: {error}"))?;
    Ok(())
}

/// What a kernel needs more than the defaults of WebGPU.
fn excess(module: &Module) -> Option<String> {
    let mut layouter = Layouter::default();
    let context = GlobalCtx {
        types: &module.types,
        constants: &module.constants,
        overrides: &module.overrides,
        global_expressions: &module.global_expressions,
    };
    layouter.update(context).expect("types with sizes");
    let globals = || module.global_variables.iter().map(|(_, variable)| variable);
    let shared = globals().filter(|variable| variable.space == AddressSpace::WorkGroup);
    let shared: u32 = shared
        .map(|variable| layouter[variable.ty].size.next_multiple_of(16))
        .sum();
    let storage = |space| matches!(space, AddressSpace::Storage { .. });
    let bindings = globals().filter(|variable| storage(variable.space)).count();
    let [entry] = module.entry_points.as_slice() else {
        return Some("more entry points than one".to_owned());
    };
    let threads: u32 = entry.workgroup_size.iter().product();
    let atomic = |(_, ty): (_, &naga::Type)| matches!(ty.inner, TypeInner::Atomic(_));
    [
        (
            shared > 16_384,
            format!("{shared} bytes that threads share"),
        ),
        (bindings > 8, format!("{bindings} storage bindings")),
        (threads > 256, format!("{threads} threads")),
        (module.types.iter().any(atomic), "atomic numbers".to_owned()),
    ]
    .into_iter()
    .find_map(|(exceeds, what)| exceeds.then_some(what))
}

/// A function, and what is known of its expressions.
struct Body<'a> {
    module: &'a Module,
    function: &'a Function,
    info: &'a naga::valid::FunctionInfo,
}

impl Body<'_> {
    /// All blocks, with whether they are in one that not all threads may enter: a loop is entered by all.
    fn blocks<'b>(block: &'b Block, inside: bool, each: &mut impl FnMut(&'b Statement, bool)) {
        for statement in block {
            each(statement, inside);
            match statement {
                Statement::Block(block) => Self::blocks(block, inside, each),
                Statement::If { accept, reject, .. } => {
                    Self::blocks(accept, true, each);
                    Self::blocks(reject, true, each);
                }
                Statement::Switch { cases, .. } => {
                    for case in cases {
                        Self::blocks(&case.body, true, each);
                    }
                }
                Statement::Loop {
                    body, continuing, ..
                } => {
                    Self::blocks(body, inside, each);
                    Self::blocks(continuing, inside, each);
                }
                _ => {}
            }
        }
    }

    /// Whether some statement is a barrier, here or in what is called.
    fn meets(&self, statement: &Statement) -> bool {
        match statement {
            Statement::ControlBarrier(_) => true,
            Statement::Call { function, .. } => {
                let function = &self.module.functions[*function];
                let mut meets = false;
                Self::blocks(&function.body, false, &mut |inner, _| {
                    meets |= self.meets(inner);
                });
                meets
            }
            _ => false,
        }
    }

    /// What could part the threads before they meet: a barrier in a branch, a return before a barrier.
    fn parted(&self) -> Option<&'static str> {
        let (mut returned, mut problem) = (false, None);
        Self::blocks(&self.function.body, false, &mut |statement, inside| {
            if self.meets(statement) && inside {
                problem = Some("a barrier in a branch");
            }
            if self.meets(statement) && returned {
                problem = Some("a return before a barrier");
            }
            returned |= inside && matches!(statement, Statement::Return { .. });
        });
        problem
    }

    /// Whether a pointer is to one component of a vector that other threads see. Writing it may write the others.
    fn is_component(&self, pointer: Handle<Expression>) -> bool {
        let (Expression::Access { base, .. } | Expression::AccessIndex { base, .. }) =
            self.function.expressions[pointer]
        else {
            return false;
        };
        let seen = |space| {
            matches!(
                space,
                AddressSpace::WorkGroup | AddressSpace::Storage { .. }
            )
        };
        match *self.info[base].ty.inner_with(&self.module.types) {
            TypeInner::Pointer { base, space } => {
                seen(space) && matches!(self.module.types[base].inner, TypeInner::Vector { .. })
            }
            TypeInner::ValuePointer { size, space, .. } => seen(space) && size.is_some(),
            _ => false,
        }
    }

    fn stores_component(&self) -> bool {
        let mut stores = false;
        Self::blocks(&self.function.body, false, &mut |statement, _| {
            if let Statement::Store { pointer, .. } = statement {
                stores |= self.is_component(*pointer);
            }
        });
        stores
    }
}

/// Every function of a kernel.
fn bodies<'a>(module: &'a Module, info: &'a ModuleInfo) -> Vec<Body<'a>> {
    let body = |function: &'a Function, info| Body {
        module,
        function,
        info,
    };
    let called = module.functions.iter();
    let called = called.map(|(handle, function)| body(function, &info[handle]));
    let entries = module.entry_points.iter().enumerate();
    let entries = entries.map(|(i, entry)| body(&entry.function, info.get_entry_point(i)));
    called.chain(entries).collect()
}

/// What is wrong with a text, in words.
fn problem(text: &str) -> Option<String> {
    let (module, info) = match module(text) {
        Ok(module) => module,
        Err(error) => return Some(error),
    };
    let bodies = bodies(&module, &info);
    let parted = bodies.iter().find_map(Body::parted).map(str::to_owned);
    let failed = translated(&module, &info).err();
    failed.or(excess(&module)).or(parted)
}

/// Whether a text writes single components of vectors that other threads see.
fn writes_components(text: &str) -> bool {
    let (module, info) = module(text).expect("a valid kernel");
    bodies(&module, &info).iter().any(Body::stores_component)
}

/// Catches a kernel that a driver refuses which no test runs on, one that needs more than an adapter must have, and
/// threads that do not all come to a barrier, which no compiler refuses.
#[test]
fn kernels_are_portable() {
    let collected = all();
    let mut wrong = BTreeSet::new();
    for (text, name) in &collected.names {
        if let Some(problem) = problem(text) {
            wrong.insert(format!("{name}: {problem}"));
        }
    }
    let names: BTreeSet<&str> = collected.names.values().copied().collect();
    println!("{} kernels: {names:?}", collected.names.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Catches a write of one component of a vector that threads share: by the language it may write the others, too, and on
/// Metal and Direct3D it does, over what a neighbour wrote there.
#[test]
fn threads_share_whole_vectors() {
    let names = all().names.into_iter();
    let wrong = names.filter(|(text, _)| writes_components(text));
    let wrong: BTreeSet<&str> = wrong.map(|(_, name)| name).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// The check itself: catches one that lets everything pass.
#[test]
fn kernels_that_are_not_are_found() {
    let shared = "var<workgroup> a: array<vec4<f32>, 64>;\n@group(0) @binding(0) var<storage, \
                  read_write> b: array<f32>;\n";
    let main = "@compute @workgroup_size(64)\nfn main(@builtin(local_invocation_index) i: u32) ";
    for (body, words) in [
        ("{ if (i < 3u) { workgroupBarrier(); } }", "branch"),
        ("{ if (i < 3u) { return; } workgroupBarrier(); }", "return"),
        ("{ b[i] = 1u; }", "error"),
    ] {
        let found = problem(&format!("{shared}{main}{body}")).unwrap_or_default();
        assert!(found.contains(words), "{body}: {found}");
    }
    for body in ["{ a[i][i % 4u] = 1.0; }", "{ a[i].y = 1.0; }"] {
        assert!(
            writes_components(&format!("{shared}{main}{body}")),
            "{body}"
        );
    }
    let right = "{ for (var k = 0u; k < 3u; k++) { a[i] = vec4<f32>(b[i]); workgroupBarrier(); } \
                 if (i < 3u) { return; } b[i] = a[63u - i].x; }";
    let right = format!("{shared}{main}{right}");
    assert_eq!(problem(&right), None);
    assert!(!writes_components(&right));
    for (text, words) in [
        ("var<workgroup> a: array<vec4<f32>, 1025>;", "16400 bytes"),
        ("var<workgroup> a: atomic<u32>;", "atomic"),
    ] {
        let main = "@compute @workgroup_size(1)\nfn main() { ";
        let used = if words == "atomic" {
            "atomicStore(&a, 1u); }"
        } else {
            "a[0] = vec4<f32>(); }"
        };
        let found = problem(&format!("{text}\n{main}{used}")).unwrap_or_default();
        assert!(found.contains(words), "{text}: {found}");
    }
    let wide = "@compute @workgroup_size(257)\nfn main() {}";
    assert_eq!(problem(wide), Some("257 threads".to_owned()));
}
