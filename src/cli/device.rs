//! `--device`: which device runs the plans, and why.

use crate::device::{Device, Precision};
use clap::Args;

#[cfg(feature = "gpu")]
use crate::device::{Adapter, AdapterInfo, AdapterKind, Gpu, Machine, adapters};
#[cfg(feature = "gpu")]
use crate::program::Exec;
#[cfg(feature = "gpu")]
use crate::weights::escape;

/// Fewest floating-point operations of a run of a plan for which `auto` takes a GPU. An estimate, not a measurement:
/// to start some thirty kernels costs a tenth of a millisecond or more, in which the processor's cores do about as
/// many operations.
#[cfg(feature = "gpu")]
pub(super) const LEAST: u64 = 10_000_000;

/// Fewest operations for each of the processor's cores, in a command that is done soon, for which `auto` takes a GPU. To
/// open one and to make its kernels takes some tenths of a second, in which a core does so many of a sketch's trials.
const ONCE: u64 = 20_000_000_000;

/// Which device is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// The one that is likely to be fastest.
    Auto,
    /// The processor.
    Cpu,
    /// The first GPU.
    Gpu,
    /// The GPU of this number.
    Numbered(usize),
}

/// The option of every command that runs plans.
#[derive(Debug, Args)]
pub(super) struct DeviceOption {
    /// Device: auto (a GPU where there is one and it pays), cpu, gpu, or gpu:N as spectra devices
    /// numbers them
    #[arg(long, value_name = "DEVICE", default_value = "auto", value_parser = choice)]
    device: Choice,
}

fn choice(text: &str) -> Result<Choice, String> {
    let numbered = text.strip_prefix("gpu:").map(str::parse);
    match (text, numbered) {
        ("auto", _) => Ok(Choice::Auto),
        ("cpu", _) => Ok(Choice::Cpu),
        ("gpu", _) => Ok(Choice::Gpu),
        (_, Some(Ok(number))) => Ok(Choice::Numbered(number)),
        _ => {
            Err("auto, cpu, gpu or gpu:N is needed, N a number that spectra devices prints".into())
        }
    }
}

impl DeviceOption {
    /// Returns how a GPU is asked for, if one is.
    pub fn gpu(&self) -> Option<String> {
        match self.device {
            Choice::Auto | Choice::Cpu => None,
            Choice::Gpu => Some("--device gpu".to_owned()),
            Choice::Numbered(number) => Some(format!("--device gpu:{number}")),
        }
    }

    /// Opens the device for `flops` operations in single precision that are done once, none being the CPU, with a line that
    /// says which where it is another.
    ///
    /// # Errors
    ///
    /// As [`take`](DeviceOption::take).
    pub fn take_once(
        &self,
        flops: u64,
    ) -> anyhow::Result<(Option<Device<'static>>, Option<String>)> {
        let cores = rayon::current_num_threads() as u64;
        if self.device == Choice::Auto && flops / cores < ONCE {
            return Ok((None, None));
        }
        let (device, said) = self.take(Precision::Single, flops)?;
        let said = said.filter(|_| device.is_some());
        Ok((device, said))
    }

