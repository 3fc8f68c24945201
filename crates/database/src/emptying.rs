//! Emptying the tables that hold rows of a tenant, a bounded number of rows a statement. Which tables they are is for the
//! crates to say that write them.

use crate::Statement;

/// How many rows of one table one statement deletes.
const ROWS: i64 = 1_000;

/// How the tables of one crate are emptied of a tenant within a transaction of another, and what tells whether they are.
pub struct Emptying {
    /// Delete a part of the rows.
    pub statements: Vec<Statement>,
    /// SQL of whether a row of the tenant `?1` is left.
    pub any_row: String,
    /// SQL of how many resources of the tenant `?1` are left, for people.
    pub resources: &'static str,
}

/// Returns statements that delete rows of these tables, each given with its key. A table is emptied once the one before it is
/// empty. `after` gives a statement that must directly follow the one that deletes from a table.
pub fn empty(
    tenant: &str,
    tables: &[(&str, &str)],
    after: impl Fn(&str) -> Option<Statement>,
) -> Vec<Statement> {
    let (mut statements, mut before) = (Vec::new(), String::new());
    for (table, key) in tables {
        // A row value, since a table without rowid has no other name for a row.
        let sql = format!(
            "DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE tenant = ?1 LIMIT ?2){before}"
        );
        statements.push(Statement::new(sql, vec![tenant.into(), ROWS.into()]));
        statements.extend(after(table));
        before = format!(" AND NOT EXISTS (SELECT 1 FROM {table} WHERE tenant = ?1)");
    }
    statements
}

/// Returns SQL of whether one of these tables has a row of the tenant `?1`.
pub fn any_row(tables: &[(&str, &str)]) -> String {
    let any = tables.iter().map(|(table, _)| format!("EXISTS (SELECT 1 FROM {table} WHERE tenant = ?1)"));
    any.collect::<Vec<_>>().join(" OR ")
}
