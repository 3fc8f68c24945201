//! Bundled SQLite keeps the contract of a `Database`.

#![allow(clippy::unwrap_used)]

use database::{Database, DatabaseError, Row, Sqlite, Statement, Waves, contract};

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

/// A database whose reads are gathered, and go back as `hand_out` says.
struct Gathered {
    sqlite: Sqlite,
    waves: Waves,
    hand_out: fn(Vec<Vec<Row>>) -> Vec<Vec<Row>>,
}

impl Gathered {
    fn check(hand_out: fn(Vec<Vec<Row>>) -> Vec<Vec<Row>>) -> Result<(), String> {
        let gathered = Gathered { sqlite: Sqlite::new().unwrap(), waves: Waves::default(), hand_out };
        pollster::block_on(contract::check(&gathered))
    }
}

impl Database for Gathered {
    async fn run(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, DatabaseError> {
        self.sqlite.run(statements).await
    }

    async fn query(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, DatabaseError> {
        let call = async |all| self.sqlite.query(all).await.map(self.hand_out);
        self.waves.read(statements, call).await
    }
}

#[test]
fn a_database_that_gathers_reads_keeps_it_unless_it_hands_out_the_rows_of_others() {
    assert_eq!(Gathered::check(|rows| rows), Ok(()));
    let reversed = Gathered::check(|rows| rows.into_iter().rev().collect());
    assert!(
        reversed.is_err_and(|said| said.starts_with("a read returns the rows of each of its statements"))
    );
    // Its mistake shows only when two reads are one call.
    let mixed = Gathered::check(|mut rows| {
        if rows.len() > 3 {
            rows.rotate_left(1);
        }
        rows
    });
    assert!(mixed.is_err_and(|said| said.starts_with("each of the reads at the same time")));
}

/// A database that answers with the first row of the first statement.
struct Hasty(Sqlite);

impl Database for Hasty {
    async fn run(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, DatabaseError> {
        self.0.run(statements).await
    }

    async fn run_for_one(&self, statements: Vec<Statement>) -> Result<Option<Row>, DatabaseError> {
        Ok(self.run(statements).await?.into_iter().flatten().next())
    }
}

#[test]
fn a_database_that_returns_the_first_row_of_all_does_not_keep_it() {
    let broken = pollster::block_on(contract::check(&Hasty(Sqlite::new().unwrap())));
    assert!(broken.is_err_and(|said| said.starts_with("the first row of the last statement")));
}
