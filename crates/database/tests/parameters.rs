//! Parameters of statements, as SQLite plans for them.

#![allow(clippy::unwrap_used)]

use database::{Database, DatabaseError, Sqlite, Statement};
use pollster::block_on;

fn run(sql: &'static str) -> Result<(), DatabaseError> {
    let database = Sqlite::new().unwrap();
    let statement = || Statement::new(sql, vec![1.into()]);
    block_on(database.run(vec![statement(), statement()])).map(drop)
}

#[test]
fn a_parameter_for_which_sqlite_would_compile_anew_at_each_call_is_refused() {
    for (sql, place) in [
        ("SELECT 1 FROM totals WHERE tenant = ?1", "= ?1"),
        ("SELECT 1 FROM totals WHERE tenant IS ?1", "IS ?1"),
        ("SELECT 1 FROM totals WHERE tenant IS NOT ?1", "IS NOT ?1"),
        ("SELECT 1 FROM totals WHERE tenant=?1", "=?1"),
        ("SELECT 1 FROM totals WHERE tenant LIKE ?1", "LIKE ?1"),
        ("SELECT 1 FROM totals WHERE tenant GLOB ?1", "GLOB ?1"),
        ("SELECT 1 FROM totals LIMIT ?1", "LIMIT ?1"),
        ("SELECT 1 FROM totals LIMIT 1 OFFSET ?1", "OFFSET ?1"),
        ("SELECT 1 FROM totals WHERE total <= ?1 AND tenant = ?1", "= ?1"),
    ] {
        let refusal = DatabaseError::Failed(format!("a parameter lacks its plus: {place}"));
        assert_eq!(run(sql), Err(refusal), "{sql}");
    }
    for sql in [
        "SELECT 1 FROM totals WHERE tenant = +?1 LIMIT +?1 OFFSET +?1",
        "SELECT 1 FROM totals WHERE total <= ?1 AND total >= ?1 AND total != ?1 AND tenant LIKE +?1",
        "UPDATE totals SET total = +?1",
    ] {
        assert_eq!(run(sql), Ok(()), "{sql}");
    }
}

#[test]
fn a_parameter_with_its_plus_has_the_same_value_and_leads_to_the_same_index() {
    let database = Sqlite::new().unwrap();
    let plan = |sql: &'static str| database.plan(&Statement::new(sql, vec!["acme".into()])).unwrap();
    assert_eq!(
        plan("SELECT total FROM totals WHERE tenant = +?1"),
        plan("SELECT total FROM totals WHERE tenant = ?1")
    );
    for value in ["acme", "7", "+7", ""] {
        let statement = Statement::new("SELECT +?1 AS value, typeof(+?1) AS type", vec![value.into()]);
        let rows = block_on(database.run(vec![statement])).unwrap();
        assert_eq!((rows[0][0].text("value").unwrap(), rows[0][0].text("type").unwrap()), (value, "text"));
    }
}
