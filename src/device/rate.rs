//! How fast a machine multiplies matrices.

use crate::program::{Exec, ExecError, Gemm, Plan, Record};
use crate::random::Stream;
use std::time::{Duration, Instant};

/// How long products are repeated.
const BUDGET: Duration = Duration::from_millis(200);
/// How long those last that are handed over at once, so that the wait for their end is a small part of it.
const TOGETHER: Duration = Duration::from_millis(20);
/// Most products that are handed over at once.
const MOST: f64 = 64.0;

/// Floating-point operations a second of the product of two `size` × `size` matrices, 2 size³ operations: the best of
/// about a fifth of a second.
///
/// # Errors
///
/// The machine's.
pub fn gemm_rate(exec: &mut dyn Exec, size: usize) -> Result<f64, ExecError> {
    let mut record = Record::new();
    let [a, b] = ["a", "b"].map(|name| record.input(name, size, size));
    let end = record.input("end", 1, 1);
    let product = record.push(Gemm::new(1.0, a, b));
    record.output("product", product);
    exec.prepare(&Plan::new(&record))?;
    let mut stream = Stream::new(0, &[]);
    for view in [a, b] {
        let entries: Vec<f64> = (0..size * size).map(|_| stream.normal()).collect();
        exec.write(view.buffer, &entries);
    }
    let mut seconds = |count: usize| -> Result<f64, ExecError> {
        let start = Instant::now();
        for _ in 0..count {
            exec.run()?;
        }
        // reading waits for the machine
        exec.read(end.buffer)?;
        Ok(start.elapsed().as_secs_f64() / count as f64)
    };
    // the first is slower by what is made ready in it
    seconds(1)?;
    let start = Instant::now();
    let mut best = seconds(1)?;
    let together = (TOGETHER.as_secs_f64() / best).clamp(1.0, MOST) as usize;
    while start.elapsed() < BUDGET {
        best = best.min(seconds(together)?);
    }
    Ok(2.0 * (size as f64).powi(3) / best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::Cpu;
    use crate::program::Buffer;

    /// A machine apart that takes 4 milliseconds a run, and does them when somebody waits.
    struct Slow {
        cpu: Cpu<f32>,
        waiting: u32,
    }

    impl Exec for Slow {
        fn prepare(&mut self, plan: &Plan) -> Result<(), ExecError> {
            self.cpu.prepare(plan)
        }

        fn write(&mut self, buffer: Buffer, data: &[f64]) {
            self.cpu.write(buffer, data);
        }

        fn run(&mut self) -> Result<(), ExecError> {
            self.waiting += 1;
            Ok(())
        }

        fn follow(&mut self, buffer: Buffer) {
            self.cpu.follow(buffer);
        }

        fn followed(&mut self, values: &mut Vec<f64>, all: bool) -> Result<(), ExecError> {
            self.cpu.followed(values, all)
        }

        fn read(&mut self, buffer: Buffer) -> Result<Vec<f64>, ExecError> {
            std::thread::sleep(Duration::from_millis(4) * self.waiting);
            self.waiting = 0;
            self.cpu.read(buffer)
        }
    }

    /// Catches a rate of runs that were handed over but not made, and a count that is divided by twice or not at all.
    #[test]
    fn products_are_counted_when_they_are_made() {
        let mut slow = Slow {
            cpu: Cpu::new(),
            waiting: 0,
        };
        let rate = gemm_rate(&mut slow, 8).unwrap();
        let expected = 2.0 * 512.0 / 0.004;
        // a machine under load sleeps longer, never shorter
        assert!(rate <= expected, "{rate} of {expected}");
        assert!(rate > expected / 4.0, "{rate} of {expected}");
    }
}
