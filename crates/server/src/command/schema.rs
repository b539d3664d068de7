//! `wenshu schema`: the JSON Schema of flow files, as kept in `docs/workflow.schema.json`.

use crate::say;
use anyhow::Result;
use clap::Args;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(crate) struct Schema {}

impl Schema {
    pub(crate) fn run(self) -> Result<ExitCode> {
        say(serde_json::to_string_pretty(&wenshu_core::compile::schema())?);
        Ok(ExitCode::SUCCESS)
    }
}
