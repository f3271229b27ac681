//! `spectra devices`: what can run plans, and how fast.

use super::terminal::{colours, print};
use crate::device::{Cpu, gemm_rate};
use crate::program::Exec;
use crate::report::{DeviceRow, device_table, to_json};
use clap::Args;
use serde::Serialize;
use std::process::ExitCode;

#[cfg(feature = "gpu")]
use super::device::{Choice, Decision, INSTALL, LEAST, decide, named};
#[cfg(feature = "gpu")]
use crate::device::{Adapter, AdapterKind, Gpu, adapters};
#[cfg(feature = "gpu")]
use crate::train::recipe::Precision;
#[cfg(feature = "gpu")]
use crate::weights::escape;

/// Size of the products whose rate is measured.
const SIZE: usize = 1024;
/// The same of software that acts as a GPU.
#[cfg(feature = "gpu")]
const SOFTWARE_SIZE: usize = 192;

/// The processor and the GPUs, with their rates
#[derive(Debug, Args)]
#[command(after_help = "\
GFlop/s is measured: the product of two matrices of single precision, 1024 × 1024, and 192 × 192
on software. GPUs are reached through Vulkan, Metal and DX12. VK_DRIVER_FILES names the Vulkan
drivers that are looked for.

Examples:
  spectra devices
  spectra devices --json
  spectra train recipe.toml --device gpu:0")]
pub(super) struct Devices {
    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// What is listed.
#[derive(Serialize)]
struct Listing {
    devices: Vec<DeviceRow>,
    auto: Auto,
}

/// What `--device auto` takes.
#[derive(Serialize)]
struct Auto {
    /// The number; none is the processor.
    number: Option<usize>,
    device: String,
    reason: String,
}

impl Devices {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let Listing { devices, auto } = listing()?;
        let text = if self.json {
            to_json(&Listing { devices, auto })?
        } else {
            format!(
                "{}\nauto takes {}: {}\n",
                device_table(&devices, colours(None)),
                auto.device,
                auto.reason
            )
        };
        print(text.as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }
}

fn processor() -> DeviceRow {
    DeviceRow {
        name: "processor".into(),
        kind: "processor".into(),
        threads: Some(rayon::current_num_threads()),
        ..measured(&mut Cpu::<f32>::new(), SIZE)
    }
}

fn measured(exec: &mut dyn Exec, size: usize) -> DeviceRow {
    let (gflops, problem) = match gemm_rate(exec, size) {
        Ok(rate) => (Some(rate / 1e9), None),
        Err(error) => (None, Some(error.to_string())),
    };
    DeviceRow {
        gflops,
        problem,
        ..DeviceRow::default()
    }
}

#[cfg(not(feature = "gpu"))]
fn listing() -> anyhow::Result<Listing> {
    Ok(Listing {
        devices: vec![processor()],
        auto: Auto {
            number: None,
            device: "the processor".into(),
            reason: super::device::UNSUPPORTED.into(),
        },
    })
}

#[cfg(feature = "gpu")]
fn listing() -> anyhow::Result<Listing> {
    let found = adapters();
    let infos = || found.iter().map(|adapter| adapter.info().clone()).collect();
    let Decision { adapter, reason } = decide(Choice::Auto, Precision::Single, u64::MAX, infos)?;
    let reason = reason.unwrap_or_default();
    let auto = match adapter {
        Some(number) => Auto {
            number: Some(number),
            device: format!("gpu:{number}, {}", escape(&named(found[number].info()))),
            reason: format!(
                "{reason}; the processor for steps of fewer than {} million operations and for f64",
                LEAST / 1_000_000
            ),
        },
        None => Auto {
            number: None,
            device: "the processor".into(),
            reason: if found.is_empty() {
                format!("{reason}, {INSTALL}")
            } else {
                reason
            },
        },
    };
    let adapters = found.iter().enumerate();
    let devices = adapters.map(|(number, adapter)| row(number, adapter));
    Ok(Listing {
        devices: std::iter::once(processor()).chain(devices).collect(),
        auto,
    })
}

#[cfg(feature = "gpu")]
fn row(number: usize, adapter: &Adapter) -> DeviceRow {
    let info = adapter.info();
    let size = match info.kind {
        AdapterKind::Software => SOFTWARE_SIZE,
        _ => SIZE,
    };
    let rate = match adapter.open() {
        Ok(machine) => measured(&mut Gpu::new(&machine), size),
        Err(error) => DeviceRow {
            problem: Some(error.to_string()),
            ..DeviceRow::default()
        },
    };
    DeviceRow {
        number: Some(number),
        name: info.name.clone(),
        kind: info.kind.to_string(),
        backend: Some(info.backend.clone()),
        driver: Some(info.driver.clone()),
        largest_buffer: Some(info.largest_buffer),
        largest_binding: Some(info.largest_binding),
        workgroup_memory: Some(info.workgroup_memory),
        workgroup_threads: Some(info.workgroup_threads),
        subgroups: info.subgroups,
        f16: Some(info.f16),
        cooperative_matrices: Some(info.cooperative_matrices),
        ..rate
    }
}