    /// Opens the device for a plan of `flops` floating-point operations in these numbers, none being the CPU, with a line
    /// that says which and why, unless it was asked for.
    ///
    /// # Errors
    ///
    /// One sentence, where a GPU is asked for that cannot be had.
    #[cfg(feature = "gpu")]
    pub fn take(
        &self,
        precision: Precision,
        flops: u64,
    ) -> anyhow::Result<(Option<Device<'static>>, Option<String>)> {
        let mut found: Vec<Adapter> = Vec::new();
        let Decision { adapter, reason } = decide(self.device, precision, flops, || {
            found = adapters();
            found.iter().map(|adapter| adapter.info().clone()).collect()
        })?;
        let Some(adapter) = adapter.and_then(|number| found.get(number)) else {
            let said = reason.map(|reason| format!("device: processor; {reason}"));
            return Ok((None, said));
        };
        match adapter.open() {
            Ok(machine) => {
                let reason = reason.map_or(String::new(), |reason| format!("; {reason}"));
                let said = format!("device: {}{reason}", escape(&named(adapter.info())));
                let device = device_on(machine);
                let device = if self.gpu().is_some() {
                    device
                } else {
                    device.unless_cpu_is_better()
                };
                Ok((Some(device), Some(said)))
            }
            Err(error) if self.device == Choice::Auto => {
                let said = format!("device: processor; {}", escape(&error.to_string()));
                Ok((None, Some(said)))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The processor, for want of support for others, and a line that says so, unless it was asked for.
    ///
    /// # Errors
    ///
    /// Where another is asked for.
    #[cfg(not(feature = "gpu"))]
    pub fn take(
        &self,
        _: Precision,
        _: u64,
    ) -> anyhow::Result<(Option<Device<'static>>, Option<String>)> {
        match self.device {
            Choice::Cpu => Ok((None, None)),
            Choice::Auto => Ok((None, Some(format!("device: processor; {UNSUPPORTED}")))),
            Choice::Gpu | Choice::Numbered(_) => {
                anyhow::bail!("--device gpu: {UNSUPPORTED}: take --device cpu")
            }
        }
    }
}

/// Returns the device of an open GPU.
#[cfg(feature = "gpu")]
fn device_on(machine: Machine) -> Device<'static> {
    let name = named(machine.info());
    Device::new(&name, move |_| -> Box<dyn Exec> {
        Box::new(Gpu::new(&machine))
    })
}

/// What a build without the feature says of GPUs.
#[cfg(not(feature = "gpu"))]
pub(super) const UNSUPPORTED: &str = "this program was built without support for GPUs";

/// The name of an adapter with its backend: a card may have two.
#[cfg(feature = "gpu")]
pub(super) fn named(info: &AdapterInfo) -> String {
    format!("{} ({})", info.name, info.backend)
}

/// A device, and why it is taken where it was not asked for by itself.
#[cfg(feature = "gpu")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decision {
    /// The adapter's number; none is the processor.
    pub adapter: Option<usize>,
    pub reason: Option<String>,
}

/// The device for a plan of `flops` floating-point operations; `adapters` lists them where that depends on them.
#[cfg(feature = "gpu")]
pub(super) fn decide(
    choice: Choice,
    precision: Precision,
    flops: u64,
    adapters: impl FnOnce() -> Vec<AdapterInfo>,
) -> anyhow::Result<Decision> {
    let decided = |adapter: Option<usize>, reason: &str| {
        let reason = (!reason.is_empty()).then(|| reason.to_owned());
        Ok(Decision { adapter, reason })
    };
    let asked = match choice {
        Choice::Cpu => return decided(None, ""),
        Choice::Auto => return automatic(precision, flops, adapters),
        Choice::Gpu => "gpu".to_owned(),
        Choice::Numbered(number) => format!("gpu:{number}"),
    };
    anyhow::ensure!(
        precision == Precision::Single,
        "--device {asked}: GPUs compute in single precision, and f64 is asked for: take --device cpu"
    );
    let adapters = adapters();
    anyhow::ensure!(
        !adapters.is_empty(),
        "--device {asked}: no adapter was found, {INSTALL}: take --device cpu"
    );
    let hardware = |info: &AdapterInfo| info.kind != AdapterKind::Software;
    let number = match choice {
        Choice::Numbered(number) => number,
        _ => adapters.iter().position(hardware).unwrap_or(0),
    };
    match adapters.get(number) {
        Some(info) if hardware(info) => decided(Some(number), ""),
        Some(_) => decided(
            Some(number),
            "it is software, and far slower than --device cpu",
        ),
        None => {
            let list = (0..).zip(&adapters);
            let list: Vec<String> = list
                .map(|(number, info)| format!("gpu:{number} is {}", escape(&named(info))))
                .collect();
            anyhow::bail!(
                "--device {asked}: there is no such adapter; {}: take one of them, or --device cpu",
                list.join(", ")
            )
        }
    }
}

/// What may be missing where there is no adapter.
#[cfg(feature = "gpu")]
pub(super) const INSTALL: &str = "which needs a Vulkan driver (on Debian, mesa-vulkan-drivers has those of AMD, Intel and software)";

#[cfg(feature = "gpu")]
fn automatic(
    precision: Precision,
    flops: u64,
    adapters: impl FnOnce() -> Vec<AdapterInfo>,
) -> anyhow::Result<Decision> {
    let processor = |reason: String| {
        Ok(Decision {
            adapter: None,
            reason: Some(reason),
        })
    };
    if precision == Precision::Double {
        return processor("GPUs compute in single precision, and f64 is asked for".to_owned());
    }
    if flops < LEAST {
        let (took, least) = (flops as f64 / 1e6, LEAST / 1_000_000);
        return processor(format!(
            "a step of {took:.1} million operations is too small for a GPU to pay, which begins at {least} million"
        ));
    }
    let adapters = adapters();
    let hardware = |info: &AdapterInfo| info.kind != AdapterKind::Software;
    match adapters.iter().position(hardware) {
        Some(number) => Ok(Decision {
            adapter: Some(number),
            reason: Some("the first adapter that is no software".to_owned()),
        }),
        None => processor(match adapters.first() {
            None => "no GPU was found".to_owned(),
            Some(info) => format!(
                "the only adapter, {}, is software and far slower",
                escape(&named(info))
            ),
        }),
    }
}
