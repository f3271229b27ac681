//! What makes a kernel portable.

use naga::back::{hlsl, msl, spv};
use naga::front::wgsl;
use naga::proc::{GlobalCtx, Layouter};
use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
use naga::{AddressSpace, Block, Expression, Function, Handle, Module, Statement, TypeInner};

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
pub fn problem(text: &str) -> Option<String> {
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
pub fn writes_components(text: &str) -> bool {
    let (module, info) = module(text).expect("a valid kernel");
    bodies(&module, &info).iter().any(Body::stores_component)
}
