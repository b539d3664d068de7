//! The demo in operation: which of its accounts are offered. Nothing here makes data; that is `seed`.

use crate::{
    seed::{PASSWORD, city},
    table::table,
};
use anyhow::{Result, anyhow};
use std::collections::BTreeSet;
use wenshu_http::DemoAccount;
use wenshu_office::Office;

/// The accounts that page and terminal offer: those of the plan that are in the database with their known password.
pub(crate) async fn offered(office: &Office) -> Result<Vec<DemoAccount>> {
    let known: BTreeSet<String> =
        office.storage().demo_accounts().await?.into_iter().map(|account| account.login).collect();
    if known.is_empty() {
        return Ok(vec![]);
    }
    let city = city().map_err(|why| anyhow!(why))?;
    let directory = office.directory().await?;
    let offered =
        city.offered().filter(|account| known.contains(&account.login)).filter_map(|account| {
            let seat = directory.seat(&account.person, &account.post)?;
            Some(DemoAccount {
                login: account.login.clone(),
                name: seat.person.as_ref()?.name.clone(),
                post: seat.title.clone(),
                unit: seat.unit_name.clone(),
                role_title: account.label.clone().unwrap_or_default(),
                password: account.password.clone(),
            })
        });
    Ok(offered.collect())
}

/// What the terminal says of them.
pub(crate) fn announcement(accounts: &[DemoAccount]) -> String {
    let rows: Vec<Vec<String>> = accounts
        .iter()
        .map(|account| {
            let post = format!("{} {}", account.unit, account.post);
            vec![account.login.clone(), account.role_title.clone(), account.name.clone(), post]
        })
        .collect();
    format!("演示账号（密码都是 {PASSWORD}，只能在本机使用）：\n{}", table(&rows))
}
