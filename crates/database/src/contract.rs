//! What every [`Database`] must do, wherever it stores its rows: bundled SQLite, D1, later the SQLite of a Durable
//! Object.
//!
//! It is one function, which a test calls with a database that has the tables of `migrations/`. It returns the first
//! promise that was not kept, and removes its rows. It does not ask for what only some databases can do, which is to fail
//! on command, nor how fast they are.

use futures_util::future::join;
use serde_json::json;

use crate::{Batch, Database, DatabaseError, Param, Row, Statement};

/// The tenant whose rows the contract writes.
const TENANT: &str = "contract-of-database";

/// Checks whether the database keeps the contract.
///
/// # Errors
/// The first promise that was not kept, and what happened instead.
pub async fn check(database: &impl Database) -> Result<(), String> {
    clear(database).await?;
    values_come_back_as_they_were_bound(database).await?;
    long_and_odd_texts_come_back_whole(database).await?;
    a_list_is_one_parameter_and_there_may_be_a_hundred(database).await?;
    a_statement_sees_what_earlier_statements_wrote(database).await?;
    a_write_returns_the_rows_that_it_wrote(database).await?;
    of_a_batch_that_fails_nothing_is_done(database).await?;
    without_statements_nothing_happens(database).await?;
    a_read_returns_the_rows_of_each_of_its_statements(database).await?;
    the_first_row_is_that_of_the_last_statement(database).await?;
    reads_at_the_same_time_return_their_own_rows(database).await?;
    the_limits_are_those_of_d1(database).await?;
    clear(database).await
}

fn keep(promise: &str, kept: bool, found: &dyn std::fmt::Debug) -> Result<(), String> {
    if kept { Ok(()) } else { Err(format!("{promise}: {found:?}")) }
}

fn said(error: DatabaseError) -> String {
    format!("a statement that must succeed failed: {error}")
}

async fn rows(database: &impl Database, sql: &'static str, params: Vec<Param>) -> Result<Vec<Row>, String> {
    let mut batch = Batch::new();
    let key = batch.add(Statement::new(sql, params));
    Ok(batch.run(database).await.map_err(said)?.of(key).to_vec())
}

async fn clear(database: &impl Database) -> Result<(), String> {
    rows(database, "DELETE FROM totals WHERE tenant = +?1", vec![TENANT.into()]).await.map(drop)
}

async fn values_come_back_as_they_were_bound(database: &impl Database) -> Result<(), String> {
    // Quotes, a control character, and characters of two and four bytes.
    let text = "it's \"x\" \u{1} \u{e4} \u{1f600} ?1 --";
    let params = vec![text.into(), Param::Null, 9_007_199_254_740_991_i64.into(), Param::from("")];
    let sql = "SELECT ?1 AS text, ?2 AS absent, CAST(?3 AS INTEGER) AS number, ?4 AS empty, typeof(?3) AS type, ?3 AS bound";
    let found = rows(database, sql, params).await?;
    let [row] = found.as_slice() else { return Err(format!("a SELECT of values has one row: {found:?}")) };
    let same = row.optional_text("text") == Some(text)
        && row.get("absent").is_some_and(serde_json::Value::is_null)
        && row.integer("number").ok() == Some(9_007_199_254_740_991)
        && row.integer("bound").ok() == Some(9_007_199_254_740_991)
        && row.optional_text("empty") == Some("");
    keep("text, NULL and integers of 53 bits come back as they were bound", same, row)?;
    // Statements that compare a bound number with text would give different results otherwise.
    keep("a bound number is a REAL", row.optional_text("type") == Some("real"), row)
}

/// Checks that texts come back as they were: a document may have 1 MiB, and a name any character (RFC 8259 s7).
async fn long_and_odd_texts_come_back_whole(database: &impl Database) -> Result<(), String> {
    for text in ["\u{e4}".repeat(500_000), "a\u{0}b".to_string(), "\u{feff}\u{2028}\u{ffff}".to_string()] {
        let sql = "SELECT ?1 AS text, json_extract(json_array(?1), '$[0]') AS nested";
        let found = rows(database, sql, vec![text.as_str().into()]).await?;
        let row = found.first();
        let same =
            ["text", "nested"].map(|column| row.and_then(|row| row.optional_text(column)) == Some(&text));
        let seen = (text.len(), text.chars().take(3).collect::<String>(), same);
        keep("a text comes back whole, whatever its length and its characters", same == [true, true], &seen)?;
    }
    Ok(())
}

