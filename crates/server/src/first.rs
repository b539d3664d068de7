//! What an empty database gets at the first start: the demo city, or three administrators. And what every start
//! looks after: the shipped flows are there.

use crate::{
    config::Config,
    open::{dispatcher, office},
    say,
    seed::{self, Report},
    table::table,
    trouble::Trouble,
};
use anyhow::{Context, Result, anyhow};
use rand::seq::IndexedRandom;
use serde::{Deserialize, Serialize};
use std::{path::Path, sync::Arc, time::Instant};
use tokio::sync::watch;
use wenshu_core::{
    Vocabulary,
    command::Actor,
    compile,
    directory::{Directory, Person, Post, Unit},
    id::{PersonId, PostId, RoleId, UnitId},
};
use wenshu_layout::Typesetter;
use wenshu_office::{
    AUDIT_ADMIN, Clock, NewAccount, Office, SECURITY_ADMIN, SHIPPED, SYSTEM_ADMIN,
};
use wenshu_storage::{Act, Json, Refused, SettingRow, Storage, Writes};

/// How far the demo city came, kept as a setting: half a city is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Seeding {
    Begun,
    Done,
}

const SEEDING: &str = "demo";

/// Whether nobody has used this database yet. A city that was not finished is refused.
pub(crate) async fn empty(storage: &Storage, data: &Path) -> Result<bool> {
    let state = storage.setting(SEEDING).await?.and_then(|json| json.read::<Seeding>().ok());
    match state {
        Some(Seeding::Begun) => Err(Trouble::HalfSeeded(data.to_owned()).into()),
        Some(Seeding::Done) => Ok(false),
        None => Ok(storage.directory_version().await?.is_none()),
    }
}

/// Fills an empty database with the demo city, telling how it goes.
pub(crate) async fn demo_city(
    config: &Config,
    storage: &Storage,
    press: &Arc<Typesetter>,
) -> Result<Report> {
    let start = Instant::now();
    say("正在装入演示城市（只在第一次启动时）……");
    mark(storage, Seeding::Begun).await?;
    let now = Clock::system().now();
    let (clock, hand) = Clock::by_hand(now);
    let office = office(config, storage, press, clock, true).await?;
    // Messages go out meanwhile, so that notices bear the time of the story.
    let (stop, mut stopping) = watch::channel(false);
    let post = dispatcher(config, &office)?;
    let carrying = {
        let post = post.clone();
        tokio::spawn(async move {
            let stopped = async {
                // The sender gone means stop, too.
                let _stopped = stopping.wait_for(|stop| *stop).await;
            };
            post.run(stopped).await;
        })
    };
    let report = seed::seed(&office, &hand, now, &|line| say(format!("  {line}"))).await;
    drop(stop);
    carrying.await.context("送出通知")?;
    let report = report.context("装入演示城市")?;
    while post.once().await? > 0 {}
    mark(storage, Seeding::Done).await?;
    say(format!(
        "演示城市已装入：{} 个机关，{} 个单位，{} 人，{} 件公文和表单，{} 步办理，用时 {:.0} 秒。",
        report.organs,
        report.units,
        report.people,
        report.documents + report.received,
        report.acts,
        start.elapsed().as_secs_f32()
    ));
    Ok(report)
}

async fn mark(storage: &Storage, state: Seeding) -> Result<()> {
    let mut writes = Writes::default();
    writes.put(&SettingRow { name: SEEDING.to_owned(), body: Json::of(&state)? });
    match storage.commit::<anyhow::Error>(Act::Ready(writes)).await {
        Ok(_) => Ok(()),
        Err(Refused::Failed(error)) => Err(error.into()),
        Err(refused) => Err(anyhow!("{refused:?}")),
    }
}

/// The three administrators 三员 of a new office.
pub(crate) const ADMINISTRATORS: [(&str, &str, &[&str]); 3] = [
    // Flows are not theirs: the security administrator gives that role to somebody of the office (ADR 0008).
    ("sysadmin", "系统管理员", &[SYSTEM_ADMIN]),
    ("secadmin", "安全保密管理员", &[SECURITY_ADMIN]),
    ("auditor", "安全审计员", &[AUDIT_ADMIN]),
];

