//! Linear algebra written down once and run anywhere: primitives, their derivatives, static plans.
//!
//! A [`Record`] is a list of [`Primitive`]s on strided [`View`]s of buffers of fixed shape;
//! samples are columns. Two rules carry everything else:
//!
//! - **A buffer is born zero, and a primitive adds its result to a view of a buffer.** So sums,
//!   blocks and gradients need no operations of their own.
//! - **A buffer is written first and read afterwards.** So what a primitive read is still there
//!   when the gradient is computed. Only a state, which lasts from run to run, is read first and changed once,
//!   at the end.
//!
//! Each primitive has its derivative beside it in the same primitives, so
//! [`Record::backward`] appends the adjoint program to the record. That program can be differentiated again unless
//! it holds the gradient of a maximum, of cross-entropy or of a [`Function`]: these panic.
//! [`Plan::new`] drops what no output needs, stores where adding to zero would do the same, and lays buffers
//! that never live together into one slot of memory. An [`Exec`] runs the plan. The trait stands
//! here and not with the devices because it needs plans only: whoever writes programs can run
//! them without knowing a device.
//!
//! ```
//! use spectra::program::{Exec, Gemm, Plan, Record};
//!
//! let mut record = Record::new();
//! let a = record.input("a", 2, 3);
//! let x = record.input("x", 3, 1);
//! let y = record.push(Gemm::new(1.0, a, x));
//! let dx = record.backward(y, y, &[x])[0]; // the gradient of ½‖A x‖² is Aᵀ A x
//! let out = record.output("gradient", dx);
//! let plan = Plan::new(&record);
//! assert_eq!(plan.cost().flops, 24);
//!
//! let mut cpu = spectra::device::Cpu::<f64>::new();
//! cpu.prepare(&plan)?;
//! cpu.write(a.buffer, &[1.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
//! cpu.write(x.buffer, &[1.0, 2.0, 3.0]);
//! cpu.run()?;
//! assert_eq!(cpu.read(out)?, [4.0, 5.0, 9.0]);
//! # Ok::<(), spectra::program::ExecError>(())
//! ```

mod backward;
mod cross_entropy;
mod descent;
mod exec;
mod fill;
mod gather;
mod gemm;
mod generated;
mod hadamard;
mod instruction;
mod map;
mod maximum;
mod memory;
mod plan;
mod primitive;
mod record;
mod reduce;
mod rematerialize;
mod rule;
mod schedule;
mod trigonometric;
mod view;
mod zip;

pub use backward::Adjoints;
pub use cross_entropy::{CrossEntropy, CrossEntropyGradient};
pub use descent::{AdamStep, Descent};
pub use exec::{Exec, ExecError};
pub use fill::Fill;
pub use gather::{Gather, Lists};
pub use gemm::Gemm;
pub use generated::{Generated, GeneratedProducts, GeneratedSum};
pub use hadamard::HadamardTransform;
pub use instruction::Instruction;
pub use map::{Function, Map};
pub use maximum::{Maximum, MaximumGradient};
pub use plan::{Cost, Plan, PlannedBuffer};
pub use primitive::Primitive;
pub use record::{Record, Role};
pub use reduce::{Axis, Reduce};
pub use rule::Rule;
pub use trigonometric::{TrigonometricTransform, Waves};
pub use view::{Buffer, View};
pub use zip::{Combination, Zip};