async fn a_list_is_one_parameter_and_there_may_be_a_hundred(database: &impl Database) -> Result<(), String> {
    let list = json!((0..20_000).map(|number| format!("id{number}")).collect::<Vec<_>>()).to_string();
    let sql = "SELECT count(*) AS n FROM json_each(?1)";
    let found = rows(database, sql, vec![list.into()]).await?;
    let count = found.first().and_then(|row| row.integer("n").ok());
    keep("a list goes into one parameter as JSON", count == Some(20_000), &found)?;
    let params: Vec<Param> = (1..=100).map(|number: i64| number.into()).collect();
    let found = rows(database, "SELECT ?100 + ?1 AS sum", params).await?;
    let sum = found.first().and_then(|row| row.integer("sum").ok());
    keep("a statement has up to 100 parameters", sum == Some(101), &found)
}

fn insert(kind: &str, total: i64) -> Statement {
    let sql = "INSERT INTO totals (tenant, type, total) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING RETURNING type, total";
    Statement::new(sql, vec![TENANT.into(), kind.into(), total.into()])
}

async fn a_statement_sees_what_earlier_statements_wrote(database: &impl Database) -> Result<(), String> {
    let sum = "SELECT coalesce(sum(total), 0) AS total FROM totals WHERE tenant = +?1";
    let sum = || Statement::new(sum, vec![TENANT.into()]);
    let mut batch = Batch::new();
    let before = batch.add(sum());
    batch.extend([insert("a", 1), insert("b", 2)]);
    batch.add(Statement::new("UPDATE totals SET total = total + 1 WHERE tenant = +?1", vec![TENANT.into()]));
    let changes = batch.add(Statement::new("SELECT changes() AS n", Vec::new()));
    let after = batch.add(sum());
    let rows = batch.run(database).await.map_err(said)?;
    let total = |key, column: &str| rows.first(key).and_then(|row| row.integer(column).ok());
    let found = [total(before, "total"), total(after, "total"), total(changes, "n")];
    let promise =
        "statements run in their order, each sees the ones before it, and changes() is of the last one";
    keep(promise, found == [Some(0), Some(5), Some(2)], &found)
}

async fn a_write_returns_the_rows_that_it_wrote(database: &impl Database) -> Result<(), String> {
    let mut batch = Batch::new();
    let (new, present) = (batch.add(insert("c", 7)), batch.add(insert("a", 7)));
    let silent =
        batch.add(Statement::new("UPDATE totals SET total = 1 WHERE tenant = +?1", vec![TENANT.into()]));
    let rows = batch.run(database).await.map_err(said)?;
    let total = rows.first(new).and_then(|row| row.integer("total").ok());
    let found = (total, rows.of(present).len(), rows.of(silent).len());
    keep("RETURNING gives the rows that were written and no others", found == (Some(7), 0, 0), &found)
}

async fn of_a_batch_that_fails_nothing_is_done(database: &impl Database) -> Result<(), String> {
    let count = "SELECT count(*) AS n FROM totals WHERE tenant = +?1";
    let before = rows(database, count, vec![TENANT.into()]).await?;
    for wrong in [
        "SELECT missing FROM nowhere",
        "SELECT json('{')",
        "INSERT INTO totals (tenant, type, total) VALUES ('t', NULL, 1)",
        "INSERT INTO totals (tenant, type, total) VALUES ('contract-of-database', 'a', 1)",
    ] {
        let mut batch = Batch::new();
        batch.add(insert("d", 1));
        batch.add(Statement::new(wrong, Vec::new()));
        batch.add(insert("e", 1));
        let failed = batch.run(database).await.err();
        let refused = matches!(failed, Some(DatabaseError::Failed(_)));
        keep("a statement that is wrong is refused for good", refused, &failed)?;
        let after = rows(database, count, vec![TENANT.into()]).await?;
        keep("a batch is one transaction: all of it or nothing", before == after, &after)?;
    }
    Ok(())
}

async fn without_statements_nothing_happens(database: &impl Database) -> Result<(), String> {
    let answer = Batch::new().run(database).await.map(|rows| rows.first(None).cloned());
    keep("a batch without statements succeeds", answer == Ok(None), &answer)
}

/// Returns a statement whose rows are these numbers.
fn select(numbers: &[i64]) -> Statement {
    Statement::new("SELECT value AS n FROM json_each(?1)", vec![json!(numbers).to_string().into()])
}

/// Returns the numbers that are rows of such a statement.
fn numbers<'r>(rows: impl IntoIterator<Item = &'r Row>) -> Vec<i64> {
    rows.into_iter().filter_map(|row| row.integer("n").ok()).collect()
}

