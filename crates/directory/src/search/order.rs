//! The order in which the matches are returned (RFC 7644 s3.4.2.3), and what follows a place in it (RFC 9865).

use scim::{Kind, Order, Paging, Position, Search};
use serde_json::Value;

use crate::filter::{Needs, sort_key};

/// The order of a query.
pub(super) struct Ordering {
    /// The value that a row is sorted by, if the query sorts.
    pub key: Option<String>,
    /// The ORDER BY, in terms of `type`, `id` and `sort_key`.
    pub by: String,
    /// The condition on the rows after the cursor.
    pub after: Option<String>,
    /// Whether ids alone make the order.
    pub is_by_id: bool,
}

impl Ordering {
    pub(super) fn new(search: &Search<'_>, needs: &mut Needs) -> Ordering {
        let key = search.order.map(|_| key(search, needs));
        // Ids are in the order of creation. Several types follow one another, as in the primary key. `+` keeps SQLite
        // from walking through all ids in their order if an index leads to the few that match.
        let by_id = match (search.branches.len() > 1, search.is_filtered()) {
            (true, _) => "type, id",
            (false, true) => "+id",
            (false, false) => "id",
        };
        let by = match (&key, search.order) {
            (Some(_), Some(Order::Ascending)) => format!("sort_key IS NULL, sort_key, {by_id}"),
            (Some(_), Some(Order::Descending)) => format!("sort_key IS NOT NULL, sort_key DESC, {by_id}"),
            _ => by_id.to_string(),
        };
        let after = match &search.paging {
            Paging::Cursor { after: Some(position), .. } => {
                Some(after(search, key.as_deref(), position, needs))
            }
            _ => None,
        };
        Ordering { is_by_id: key.is_none(), key, by, after }
    }
}

fn key(search: &Search<'_>, needs: &mut Needs) -> String {
    let mut keys = Vec::new();
    for branch in &search.branches {
        let key = match &branch.sort {
            Some(field) => sort_key(branch.kind, field, needs),
            None => "NULL".to_string(),
        };
        keys.push((branch.kind, key));
    }
    match keys.as_slice() {
        [(_, only)] => only.clone(),
        _ => {
            let when = |(kind, key): &(Kind, String)| format!("WHEN '{}' THEN {key}", kind.name());
            format!("(CASE r.type {} END)", keys.iter().map(when).collect::<Vec<_>>().join(" "))
        }
    }
}

fn after(search: &Search<'_>, key: Option<&str>, position: &Position, needs: &mut Needs) -> String {
    let id = needs.one(position.id.as_str());
    let later = match search.branches.len() {
        1 => format!("r.id > {id}"),
        _ => {
            let kind = position.kind.name();
            format!("(r.type, r.id) > ('{kind}', {id})")
        }
    };
    let (Some(key), Some(order)) = (key, search.order) else { return later };
    let is_null = position.key == Value::Null;
    let place = needs.one(position.key.clone());
    match (order, is_null) {
        (Order::Ascending, true) => format!("{key} IS NULL AND {later}"),
        (Order::Ascending, false) => {
            format!("{key} > {place} OR {key} = {place} AND {later} OR {key} IS NULL")
        }
        (Order::Descending, true) => format!("{key} IS NOT NULL OR {later}"),
        (Order::Descending, false) => format!("{key} < {place} OR {key} = {place} AND {later}"),
    }
}
