//! One entry of the activity, a row of the change log or a refusal, as the JSON that is shown. SQL makes it: what is not there is left
//! out.

use crate::change_log::MASS_DEPROVISIONING;

/// Bytes of the largest change whose values are shown in a list; of a larger one only the paths are.
pub(super) const LARGE: usize = 8_000;

/// Returns SQL of a time in milliseconds (an expression) as a dateTime.
pub(super) fn date_time(time: &str) -> String {
    format!("strftime('%Y-%m-%dT%H:%M:%fZ', {time} / 1000.0, 'unixepoch')")
}

/// SQL of the credential of a row `c`, with the name that an administrator has given it.
const ACTOR: &str = "json_object('id', c.actor, 'name', coalesce(\
    (SELECT k.name FROM tokens AS k WHERE k.id = c.actor AND k.tenant = +?1), \
    (SELECT k.name FROM client_secrets AS s CROSS JOIN clients AS k ON k.id = s.client WHERE s.id = c.actor AND s.tenant = +?1), \
    (SELECT k.name FROM issuers AS k WHERE k.id = c.actor AND k.tenant = +?1)))";

/// Returns SQL of an entry out of a row `c`: what both kinds have, and `more`.
fn entry(kind: &str, operation: &str, resource: &str, more: &str) -> String {
    let at = date_time("c.at");
    // A merge leaves out what is null (RFC 7396 s2), but not within lists.
    format!(
        "json_patch('{{}}', json_object('kind', '{kind}', 'at', {at}, 'operation', {operation}, 'resource', {resource}, \
         'actor', {ACTOR}, 'correlationId', c.correlation_id, 'tenant', c.tenant, {more})) AS entry"
    )
}

/// Returns SQL of the entry of a row `c` of the change log, with the values of changes of so many bytes at most. `others` are members of
/// the entry besides.
pub(super) fn change(large: usize, others: &str) -> String {
    let name = "coalesce(c.change->>'$.resource.userName', c.change->>'$.resource.displayName')";
    let resource = format!("json_object('type', c.resource_type, 'id', c.resource_id, 'name', {name})");
    let changes = format!(
        "CASE WHEN octet_length(c.change) <= {large} THEN c.change->'$.changes' \
         ELSE (SELECT json_group_array(json_object('path', value->>'$.path')) FROM (\
         SELECT value FROM json_each(c.change, '$.changes') LIMIT 100)) END"
    );
    let departures = format!(
        "CASE c.change->>'$.op' WHEN '{MASS_DEPROVISIONING}' THEN json_object('users', c.change->'$.users', 'of', c.change->'$.of', \
         'since', {}, 'threshold', c.change->'$.threshold') END",
        date_time("(c.change->>'$.since')")
    );
    let more = format!(
        "'sequence', c.seq, 'version', c.version, 'changes', json(nullif({changes}, '[]')), \
         'came', json_array_length(c.change, '$.came'), 'went', json_array_length(c.change, '$.went'), \
         'gave', c.change->'$.gave', 'took', c.change->'$.took', 'departures', {departures}{others}"
    );
    entry("change", "c.change->>'$.op'", &resource, &more)
}

/// Returns SQL of the entry of a row `c` of `refusals`. The name is the one that the resource has now, if it is still there.
pub(super) fn refusal() -> String {
    let name = "(SELECT coalesce(r.document->>'$.userName', r.document->>'$.displayName') FROM resources AS r \
        WHERE r.tenant = +?1 AND r.type = c.resource_type AND r.id = c.resource_id)";
    let resource = format!(
        "CASE WHEN c.resource_type IS NOT NULL \
         THEN json_object('type', c.resource_type, 'id', c.resource_id, 'name', {name}) END"
    );
    let more = "'number', c.id, 'status', c.status, 'scimType', c.scim_type, 'detail', c.detail";
    entry("refusal", "c.operation", &format!("json({resource})"), more)
}

/// Parses the column of that name.
pub(super) fn parsed(row: &database::Row, column: &str) -> Result<serde_json::Value, database::Failure> {
    let parsed = serde_json::from_str(row.text(column)?);
    parsed.map_err(|_| database::Failure::corrupt(format!("column `{column}` holds no JSON")))
}
