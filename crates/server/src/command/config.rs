//! `wenshu config`: what holds and where it comes from, whether it is right, and an example to begin with.

use crate::{
    config::{self, Every, Sources, environment},
    say,
    table::table,
};
use anyhow::Result;
use clap::{Args, Subcommand};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(crate) struct Config {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    #[command(about = "列出生效的配置及其来源；密码不显示")]
    Show(Every),
    #[command(about = "检查配置，有错误时逐条列出")]
    Check(Every),
    #[command(about = "输出带说明的示例配置文件")]
    Example,
}

impl Config {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self.what {
            What::Show(given) => {
                let sources = Sources::gather(&given.0, &environment);
                match &sources.file {
                    Some(path) => say(format!("配置文件：{}", path.display())),
                    None => say("配置文件：没有"),
                }
                let rows: Vec<Vec<String>> = sources
                    .held
                    .iter()
                    .map(|held| vec![held.setting.key.to_owned(), held.masked(), held.whence()])
                    .collect();
                say(table(&rows));
                sources.config()?;
            }
            What::Check(given) => {
                config::Config::load(&given.0)?;
                say("配置没有错误。");
            }
            What::Example => say(config::example().trim_end()),
        }
        Ok(ExitCode::SUCCESS)
    }
}
