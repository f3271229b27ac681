//! Times of products and of whole training steps on the processor and on every adapter, as a table in Markdown.
//!
//!     cargo run --release --example device_table [NAME ...]
//!
//! The names of adapters, or parts of them, leave out others. A rate is that of the fastest of some rounds; a product's
//! is given as a part of the best that the device reached in any product. `dispatch` counts kernels of a step;
//! `host` is the processor's time to hand a step over, in microseconds.

#[path = "../../benches/networks/mod.rs"]
mod networks;

use anyhow::Result;
use networks::Step;
use spectra::device::{Cpu, Gpu, adapters};
use spectra::program::Exec;
use std::time::{Duration, Instant};

/// Rows, columns and inner sides: squares, then the products of LeNet-5's layers and of the MLP's first, forward and
/// of the weights' gradient, batches of 64.
const PRODUCTS: [[usize; 3]; 11] = [
    [4096, 4096, 4096],
    [2048, 2048, 2048],
    [1024, 1024, 1024],
    [256, 256, 256],
    [20, 36_864, 25],
    [50, 4096, 500],
    [50, 500, 4096],
    [500, 64, 800],
    [500, 800, 64],
    [1024, 64, 784],
    [1024, 784, 64],
];

const STEPS: [&str; 8] = [
    "lenet", "mlp", "quick", "layer-1", "layer-4", "layer-16", "layer-64", "tiny",
];

/// Time for one row of one device.
const LONGEST: Duration = Duration::from_secs(2);

/// Operations that are too many for a device that runs on the processor.
const SOFTWARE: u64 = 20_000_000_000;

enum Device {
    Processor(Box<Cpu<f32>>),
    Adapter(Box<Gpu>),
}

impl Device {
    fn exec(&mut self) -> &mut dyn Exec {
        match self {
            Device::Processor(cpu) => cpu.as_mut(),
            Device::Adapter(gpu) => gpu.as_mut(),
        }
    }

    /// Shortest seconds a run, many runs at a time so that reading at the end weighs little.
    fn seconds(&mut self, step: &Step) -> Result<f64> {
        let exec = self.exec();
        step.start(exec);
        let mut round = |runs: u32| -> Result<f64> {
            let start = Instant::now();
            (0..runs).try_for_each(|_| exec.run())?;
            exec.read_into(step.results[0], &mut vec![0.0; step.numbers(0)])?;
            Ok(start.elapsed().as_secs_f64() / f64::from(runs))
        };
        let (start, mut runs) = (Instant::now(), 1);
        let mut best = round(1)?;
        while start.elapsed() < LONGEST {
            best = best.min(round(runs)?);
            let left = LONGEST.as_secs_f64() / 4.0;
            runs = ((left / best) as u32).clamp(1, 2 * runs);
        }
        Ok(best)
    }

    /// Microseconds in which a step is handed over, where it is not run at once.
    fn host(&mut self, step: &Step) -> Result<Option<f64>> {
        let Device::Adapter(gpu) = self else {
            return Ok(None);
        };
        step.start(gpu.as_mut());
        let mut best = f64::INFINITY;
        for _ in 0..20 {
            gpu.read_into(step.results[0], &mut vec![0.0; step.numbers(0)])?;
            let start = Instant::now();
            gpu.run()?;
            best = best.min(start.elapsed().as_secs_f64());
        }
        Ok(Some(1e6 * best))
    }
}

fn main() -> Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let cores = rayon_threads();
    let processor = Device::Processor(Box::default());
    let mut devices = vec![(format!("processor, {cores} threads"), false, processor)];
    for adapter in adapters() {
        let info = adapter.info().clone();
        let named = wanted.is_empty() || wanted.iter().any(|name| info.name.contains(name));
        if named {
            let gpu = Box::new(Gpu::new(&adapter.open()?));
            let software = info.kind == spectra::device::AdapterKind::Software;
            let name = format!("{} ({}, {})", info.name, info.backend, info.driver);
            devices.push((name, software, Device::Adapter(gpu)));
        }
    }
    for (name, software, device) in &mut devices {
        println!("## {name}\n");
        table(device, *software)?;
    }
    Ok(())
}

fn table(device: &mut Device, software: bool) -> Result<()> {
    let mut rates = Vec::new();
    for [m, n, k] in PRODUCTS {
        let flops = 2 * (m * n * k) as u64;
        if software && flops > SOFTWARE {
            continue;
        }
        let step = networks::product_of([m, n, k]);
        rates.push(([m, n, k], flops as f64 / device.seconds(&step)?));
    }
    let peak = rates
        .iter()
        .fold(0.0, |peak: f64, (_, rate)| peak.max(*rate));
    println!("| product m × n × k | GFlop/s | of the best |\n|---|---|---|");
    for ([m, n, k], rate) in rates {
        let share = 100.0 * rate / peak;
        println!("| {m} × {n} × {k} | {:.1} | {share:.0} % |", rate / 1e9);
    }
    println!("\n| step | ms | images/s | against one block | dispatches | host µs |");
    println!("|---|---|---|---|---|---|");
    let mut whole = None;
    for name in STEPS {
        let step = networks::step(name);
        let seconds = device.seconds(&step)?;
        let host = device.host(&step)?;
        if name == "layer-1" {
            whole = Some(seconds);
        }
        let gain = whole.filter(|_| name.starts_with("layer"));
        let gain = gain.map_or(String::new(), |whole| format!("{:.1}", whole / seconds));
        let host = host.map_or(String::new(), |host| format!("{host:.0}"));
        let dispatches = match device {
            Device::Adapter(gpu) => gpu.dispatches().to_string(),
            Device::Processor(_) => String::new(),
        };
        let (ms, images) = (1e3 * seconds, step.batch as f64 / seconds);
        println!("| {name} | {ms:.3} | {images:.0} | {gain} | {dispatches} | {host} |");
    }
    println!();
    Ok(())
}

fn rayon_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
