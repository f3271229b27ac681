//! Programs that meet a GPU, or none.

use crate::common::command::stderr;
use std::process::{Command, Output};

/// Hides every driver from Vulkan's loader.
pub fn hide(command: &mut Command) -> &mut Command {
    command
        .env("VK_DRIVER_FILES", "/dev/null")
        .env("VK_ICD_FILENAMES", "/dev/null")
}

/// What is said but for the loader's and its layers' own lines.
pub fn said(output: &Output) -> Vec<String> {
    let text = stderr(output);
    let lines = text.lines().map(str::to_owned);
    lines.filter(|line| !line.starts_with("error: ")).collect()
}
