//! Reads that are asked for at the same time are one call of the database.

#![allow(clippy::unwrap_used)]

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use database::{Database, DatabaseError, Row, Sqlite, Statement, Waves};
use pollster::block_on;

/// SQLite whose reads are gathered, as those of D1 are.
struct Gathered {
    sqlite: Sqlite,
    waves: Waves,
}

impl Gathered {
    fn new() -> Gathered {
        Gathered { sqlite: Sqlite::new().unwrap(), waves: Waves::default() }
    }

    async fn number(&self, number: i64) -> Result<i64, DatabaseError> {
        let sql = "SELECT CAST(?1 AS INTEGER) AS n WHERE ?1 > 0";
        let row = self.query_one(Statement::new(sql, vec![number.into()])).await?;
        Ok(row.map_or(0, |row| row.integer("n").unwrap()))
    }

    async fn refused(&self) -> Result<Option<Row>, DatabaseError> {
        self.query_one(Statement::new("SELECT none FROM nowhere", Vec::new())).await
    }
}

impl Database for Gathered {
    async fn run(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, DatabaseError> {
        self.sqlite.run(statements).await
    }

    async fn query(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, DatabaseError> {
        self.waves.read(statements, |all| self.sqlite.query(all)).await
    }
}

/// Polls two futures at once until both are done, as `join` does.
async fn join<A, B>(one: impl Future<Output = A>, other: impl Future<Output = B>) -> (A, B) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    let (mut first, mut second) = (None, None);
    poll_fn(|context| {
        if first.is_none()
            && let Poll::Ready(value) = one.as_mut().poll(context)
        {
            first = Some(value);
        }
        if second.is_none()
            && let Poll::Ready(value) = other.as_mut().poll(context)
        {
            second = Some(value);
        }
        if first.is_some() && second.is_some() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    (first.unwrap(), second.unwrap())
}

#[test]
fn reads_at_the_same_time_are_one_call_and_each_gets_its_own_rows() {
    let database = Gathered::new();
    let found = block_on(join(join(database.number(1), database.number(0)), database.number(3)));
    assert_eq!(found, ((Ok(1), Ok(0)), Ok(3)));
    assert_eq!(database.sqlite.round_trips(), 1);
}

#[test]
fn reads_one_after_the_other_are_as_many_calls() {
    let database = Gathered::new();
    let found = block_on(async { (database.number(1).await, database.number(2).await) });
    assert_eq!(found, (Ok(1), Ok(2)));
    assert_eq!(database.sqlite.round_trips(), 2);
}

#[test]
fn a_statement_that_is_refused_fails_its_own_read_alone() {
    let database = Gathered::new();
    let (refused, found) = block_on(join(database.refused(), database.number(2)));
    assert!(matches!(refused, Err(DatabaseError::Failed(_))), "{refused:?}");
    assert_eq!(found, Ok(2));
}

#[test]
fn a_database_that_does_not_answer_fails_every_read_of_the_wave_by_one_call() {
    let (waves, calls) = (Waves::default(), Cell::new(0));
    let call = |_: Vec<Statement>| {
        calls.set(calls.get() + 1);
        async { Err(DatabaseError::Unavailable("gone".into())) }
    };
    let (one, other) = block_on(join(waves.read(Vec::new(), call), waves.read(Vec::new(), call)));
    assert_eq!((one.clone(), one), (other, Err(DatabaseError::Unavailable("gone".into()))));
    assert_eq!(calls.get(), 1);
}

#[test]
fn a_read_whose_leader_is_given_up_is_told_and_the_next_wave_begins_anew() {
    let database = Gathered::new();
    let mut context = Context::from_waker(Waker::noop());
    let mut leader = Box::pin(database.number(1));
    assert!(leader.as_mut().poll(&mut context).is_pending());
    let mut follower = Box::pin(database.number(2));
    assert!(follower.as_mut().poll(&mut context).is_pending());
    drop(leader);
    let told = follower.as_mut().poll(&mut context);
    assert!(matches!(told, Poll::Ready(Err(DatabaseError::Unavailable(_)))), "{told:?}");
    assert_eq!(block_on(database.number(3)), Ok(3));
}
