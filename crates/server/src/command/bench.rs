//! `wenshu bench`: measures how fast this machine carries the office. What is measured and how is the bench's own.

use crate::say;
use anyhow::{Context, Result};
use clap::Args;
use std::{path::PathBuf, process::ExitCode, sync::Arc};
use wenshu_bench::{Plan, Scale, Section};
use wenshu_layout::Typesetter;

#[derive(Debug, Args)]
pub(crate) struct Bench {
    #[arg(
        long,
        value_name = "a,b,…",
        value_delimiter = ',',
        help = "只测这几项，a 到 h；不写则全测"
    )]
    only: Vec<Section>,
    #[arg(
        long,
        value_name = "SCALE",
        default_value = "small",
        help = "规模：tiny（只看能否跑通）、small、full"
    )]
    scale: Scale,
    #[arg(
        long,
        value_name = "DIR",
        default_value = "./bench-data",
        help = "测试数据放在哪里：要测的就是这块磁盘"
    )]
    at: PathBuf,
    #[arg(
        long,
        value_name = "URL",
        env = "WENSHU_BENCH_POSTGRES",
        hide_env_values = true,
        help = "可在其上建临时数据库的 PostgreSQL；不写则只测 SQLite"
    )]
    postgres: Option<String>,
    #[arg(long, value_name = "FILE", help = "结果另存为 JSON")]
    json: Option<PathBuf>,
    #[arg(long, help = "保留装满的大库，下次不用重装")]
    keep: bool,
    #[arg(long, value_name = "FILE", default_value = "ui/e2e/speed.mjs", help = "浏览器测速脚本")]
    script: PathBuf,
    #[arg(
        long,
        value_name = "PATH",
        env = "WENSHU_FONTS",
        default_value = "./fonts",
        help = "字体目录，系统字体之外"
    )]
    fonts: PathBuf,
}

impl Bench {
    pub(crate) async fn run(self) -> Result<ExitCode> {
        let only = if self.only.is_empty() { Section::ALL.to_vec() } else { self.only };
        let plan = Plan {
            only: only.into_iter().collect(),
            scale: self.scale,
            at: self.at,
            postgres: self.postgres,
            keep: self.keep,
            press: Arc::new(Typesetter::new(vec![self.fonts])),
            binary: std::env::current_exe().context("the program's own file")?,
            script: self.script,
        };
        let report = wenshu_bench::run(&plan, &|line| say(line)).await?;
        let machine = &report.machine;
        say(format!(
            "{}，{} 核，{} MiB，内核 {}；PostgreSQL：{}；负载 {} → {}",
            machine.cpu,
            machine.cores,
            machine.memory_mib,
            machine.kernel,
            machine.postgres,
            machine.load_before,
            machine.load_after
        ));
        if !machine.optimised {
            say("注意：这个程序没有优化，数字只说明能跑通。请用 cargo build --release。");
        }
        say(format!("{} 个数，{} 个没有达到目标。", report.lines.len(), report.missed().len()));
        if let Some(path) = self.json {
            std::fs::write(&path, report.json()?).with_context(|| path.display().to_string())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
