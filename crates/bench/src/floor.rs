//! What the machine can do at best: one row inserted and committed, through the same driver, and, to know where we
//! are, by pgbench and by a loop in C.

use crate::{
    pace::{self, Pace},
    place::{Kind, Place},
};
use anyhow::{Context, Result, bail};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, prelude::Uuid};
use std::{fs, path::Path, process::Command};

const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS bare(id TEXT PRIMARY KEY, kind TEXT NOT NULL, body TEXT NOT NULL)";

/// The bare loop on a place of its own.
#[derive(Debug)]
pub(crate) struct Bare {
    db: DatabaseConnection,
    backend: DbBackend,
}

impl Bare {
    pub async fn new(place: &Place, connections: u32) -> Result<Self> {
        let (backend, connections) = match place.kind {
            // Like the office: SQLite has one writer.
            Kind::Sqlite => (DbBackend::Sqlite, 1),
            Kind::Postgres => (DbBackend::Postgres, connections),
        };
        let db = place.connect(connections).await?;
        db.execute_unprepared(TABLE).await?;
        Ok(Self { db, backend })
    }

    /// One row, one commit, again and again.
    pub async fn run(&self, at_once: usize, seconds: f64) -> Result<Pace> {
        let (db, backend) = (self.db.clone(), self.backend);
        let work = move |_| {
            let db = db.clone();
            let values = vec![Uuid::now_v7().to_string().into(), "{}".into()];
            let sql = "INSERT INTO bare(id, kind, body) VALUES($1, 'approved', $2)";
            async move {
                db.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
                Ok(())
            }
        };
        pace::during(at_once, seconds, work).await
    }

    pub async fn close(self) -> Result<()> {
        Ok(self.db.close().await?)
    }
}

/// pgbench's prepared one-row inserts per second, or why there are none.
pub(crate) fn pgbench(place: &Place, clients: usize, seconds: f64) -> Result<f64, String> {
    let script = place.data.join("one-row.sql");
    let one =
        "INSERT INTO bare(id, kind, body) VALUES(gen_random_uuid()::text, 'approved', '{}');\n";
    fs::write(&script, one).map_err(|error| error.to_string())?;
    let output = Command::new("pgbench")
        .args(["-n", "-M", "prepared", "-j", "2", "-c", &clients.to_string()])
        .args(["-T", &seconds.ceil().max(1.0).to_string(), "-f"])
        .arg(&script)
        .arg(&place.database)
        .output()
        .map_err(|error| format!("pgbench cannot be run ({error})"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = said.lines().find(|line| line.starts_with("tps = "));
    let tps = line.and_then(|line| line.split_whitespace().nth(2)?.parse::<f64>().ok());
    tps.ok_or_else(|| String::from_utf8_lossy(&output.stderr).trim().to_owned())
}

/// A prepared one-row insert in C, straight on the library.
const C: &str = r#"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
static double now(void){struct timespec t;clock_gettime(CLOCK_MONOTONIC,&t);return t.tv_sec+t.tv_nsec/1e9;}
int main(int n,char**a){
  sqlite3*d;sqlite3_stmt*s;char id[64];long k=0;double seconds=atof(a[2]);
  if(sqlite3_open(a[1],&d))return 1;
  sqlite3_exec(d,"PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;CREATE TABLE IF NOT EXISTS bare(id TEXT PRIMARY KEY,kind TEXT NOT NULL,body TEXT NOT NULL)",0,0,0);
  if(sqlite3_prepare_v2(d,"INSERT INTO bare(id,kind,body) VALUES(?1,'approved','{}')",-1,&s,0))return 1;
  double start=now();
  while(now()-start<seconds){
    sprintf(id,"019a0000-0000-7000-8000-%012ld",k++);
    sqlite3_bind_text(s,1,id,-1,SQLITE_TRANSIENT);
    if(sqlite3_step(s)!=SQLITE_DONE)return 1;
    sqlite3_reset(s);
  }
  printf("%f\n",k/(now()-start));return 0;}
"#;

/// The C loop's commits per second.
pub(crate) fn c_loop(directory: &Path, seconds: f64) -> Result<f64> {
    if !Path::new("/usr/include/sqlite3.h").is_file() {
        bail!("there is no sqlite3.h on this machine");
    }
    let (source, program) = (directory.join("loop.c"), directory.join("loop"));
    fs::write(&source, C)?;
    let compiled = Command::new("cc")
        .arg("-O2")
        .arg("-o")
        .arg(&program)
        .arg(&source)
        .arg("-lsqlite3")
        .output();
    let compiled = compiled.context("there is no C compiler")?;
    if !compiled.status.success() {
        bail!("{}", String::from_utf8_lossy(&compiled.stderr).trim());
    }
    let ran =
        Command::new(&program).arg(directory.join("loop.db")).arg(seconds.to_string()).output()?;
    Ok(String::from_utf8_lossy(&ran.stdout).trim().parse()?)
}
