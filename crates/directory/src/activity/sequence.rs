//! From a time to a place in the change log. There is no index by time: the log is in the order of commits, whose times ascend but
//! for the requests that were under way together. So the place is found by halving.

/// Milliseconds by which the times of two rows may be in another order than the rows: longer than any request.
pub(super) const SLACK: i64 = 60_000;

/// Returns SQL of the greatest sequence of the tenant `?1` before that time (an expression); 0 if all are later. It
/// reads about two rows each time that the range of sequences is halved.
pub fn sequence_before(time: &str) -> String {
    let middle = "(low + high + 1) / 2";
    // No row in the lower half: go on in the upper one. A row that is not before the time ends the range below itself.
    let is_before = format!("(c.at IS NULL OR c.at < {time})");
    format!(
        "(WITH RECURSIVE search (low, high) AS (\
         SELECT 0, coalesce((SELECT max(seq) FROM changes WHERE tenant = +?1), 0) UNION ALL \
         SELECT CASE WHEN {is_before} THEN {middle} ELSE low END, CASE WHEN {is_before} THEN high ELSE c.seq - 1 END \
         FROM search LEFT JOIN changes AS c ON c.seq = (\
         SELECT max(m.seq) FROM changes AS m WHERE m.tenant = +?1 AND m.seq <= {middle}) WHERE low < high) \
         SELECT low FROM search WHERE low >= high)"
    )
}
