//! `wenshu mail`: where people get mail, and what could not be delivered.

use crate::{config::Given, open::Place, say, table::table, trouble::Trouble};
use anyhow::{Result, anyhow};
use clap::{Args, Subcommand};
use std::process::ExitCode;
use wenshu_core::{directory::Directory, id::PersonId};
use wenshu_storage::{Act, MailAddressRow, Refused, Storage, Writes};

#[derive(Debug, Args)]
pub(crate) struct Mail {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    #[command(about = "登记一个人的邮件地址；不写地址则删除")]
    Address {
        #[arg(value_name = "PERSON", help = "人员标识")]
        person: String,
        #[arg(value_name = "ADDRESS", help = "邮件地址")]
        address: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    #[command(about = "列出一时没有送出、还在重试的通知及原因")]
    Waiting {
        #[command(flatten)]
        place: Place,
    },
    #[command(about = "列出没有送达、不再重试的通知及原因")]
    Failed {
        #[command(flatten)]
        place: Place,
    },
}

impl Mail {
    pub(crate) fn given(&self) -> &Given {
        match &self.what {
            What::Address { place, .. } | What::Waiting { place } | What::Failed { place } => {
                place.given()
            }
        }
    }

    pub(crate) async fn run(self) -> Result<ExitCode> {
        match self.what {
            What::Address { person, address, place } => register(&place, person, address).await,
            What::Waiting { place } => waiting(&place).await,
            What::Failed { place } => failed(&place).await,
        }
    }
}

async fn register(place: &Place, person: String, address: Option<String>) -> Result<ExitCode> {
    if let Some(wrong) = address.as_deref().filter(|address| !wenshu_notify::is_address(address)) {
        return Err(Trouble::BadAddress(wrong.to_owned()).into());
    }
    let storage = place.storage().await?;
    storage.require_current().await?;
    // Of whom there is no trace, an address may still be taken away.
    if address.is_some() && !known(&storage, &person).await? {
        return Err(Trouble::NoPerson(person).into());
    }
    let mut writes = Writes::default();
    match &address {
        Some(address) => writes
            .put(&MailAddressRow { person: PersonId(person.clone()), address: address.clone() }),
        None => writes.remove::<MailAddressRow>(&[&person]),
    }
    match storage.commit::<anyhow::Error>(Act::Ready(writes)).await {
        Ok(_) => {}
        Err(Refused::Failed(error)) => return Err(error.into()),
        Err(refused) => return Err(anyhow!("{refused:?}")),
    }
    storage.close().await?;
    say(if address.is_some() { "已登记。" } else { "已删除。" });
    Ok(ExitCode::SUCCESS)
}

async fn known(storage: &Storage, person: &str) -> Result<bool> {
    let Some(row) = storage.directory().await? else { return Ok(false) };
    Ok(row.body.read::<Directory>()?.people.contains_key(&PersonId::from(person)))
}

async fn waiting(place: &Place) -> Result<ExitCode> {
    let storage = place.storage().await?;
    storage.require_current().await?;
    let waiting = storage.tried_in_vain(200).await?;
    storage.close().await?;
    if waiting.is_empty() {
        say("没有等着重试的通知。");
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<Vec<String>> = waiting
        .into_iter()
        .map(|row| {
            let next = row.run_after.format("%Y-%m-%dT%H:%MZ").to_string();
            let tried = format!("试过 {} 次", row.attempts);
            vec![
                row.channel,
                row.person.0,
                tried,
                format!("下次 {next}"),
                row.last_error.unwrap_or_default(),
            ]
        })
        .collect();
    say(table(&rows));
    Ok(ExitCode::SUCCESS)
}

async fn failed(place: &Place) -> Result<ExitCode> {
    let storage = place.storage().await?;
    storage.require_current().await?;
    let given_up = storage.given_up(200).await?;
    storage.close().await?;
    if given_up.is_empty() {
        say("没有放弃送达的通知。");
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<Vec<String>> = given_up
        .into_iter()
        .map(|row| {
            let at = row.run_after.format("%Y-%m-%dT%H:%MZ").to_string();
            vec![at, row.channel, row.person.0, row.last_error.unwrap_or_default()]
        })
        .collect();
    say(table(&rows));
    Ok(ExitCode::SUCCESS)
}
