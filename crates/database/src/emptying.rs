//! Emptying the tables that hold rows of a tenant, a bounded number of rows a statement. The crates that write the
//! tables say which ones they are.

use crate::Statement;

/// How many rows of one table one statement deletes.
const ROWS: i64 = 1_000;

/// How the tables of one crate are emptied of a tenant's rows within another crate's transaction, and how to see
/// whether they are empty.
pub struct Emptying {
    /// Statements that delete a part of the rows.
    pub statements: Vec<Statement>,
    /// SQL that tells whether a row of the tenant `?1` is left.
    pub any_row: String,
    /// SQL that counts the resources of the tenant `?1` that are left, to be shown to an administrator.
    pub resources: &'static str,
}

/// Returns statements that delete rows of these tables, each given with its key. A table is emptied once the one
/// before it is empty. `after` returns a statement that must directly follow the one that deletes from a table.
pub fn empty(
    tenant: &str,
    tables: &[(&str, &str)],
    after: impl Fn(&str) -> Option<Statement>,
) -> Vec<Statement> {
    let (mut statements, mut before) = (Vec::new(), String::new());
    for (table, key) in tables {
        // A row is named by its key, since a table WITHOUT ROWID offers no other name.
        let sql = format!(
            "DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE tenant = +?1 LIMIT +?2){before}"
        );
        statements.push(Statement::new(sql, vec![tenant.into(), ROWS.into()]));
        statements.extend(after(table));
        before = format!(" AND NOT EXISTS (SELECT 1 FROM {table} WHERE tenant = +?1)");
    }
    statements
}

/// Returns SQL of whether one of these tables has a row of the tenant `?1`.
pub fn any_row(tables: &[(&str, &str)]) -> String {
    let any = tables.iter().map(|(table, _)| format!("EXISTS (SELECT 1 FROM {table} WHERE tenant = +?1)"));
    any.collect::<Vec<_>>().join(" OR ")
}
