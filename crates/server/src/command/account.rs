//! `wenshu account`: for whoever has the machine when nobody can sign in any more. Everything goes through the office,
//! where it is on record as an act of the system.

use crate::{
    config::Given,
    first::ADMINISTRATORS,
    open::{Place, office},
    say,
    table::table,
    trouble::Trouble,
};
use anyhow::Result;
use clap::{Args, Subcommand};
use std::process::ExitCode;
use wenshu_core::{command::Actor, id::PersonId};
use wenshu_office::{AccountView, Clock, Error, Office, OneTime};

const AT_ONCE: u32 = 500;
const BY: &Actor = &Actor::System;

#[derive(Debug, Args)]
pub(crate) struct Account {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum What {
    #[command(about = "列出账号")]
    List,
    #[command(about = "为一个人建立账号，给出一次性密码")]
    Add {
        #[arg(value_name = "LOGIN", help = "登录名")]
        login: String,
        #[arg(value_name = "PERSON", help = "人员标识")]
        person: String,
    },
    #[command(about = "停用账号，立即退出其全部登录")]
    Disable { login: String },
    #[command(about = "重新启用账号")]
    Enable { login: String },
    #[command(about = "重置密码，给出一次性密码")]
    Reset { login: String },
    #[command(about = "解除锁定")]
    Unlock { login: String },
    #[command(about = "三员都不能登录时：恢复首次启动建立的三个管理员账号")]
    Administrators,
}

impl Account {
    pub(crate) fn given(&self) -> &Given {
        self.place.given()
    }

    pub(crate) async fn run(self) -> Result<ExitCode> {
        let config = self.place.config()?;
        let storage = config.storage().await?;
        let office = office(&config, &storage, &config.press(), Clock::system(), false).await?;
        match self.what {
            What::List => list(&office).await?,
            What::Add { login, person } => {
                told(&office.make_accounts(BY, &[(login, PersonId(person))]).await?);
            }
            What::Disable { login } => {
                known(&login, office.disable_account(BY, &login, true).await)?;
                say("已停用。");
            }
            What::Enable { login } => {
                known(&login, office.disable_account(BY, &login, false).await)?;
                say("已启用。");
            }
            What::Reset { login } => {
                told(&[known(&login, office.reset_password(BY, &login).await)?])
            }
            What::Unlock { login } => {
                known(&login, office.unlock(BY, &login).await)?;
                say("已解除锁定。");
            }
            What::Administrators => administrators(&office).await?,
        }
        storage.close().await?;
        Ok(ExitCode::SUCCESS)
    }
}

fn known<T>(login: &str, done: Result<T, Error>) -> Result<T> {
    match done {
        Err(Error::NotFound) => Err(Trouble::NoAccount(login.to_owned()).into()),
        done => Ok(done?),
    }
}

async fn list(office: &Office) -> Result<()> {
    let mut rows = vec![];
    let mut after: Option<String> = None;
    loop {
        let some = office.accounts(BY, after.as_deref(), AT_ONCE).await?;
        let Some(last) = some.last() else { break };
        after = Some(last.login.clone());
        rows.extend(some.iter().map(row));
    }
    say(table(&rows));
    Ok(())
}

fn row(account: &AccountView) -> Vec<String> {
    let mut state = vec![];
    if account.disabled {
        state.push("已停用");
    }
    if account.locked_until.is_some() {
        state.push("已锁定");
    }
    if account.must_change {
        state.push("待改密码");
    }
    let post = account.post.clone().unwrap_or_default();
    let role = account.administers.unwrap_or_default().to_owned();
    vec![account.login.clone(), account.name.clone(), post, role, state.join("、")]
}

/// Passwords that serve once, shown here and nowhere else.
fn told(made: &[OneTime]) {
    let row = |one: &OneTime| vec![one.name.clone(), one.login.clone(), one.password.clone()];
    let rows: Vec<Vec<String>> = made.iter().map(row).collect();
    say(format!(
        "下面的一次性密码只显示这一次，请立即交给本人；首次登录时必须修改：\n{}",
        table(&rows)
    ));
}

/// The three accounts of the first start, made usable again.
async fn administrators(office: &Office) -> Result<()> {
    let mut made = vec![];
    for (login, _, _) in ADMINISTRATORS {
        if office.storage().account(login).await?.is_none() {
            let wanted = [(login.to_owned(), PersonId::from(login))];
            made.extend(office.make_accounts(BY, &wanted).await?);
            continue;
        }
        office.disable_account(BY, login, false).await?;
        office.unlock(BY, login).await?;
        made.push(office.reset_password(BY, login).await?);
    }
    told(&made);
    Ok(())
}
