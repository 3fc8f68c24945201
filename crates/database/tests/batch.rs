//! The rows of a batch are found by keys.

#![allow(clippy::unwrap_used)]

use database::{Batch, Key, Sqlite, Statement};
use pollster::block_on;

fn select(number: i64) -> Statement {
    Statement::new("SELECT CAST(?1 AS INTEGER) AS n UNION ALL SELECT 0", vec![number.into()])
}

#[test]
fn an_answer_is_found_by_its_key_whatever_else_stands_in_the_batch() {
    let database = Sqlite::new().unwrap();
    let mut batch = Batch::new();
    let one = batch.add(select(1));
    batch.add(Statement::new("UPDATE totals SET total = 0", Vec::new()));
    let others = batch.extend([select(2), select(3)]);
    let mut rows = block_on(batch.run(&database)).unwrap();
    assert_eq!(rows.first(one).unwrap().integer("n").unwrap(), 1);
    let all = rows.of_all(&others).map(|row| row.integer("n").unwrap());
    assert_eq!(all.collect::<Vec<_>>(), [2, 0, 3, 0]);
    assert!(rows.of(None::<Key>).is_empty(), "a statement that was not added has no rows");
    assert_eq!((rows.take(one).len(), rows.of(one).len()), (2, 0));
    assert_eq!(database.round_trips(), 1);
}

#[test]
fn a_batch_without_statements_costs_no_round_trip() {
    let database = Sqlite::new().unwrap();
    assert!(block_on(Batch::new().query(&database)).is_ok());
    assert!(block_on(Batch::new().run(&database)).is_ok());
    assert_eq!(database.round_trips(), 0);
}
