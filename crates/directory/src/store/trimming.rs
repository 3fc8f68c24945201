//! Trimming the change log of a tenant: its oldest rows go, a bounded number at a time, and `logs` says up to where.

use database::Statement;
use scim::Instant;

/// Rows that one statement deletes.
const ROWS: i64 = 500;

/// SQL of the greatest sequence of all tenants. Its row is never deleted: the number would be used again.
pub(crate) const GREATEST: &str = "(SELECT max(seq) FROM changes)";

/// SQL of the sequences of the tenant `?1` to delete: from the oldest row on all that are older than `?2`, up to `?3`. They are a
/// beginning of the log, whatever the order of the times: nothing is missing after the sequence that `logs` has.
const DUE: &str = "WITH oldest AS (SELECT o.seq, o.at FROM changes AS o WHERE o.tenant = +?1 \
    AND o.seq < (SELECT max(seq) FROM changes) ORDER BY o.seq LIMIT +?3) \
    SELECT seq FROM oldest WHERE seq < coalesce((SELECT min(seq) FROM oldest WHERE at >= ?2), 9007199254740992)";

/// Returns the statements that delete the oldest rows from before that time: the first notes which, and the second deletes
/// them.
pub(crate) fn trim(tenant: &str, before: Instant) -> [Statement; 2] {
    let params = || vec![tenant.into(), before.0.into(), ROWS.into()];
    let note = format!(
        "INSERT INTO logs (tenant, trimmed) SELECT ?1, max(seq) FROM ({DUE}) WHERE ?1 <> '' HAVING max(seq) IS NOT NULL \
         ON CONFLICT (tenant) DO UPDATE SET trimmed = max(trimmed, excluded.trimmed)"
    );
    let delete = format!("DELETE FROM changes WHERE seq IN ({DUE})");
    [Statement::new(note, params()), Statement::new(delete, params())]
}