/// Checks reads, which may go another way than writes: one may be tried again, and be gathered with others.
async fn a_read_returns_the_rows_of_each_of_its_statements(database: &impl Database) -> Result<(), String> {
    let mut batch = Batch::new();
    let keys = [select(&[1, 2]), select(&[]), select(&[3])].map(|statement| batch.add(statement));
    let rows = batch.query(database).await.map_err(said)?;
    let found = keys.map(|key| numbers(rows.of(key)));
    keep("a read returns the rows of each of its statements", found == [vec![1, 2], vec![], vec![3]], &found)
}

async fn the_first_row_is_that_of_the_last_statement(database: &impl Database) -> Result<(), String> {
    let one = database.query_one(select(&[1, 2])).await.map_err(said)?;
    let none = database.query_one(select(&[])).await.map_err(said)?;
    let last = database.run_for_one(vec![select(&[3]), select(&[4, 5])]).await.map_err(said)?;
    let none_of_last = database.run_for_one(vec![select(&[6]), select(&[])]).await.map_err(said)?;
    let found = [one, none, last, none_of_last].map(|row| numbers(&row));
    let promise = "the first row of the last statement is returned, or none if it has none";
    keep(promise, found == [vec![1], vec![], vec![4], vec![]], &found)
}

async fn reads_at_the_same_time_return_their_own_rows(database: &impl Database) -> Result<(), String> {
    let several = || database.query(vec![select(&[1, 2]), select(&[]), select(&[3])]);
    let one = || database.query_one(select(&[4, 5]));
    let wrong = || database.query_one(Statement::new("SELECT missing FROM nowhere", Vec::new()));
    let (first, second) = join(several(), one()).await;
    keep_own(first, second)?;
    let ((first, refused), second) = join(join(several(), wrong()), one()).await;
    keep_own(first, second)?;
    let is_refused = matches!(refused, Err(DatabaseError::Failed(_)));
    keep("of reads at the same time one that is wrong is refused alone", is_refused, &refused)
}

/// Checks the rows of the two reads that are right.
fn keep_own(
    several: Result<Vec<Vec<Row>>, DatabaseError>,
    one: Result<Option<Row>, DatabaseError>,
) -> Result<(), String> {
    let several: Vec<Vec<i64>> = several.map_err(said)?.iter().map(numbers).collect();
    let found = (several, numbers(&one.map_err(said)?));
    let expected = (vec![vec![1, 2], vec![], vec![3]], vec![4]);
    keep("each of the reads at the same time returns its own rows", found == expected, &found)
}

/// Checks the limits. SQL is tested natively, so what D1 refuses must be refused there too
/// (developers.cloudflare.com/d1/platform/limits), and what D1 takes be taken.
async fn the_limits_are_those_of_d1(database: &impl Database) -> Result<(), String> {
    let compound = |terms: usize| (vec!["SELECT 1 AS n"; terms].join(" UNION ALL "), Vec::new());
    let parameters = |count: usize| (format!("SELECT ?{count} AS n"), vec![Param::from(1); count]);
    let pattern = |bytes: usize| ("SELECT 'x' LIKE +?1 AS n".to_string(), vec!["x".repeat(bytes).into()]);
    let depth = |levels: usize| (format!("SELECT {}1 AS n", "1 + ".repeat(levels)), Vec::new());
    let length = |bytes: usize| ("SELECT length(?1) AS n".to_string(), vec!["x".repeat(bytes).into()]);
    let text = |bytes: usize| (format!("SELECT {}1 AS n", " ".repeat(bytes - 13)), Vec::new());
    for (what, within, beyond) in [
        ("terms of a compound SELECT", compound(5), compound(6)),
        ("parameters of a statement", parameters(100), parameters(101)),
        ("bytes of a LIKE pattern", pattern(50), pattern(51)),
        ("levels of an expression", depth(90), depth(110)),
        // 2,000,000 are documented, and bundled SQLite refuses more; the runtime refuses from some millions more on.
        ("bytes of a text", length(1_900_000), length(12_000_000)),
        ("bytes of a statement", text(100_000), text(100_001)),
    ] {
        for ((sql, params), is_within) in [(within, true), (beyond, false)] {
            let mut batch = Batch::new();
            batch.add(Statement::new(sql, params));
            let answer = batch.run(database).await.map(drop);
            let kept =
                matches!((&answer, is_within), (Ok(()), true) | (Err(DatabaseError::Failed(_)), false));
            keep(&format!("{what} are limited as D1 limits them"), kept, &(is_within, answer))?;
        }
    }
    Ok(())
}
