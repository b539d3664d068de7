//! On what it was measured: without it no number means anything.

use crate::{Plan, place, scale::Scale};
use anyhow::Result;
use serde::Serialize;
use std::fs;

/// The machine, its settings, and how busy it was.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    pub cpu: String,
    pub cores: usize,
    pub memory_mib: u64,
    pub kernel: String,
    /// Whether the program was optimised.
    pub optimised: bool,
    pub scale: Scale,
    pub postgres: String,
    /// One, five and fifteen minutes.
    pub load_before: String,
    pub load_after: String,
    pub at: String,
}

pub(crate) fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

pub(crate) async fn about(plan: &Plan) -> Result<Machine> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
    };
    let memory = value(&read("/proc/meminfo"), "MemTotal").unwrap_or_default();
    let postgres = match &plan.postgres {
        Some(server) => place::settings(server).await?,
        None => "none named: its half is left out".to_owned(),
    };
    Ok(Machine {
        cpu: value(&read("/proc/cpuinfo"), "model name").unwrap_or_default(),
        cores: std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
        memory_mib: memory
            .split_whitespace()
            .next()
            .and_then(|kib| kib.parse::<u64>().ok())
            .unwrap_or(0)
            / 1024,
        kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
        optimised: !cfg!(debug_assertions),
        scale: plan.scale,
        postgres,
        load_before: load(),
        load_after: String::new(),
        at: chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).to_rfc3339(),
    })
}
