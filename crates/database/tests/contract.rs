//! Bundled SQLite keeps the contract of a `Database`.

#![allow(clippy::unwrap_used)]

use database::{Database, DatabaseError, Row, Sqlite, Statement, contract};

#[test]
fn bundled_sqlite_keeps_the_contract_and_keeps_it_again() {
    let database = Sqlite::new().unwrap();
    for _ in 0..2 {
        assert_eq!(pollster::block_on(contract::check(&database)), Ok(()));
    }
}

/// A database that runs each statement in a transaction of its own, which the contract must notice.
struct Careless(Sqlite);

impl Database for Careless {
    async fn run(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, DatabaseError> {
        let mut rows = Vec::new();
        for statement in statements {
            rows.extend(self.0.run(vec![statement]).await?);
        }
        Ok(rows)
    }
}

#[test]
fn a_database_without_transactions_does_not_keep_it() {
    let broken = pollster::block_on(contract::check(&Careless(Sqlite::new().unwrap())));
    assert!(broken.is_err_and(|said| said.starts_with("a batch is one transaction")));
}
