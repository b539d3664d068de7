//! The tables, as dated changes. Both databases take the same DDL; where they cannot, a change says so itself.

mod m20261121_first;
mod m20261122_ages;
mod m20261122_guard;
mod m20261122_operator;
mod m20261122_passwords;
mod m20261122_people;
mod m20261122_shop;
mod m20261122_worklist;
mod m20261122_workshop;

use sea_orm_migration::prelude::*;

/// All changes in order.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_first::Migration),
            Box::new(m20261122_workshop::Migration),
            Box::new(m20261122_people::Migration),
            Box::new(m20261122_operator::Migration),
            Box::new(m20261122_guard::Migration),
            Box::new(m20261122_worklist::Migration),
            Box::new(m20261122_passwords::Migration),
            Box::new(m20261122_shop::Migration),
            Box::new(m20261122_ages::Migration),
        ]
    }
}
