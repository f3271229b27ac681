//! How many threads compute.

use super::terminal::complain;
use anyhow::Context;
use clap::Args;

/// Most threads that are started: more gain nothing, and very many take the machine's memory before any work begins.
const MOST: usize = 1024;

/// How many threads compute.
#[derive(Debug, Args)]
pub(super) struct Threads {
    /// Threads that compute, 1 to 1024 (default: RAYON_NUM_THREADS, else one for every core)
    #[arg(long, value_name = "N", global = true, value_parser = number)]
    threads: Option<usize>,
}

impl Threads {
    /// Starts the threads of this process.
    pub fn begin(&self) -> anyhow::Result<()> {
        let asked = || std::env::var("RAYON_NUM_THREADS").ok()?.parse().ok();
        let number = match self.threads.or_else(asked) {
            Some(number) if number > MOST => {
                complain(&format!(
                    "warning: RAYON_NUM_THREADS={number}: {MOST} threads are started, the most there can be"
                ));
                MOST
            }
            // 0 is one for every core.
            number => number.unwrap_or(0),
        };
        rayon::ThreadPoolBuilder::new()
            .num_threads(number)
            .build_global()
            .context("the threads that compute cannot be started; ask for fewer with --threads")
    }
}

fn number(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=MOST) => Ok(number),
        _ => Err(format!("from 1 to {MOST}")),
    }
}