/// Makes the three administrators, and says their passwords: once, here, and nowhere else.
pub(crate) async fn administrators(office: &Office) -> Result<()> {
    let mut rows = vec![];
    let mut accounts = vec![];
    for (login, title, _) in ADMINISTRATORS {
        let password = password();
        rows.push(vec![title.to_owned(), login.to_owned(), password.clone()]);
        let person = PersonId::from(login);
        accounts.push(NewAccount {
            login: login.to_owned(),
            person,
            password,
            demo: false,
            one_time: true,
        });
    }
    // The directory comes last: as long as there is none, the next start makes the accounts anew.
    office.add_accounts(accounts).await.context("建立管理员账号")?;
    deploy_missing(office).await?;
    let put = office.put_directory(&Actor::System, administration(), &[], "首次启动").await;
    put.context("建立管理员岗位")?;
    say(format!(
        "首次启动，已建立三员账号。下面的一次性密码只显示这一次，请立即分别交给本人；首次登录时必须修改：\n{}",
        table(&rows)
    ));
    Ok(())
}

fn administration() -> Directory {
    let mut directory = Directory::default();
    let unit = UnitId::from("system");
    for (login, title, roles) in ADMINISTRATORS {
        let (person, post) = (PersonId::from(login), PostId::from(login));
        directory.people.insert(
            person.clone(),
            Person {
                id: person.clone(),
                name: title.to_owned(),
                main_post: Some(post.clone()),
                disabled: false,
            },
        );
        let roles = roles.iter().map(|role| RoleId::from(*role)).collect();
        let holders = vec![person];
        directory.posts.insert(
            post.clone(),
            Post {
                id: post,
                unit: unit.clone(),
                title: title.to_owned(),
                holders,
                roles,
                disabled: false,
            },
        );
    }
    let named = "系统管理";
    directory.units.insert(
        unit.clone(),
        Unit {
            id: unit,
            name: named.to_owned(),
            short: named.to_owned(),
            parent: None,
            organ: true,
            group: named.to_owned(),
            head: None,
            in_charge: None,
            registry: None,
            code: None,
            order: 0,
            topics: std::collections::BTreeMap::new(),
            disabled: false,
        },
    );
    directory
}

/// 80 bits from letters and digits that are not mistaken for each other.
fn password() -> String {
    const SIGNS: &[u8] = b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut chance = rand::rng();
    (0..14).filter_map(|_| SIGNS.choose(&mut chance)).map(|sign| char::from(*sign)).collect()
}

/// Deploys each shipped flow of which no version was ever deployed. What an office changed stays as it is.
pub(crate) async fn deploy_missing(office: &Office) -> Result<()> {
    for source in SHIPPED {
        let name = name(source, office.vocabulary())?;
        if office.storage().newest_workflow(&name).await?.is_none() {
            office.deploy(None, source, "随系统提供").await.context("部署流程")?;
            tracing::info!(workflow = name, "a shipped flow was deployed");
        }
    }
    Ok(())
}

fn name(source: &str, words: &Vocabulary) -> Result<String> {
    let line = source.lines().find_map(|line| line.strip_prefix("workflow:"));
    match line.map(str::trim) {
        // A start that deploys nothing need not compile anything.
        Some(name) if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') => {
            Ok(name.to_owned())
        }
        Some(_) | None => {
            let problems =
                |problems: Vec<_>| anyhow!("随系统提供的流程有 {} 处错误", problems.len());
            Ok(compile(source, words).map_err(problems)?.name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wenshu_office::has_role;

    #[test]
    fn each_administrator_has_powers_that_the_others_have_not() {
        let directory = administration();
        let roles = [SYSTEM_ADMIN, SECURITY_ADMIN, AUDIT_ADMIN];
        for ((login, title, _), own) in ADMINISTRATORS.iter().zip(roles) {
            let seat = directory.main_seat(&PersonId::from(*login)).expect("a seat");
            assert_eq!(seat.label(), format!("{title}（系统管理 {title}）"));
            let has: Vec<&str> =
                roles.into_iter().filter(|role| has_role(&directory, &seat, role)).collect();
            assert_eq!(has, [own]);
        }
    }

    #[test]
    fn passwords_are_long_and_never_the_same() {
        let made: std::collections::BTreeSet<String> = (0..100).map(|_| password()).collect();
        assert_eq!(made.len(), 100);
        assert!(made.iter().all(|password| password.len() == 14), "{made:?}");
    }

    #[test]
    fn shipped_flows_say_their_names_without_being_compiled() {
        let words = wenshu_document::vocabulary();
        let names: Vec<String> =
            SHIPPED.iter().map(|source| name(source, &words).expect("a name")).collect();
        let compiled: Vec<String> = SHIPPED
            .iter()
            .map(|source| compile(source, &words).expect("it compiles").name)
            .collect();
        assert_eq!(names, compiled);
    }
}
