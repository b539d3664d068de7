//! `wenshu openapi`: the specification of the HTTP API, as kept in `docs/openapi.json`.

use crate::say;
use anyhow::Result;
use clap::Args;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(crate) struct Openapi {}

impl Openapi {
    pub(crate) fn run(self) -> Result<ExitCode> {
        say(wenshu_http::openapi().trim_end());
        Ok(ExitCode::SUCCESS)
    }
}
