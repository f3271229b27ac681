//! Devices to a table.

use super::table::Rows;
use super::text::{shown_name, shown_sentence};
use console::Style;
use serde::Serialize;

/// A device that can run plans. Sizes in bytes; none where they are those of memory itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DeviceRow {
    /// What --device gpu:N takes; none of the processor.
    pub number: Option<usize>,
    /// The name.
    pub name: String,
    /// Processor, or what the adapter is made of.
    pub kind: String,
    /// The interface through which it is reached.
    pub backend: Option<String>,
    /// The driver.
    pub driver: Option<String>,
    /// Threads of the processor that are used.
    pub threads: Option<usize>,
    /// Largest buffer.
    pub largest_buffer: Option<u64>,
    /// Largest part of a buffer that a kernel sees.
    pub largest_binding: Option<u64>,
    /// Memory that a workgroup shares.
    pub workgroup_memory: Option<u32>,
    /// Threads of a workgroup at most.
    pub workgroup_threads: Option<u32>,
    /// Fewest and most threads of a subgroup.
    pub subgroups: Option<(u32, u32)>,
    /// Whether it computes in half precision.
    pub f16: Option<bool>,
    /// Whether it multiplies small matrices in hardware.
    pub cooperative_matrices: Option<bool>,
    /// Measured rate of single-precision matrix products, 10⁹ operations a second.
    pub gflops: Option<f64>,
    /// Why there is no rate.
    pub problem: Option<String>,
}

/// One row a device.
pub fn device_table(devices: &[DeviceRow], colours: bool) -> String {
    let header = [
        "gpu:N",
        "name",
        "kind",
        "backend",
        "GFlop/s",
        "buffer MiB",
        "binding MiB",
        "subgroups",
        "f16",
        "driver",
    ];
    let mut rows = Rows::new(&header, 4, 9);
    for device in devices {
        let style = match device.problem {
            Some(_) => Style::new().red(),
            None => Style::new().dim(),
        };
        rows.add(cells(device), style);
    }
    rows.show(colours)
}

fn cells(device: &DeviceRow) -> Vec<String> {
    let mebibytes = |bytes: Option<u64>| bytes.map_or("".into(), |b| (b >> 20).to_string());
    let threads = device.threads.map(|threads| match threads {
        1 => "1 thread".to_owned(),
        count => format!("{count} threads"),
    });
    let last = device.problem.as_ref().or(device.driver.as_ref());
    vec![
        device.number.map_or(String::new(), |n| n.to_string()),
        shown_name(&device.name),
        threads.unwrap_or_else(|| device.kind.clone()),
        device.backend.clone().unwrap_or_default(),
        device.gflops.map_or("-".into(), rate),
        mebibytes(device.largest_buffer),
        mebibytes(device.largest_binding),
        match device.subgroups {
            Some((least, most)) if least == most => most.to_string(),
            Some((least, most)) => format!("{least}-{most}"),
            None => String::new(),
        },
        match device.f16 {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        }
        .to_owned(),
        last.map_or(String::new(), |words| shown_sentence(words)),
    ]
}

fn rate(gflops: f64) -> String {
    match gflops {
        small if small < 10.0 => format!("{small:.1}"),
        large => format!("{large:.0}"),
    }
}
