//! The command line: which subcommands there are. What each takes and does is in its own file.

use crate::command::{
    account, audit, backup, bench, check, config, draw, mail, migrate, openapi, rebuild, schema,
    seed, serve,
};
use crate::config::Given;
use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Debug, Parser)]
#[command(
    name = "wenshu",
    version,
    about = "文枢：政务办公与流程引擎。本系统为非涉密系统，严禁处理、传输国家秘密。",
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[arg(long, global = true, env = "WENSHU_LOG_JSON", help = "日志写成 JSON，每行一条")]
    pub log_json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(about = "启动服务；数据库为空时先建立")]
    Serve(serve::Serve),
    #[command(about = "把数据库升级到本程序的版本")]
    Migrate(migrate::Migrate),
    #[command(about = "检查流程文件，并运行文件中的测试")]
    Check(check::Check),
    #[command(about = "画出流程文件")]
    Draw(draw::Draw),
    #[command(about = "在空数据库中装入演示城市")]
    Seed(seed::Seed),
    #[command(about = "根据办理记录重新生成各种列表和检索（请先停止服务）")]
    Rebuild(rebuild::Rebuild),
    #[command(about = "备份整个系统；不必停止服务")]
    Backup(backup::Backup),
    #[command(about = "把备份恢复到空的数据库和数据目录；可以换一种数据库")]
    Restore(backup::Restore),
    #[command(about = "账号：列出、建立、停用、重置密码、解锁")]
    Account(account::Account),
    #[command(about = "邮件：登记地址，查看没有送达的")]
    Mail(mail::Mail),
    #[command(about = "配置：查看、检查、输出示例文件")]
    Config(config::Config),
    #[command(about = "办理记录的校验")]
    Audit(audit::Audit),
    #[command(about = "测量本机上的速度，并与本机的极限相比")]
    Bench(bench::Bench),
    #[command(about = "输出接口说明 OpenAPI")]
    Openapi(openapi::Openapi),
    #[command(about = "输出流程文件的 JSON Schema")]
    Schema(schema::Schema),
}

impl Command {
    /// What its command line says of the settings, where it takes any.
    pub(crate) fn given(&self) -> Option<&Given> {
        match self {
            Command::Serve(serve) => Some(serve.given()),
            Command::Migrate(migrate) => Some(migrate.place.given()),
            Command::Seed(seed) => Some(seed.place.given()),
            Command::Rebuild(rebuild) => Some(rebuild.place.given()),
            Command::Audit(audit) => Some(audit.given()),
            Command::Account(account) => Some(account.given()),
            Command::Mail(mail) => Some(mail.given()),
            Command::Backup(backup) => Some(backup.place.given()),
            Command::Restore(restore) => Some(restore.place.given()),
            Command::Bench(_)
            | Command::Config(_)
            | Command::Check(_)
            | Command::Draw(_)
            | Command::Openapi(_)
            | Command::Schema(_) => None,
        }
    }

    pub(crate) async fn run(self) -> Result<ExitCode> {
        match self {
            Command::Serve(serve) => serve.run().await,
            Command::Migrate(migrate) => migrate.run().await,
            Command::Check(check) => check.run(),
            Command::Draw(draw) => draw.run(),
            Command::Seed(seed) => seed.run().await,
            Command::Rebuild(rebuild) => rebuild.run().await,
            Command::Config(config) => config.run(),
            Command::Account(account) => account.run().await,
            Command::Mail(mail) => mail.run().await,
            Command::Backup(backup) => backup.run().await,
            Command::Restore(restore) => restore.run().await,
            Command::Audit(audit) => audit.run().await,
            Command::Bench(bench) => bench.run().await,
            Command::Openapi(openapi) => openapi.run(),
            Command::Schema(schema) => schema.run(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
