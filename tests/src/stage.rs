//! An office with its door open on this machine: the sample office of the testkit, served over TCP like the real thing,
//! and everybody's desk in front of it.

use crate::desk::Desk;
use anyhow::{Context, Result};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use wenshu_core::{
    command::Actor,
    directory::{Directory, Person, Post, Unit},
    id::{PersonId, PostId, UnitId},
};
use wenshu_http::{App, Bounds, Settings};
use wenshu_office::NewAccount;
use wenshu_testkit::{Backend, PASSWORD, TestOffice};

/// An office that people reach by HTTP.
#[derive(Debug)]
pub struct Stage {
    pub office: TestOffice,
    pub url: String,
    desks: Mutex<BTreeMap<String, Arc<Desk>>>,
    serving: JoinHandle<()>,
    _stop: watch::Sender<bool>,
}

impl Stage {
    /// The sample office, with accounts for everybody.
    ///
    /// # Errors
    /// When it cannot be set up.
    pub async fn new(backend: Backend) -> Result<Self> {
        let office = TestOffice::new(backend).await?;
        office.add_accounts().await?;
        Self::serve(office).await
    }

    /// Opens a door to an office.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn serve(office: TestOffice) -> Result<Self> {
        Self::serve_with(office, Settings::default(), Bounds::default()).await
    }

    /// The same with another door.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn serve_with(
        office: TestOffice,
        settings: Settings,
        bounds: Bounds,
    ) -> Result<Self> {
        let (app, stop) = App::new(office.office.clone(), settings);
        let router = wenshu_http::router(app, wenshu_web::router());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let told = stop.subscribe();
        let serving = tokio::spawn(async move {
            if let Err(error) = wenshu_http::serve(listener, router, bounds, told).await {
                eprintln!("the door closed: {error}");
            }
        });
        Ok(Self { office, url, desks: Mutex::default(), serving, _stop: stop })
    }

    /// The desk of somebody of the sample office, by name.
    ///
    /// # Panics
    /// When nobody is called so.
    #[must_use]
    pub fn desk(&self, name: &str) -> Arc<Desk> {
        let person = self.office.directory.people.values().find(|person| person.name == name);
        let id = person.unwrap_or_else(|| panic!("nobody is called {name}")).id.to_string();
        let mut desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(
            desks
                .entry(name.to_owned())
                .or_insert_with(|| Arc::new(Desk::new(&self.url, &id, PASSWORD))),
        )
    }

    /// Another session of the same person.
    ///
    /// # Errors
    /// When they cannot sign in.
    pub async fn fresh(&self, name: &str) -> Result<Desk> {
        let desk = Desk::new(
            &self.url,
            &self.office.seat(name).person.as_ref().context("a person")?.id.0,
            PASSWORD,
        );
        desk.sign_in().await?;
        Ok(desk)
    }

    /// Deploys a flow as 何平, who administers flows.
    ///
    /// # Errors
    /// Its problems.
    pub async fn deploy(&self, source: &str) -> Result<Value> {
        let admin = self.desk("何平");
        let look = serde_json::json!({ "source": source });
        let checked = admin.post("/workflows/check", &look).await?.json()?;
        let deployment = serde_json::json!({
            "source": source, "reason": "测试", "accepted": checked["survey"],
        });
        admin.post("/workflows", &deployment).await?.json()
    }

    /// Adds this many bureaus 一局, 二局 … to the city, each with a head 一局长 and a registry 一收发.
    ///
    /// # Errors
    /// When the directory is refused.
    pub async fn add_bureaus(&mut self, count: usize) -> Result<Vec<String>> {
        let mut directory = self.office.directory.clone();
        let names: Vec<String> = (0..count).filter_map(bureau).collect();
        let mut accounts = vec![];
        for (order, name) in names.iter().enumerate() {
            let (head, registry) = (format!("{name}长"), name.replace('局', "收发"));
            let id = format!("ju-{}", order + 1);
            for (person, post, title) in
                [(&head, "head", "局长"), (&registry, "registry", "收发岗")]
            {
                accounts.push(seat(&mut directory, &id, person, post, title));
            }
            let post = |kind: &str| Some(PostId(format!("{id}-{kind}")));
            let unit = Unit {
                id: UnitId(id.clone()),
                name: format!("云州市{name}"),
                short: name.clone(),
                parent: Some(UnitId("shi".into())),
                organ: true,
                group: "市政府工作部门".into(),
                head: post("head"),
                in_charge: Some(PostId("fushizhang-shehui".into())),
                registry: post("registry"),
                code: Some(format!("云{}", name.trim_end_matches('局'))),
                order: u32::try_from(100 + order)?,
                topics: BTreeMap::new(),
                disabled: false,
            };
            directory.units.insert(unit.id.clone(), unit);
        }
        self.office.office.put_directory(&Actor::System, directory, &[], "新设各局").await?;
        self.office.directory = (*self.office.office.directory().await?).clone();
        self.office.office.add_accounts(accounts).await?;
        Ok(names)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// 一局, 二局 … 十二局.
fn bureau(index: usize) -> Option<String> {
    const COUNT: [&str; 12] =
        ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"];
    COUNT.get(index).map(|count| format!("{count}局"))
}

fn seat(
    directory: &mut Directory,
    unit: &str,
    person: &str,
    post: &str,
    title: &str,
) -> NewAccount {
    let (post, id) = (PostId(format!("{unit}-{post}")), PersonId(format!("{unit}-{post}-p")));
    let row = Person {
        id: id.clone(),
        name: person.to_owned(),
        main_post: Some(post.clone()),
        disabled: false,
    };
    directory.people.insert(id.clone(), row);
    let row = Post {
        id: post.clone(),
        unit: UnitId(unit.to_owned()),
        title: title.to_owned(),
        holders: vec![id.clone()],
        roles: Default::default(),
        disabled: false,
    };
    directory.posts.insert(post, row);
    NewAccount {
        login: id.to_string(),
        person: id,
        password: PASSWORD.to_owned(),
        demo: false,
        one_time: false,
    }
}
