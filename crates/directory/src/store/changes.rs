//! The change log: SQL that inserts a row for each resource that a write has changed, within the transaction of the
//! write. The rows say what has happened, not what was asked for: a statement of the log looks at the revision that
//! the write has set, and runs before the statements on memberships, so that it sees who is a member and who is not.
//!
//! What lives here: the form of a row, for the effects and for what the administration does (`erasure`, `guard`, `roles`); and a
//! row that is kept for its number alone. So a column more is one edit. What does not: which resources a write changes (the effects),
//! and reading (`crate::events`).

use database::{Params, Statement};
use scim::Instant;

use super::Write;
use crate::Context;

/// Bounds the sequences of the log that a caller may name. D1 binds numbers as doubles, which are exact up to 2^53.
pub const LARGEST_SEQUENCE: i64 = 1 << 52;

/// The ids of members that one row holds at most. A larger change is several rows.
pub(super) const MEMBERS: usize = 2_000;

const INTO: &str =
    "INSERT INTO changes (tenant, resource_type, resource_id, version, change, at, actor, correlation_id)";

/// Blanks the tenant's row of the change log if it is the last of all tenants': its number must not be used again, since a
/// reader of another tenant may have seen a number close to it.
pub(super) const BLANK: &str = "UPDATE changes SET tenant = '', at = 0, resource_type = '', resource_id = '', version = 0, change = '{}', \
    actor = '', correlation_id = '' WHERE seq = (SELECT max(seq) FROM changes) AND tenant = +?1";

/// What a row says of the resource `r` itself: its names for people and for other systems, and whether it is active.
pub(super) const RESOURCE: &str = "'resource', json_object('userName', r.document->'$.userName', \
    'displayName', r.document->'$.displayName', 'externalId', r.document->'$.externalId', \
    'active', r.document->'$.active'), 'lastModified', r.last_modified";

/// What rows are made from, as a FROM clause and its conditions: where they are about resources, with the resource as `r`.
pub(super) struct Of<'f> {
    pub tables: &'f str,
    pub conditions: &'f str,
}

/// Members that come to a group and go from it. `came` and `went` are SELECTs of their ids as `id`, each once.
pub(super) enum Members {
    /// Not more than one row holds.
    Few { came: Option<String>, went: Option<String> },
    /// Perhaps more, for all of which there is a single group.
    Many { came: Option<String>, went: Option<String> },
    /// The tables have them already: `chunk.came` is a JSON array.
    Joined,
}

/// What a row says and of what, as SQL.
pub(super) struct Entry<'e> {
    pub resource_type: &'e str,
    pub resource_id: &'e str,
    pub version: &'e str,
    pub change: &'e str,
}

/// When, by whom and by which request rows are written.
pub(super) struct By<'b> {
    pub at: Instant,
    pub actor: &'b str,
    pub correlation_id: &'b str,
}

impl<'b> From<&Context<'b>> for By<'b> {
    fn from(context: &Context<'b>) -> By<'b> {
        By { at: context.now, actor: context.actor, correlation_id: context.correlation_id }
    }
}

/// The rows of one write.
pub(super) struct Log {
    params: Params,
    selects: Vec<String>,
    /// SQL of when, by whom and by which request.
    by: String,
}

impl Log {
    /// Returns a log without rows. Their SQL may name these parameters, of which `?1` is the tenant.
    pub(super) fn new(write: &Write<'_>, params: Params) -> Log {
        Log::by(write.context, params)
    }

    /// Returns a log without rows, as [`Log::new`] does, of what is written outside a commit.
    pub(super) fn by<'b>(by: impl Into<By<'b>>, mut params: Params) -> Log {
        let By { at, actor, correlation_id } = by.into();
        let at = params.add(at.0);
        let actor = params.add(actor);
        let correlation_id = params.add(correlation_id);
        Log { params, selects: Vec::new(), by: format!("{at}, {actor}, {correlation_id}") }
    }

    /// Adds rows of resources that were created.
    pub(super) fn created(self, of: &Of<'_>, members: Option<&Members>) -> Log {
        let document = ", 'created', r.created, 'document', json(r.document)";
        self.rows("r.version", ("created", document), of, members)
    }

    /// Adds rows of resources that were updated. `changes` is SQL of the changes of attributes, as JSON.
    pub(super) fn updated(self, of: &Of<'_>, changes: Option<&str>, members: Option<&Members>) -> Log {
        let changes = changes.map(|changes| format!(", 'changes', json({changes})")).unwrap_or_default();
        self.rows("r.version", ("updated", &changes), of, members)
    }

    /// Adds rows of resources that are about to be deleted, after rows of the members that they have. They have the
    /// version that the resource would have next: a reader that compares versions must take the deletion for newer.
    pub(super) fn deleted(self, of: &Of<'_>, members: Option<&Members>) -> Log {
        let has_left =
            Of { tables: of.tables, conditions: &format!("{} AND chunk.number >= 0", of.conditions) };
        let log = match members {
            Some(_) => self.rows("r.version + 1", ("updated", ""), &has_left, members),
            None => self,
        };
        log.rows("r.version + 1", ("deleted", ", 'document', json(r.document)"), of, None)
    }

    /// Adds rows. `attributes` stand in the first row of a resource alone.
    fn rows(
        self,
        version: &str,
        (op, attributes): (&str, &str),
        of: &Of<'_>,
        members: Option<&Members>,
    ) -> Log {
        let columns = members.map(Members::columns).unwrap_or_default();
        let object = |op: &str, attributes: &str| {
            format!("json_object('op', '{op}', {RESOURCE}{attributes}{columns})")
        };
        let change = match members {
            Some(Members::Many { .. }) if !attributes.is_empty() => format!(
                "CASE WHEN chunk.number > 0 THEN {} ELSE {} END",
                object("updated", ""),
                object(op, attributes)
            ),
            _ => object(op, attributes),
        };
        let chunks = members.map(Members::chunks).unwrap_or_default();
        let tables = format!("{}{chunks}", of.tables);
        let entry = Entry { resource_type: "r.type", resource_id: "r.id", version, change: &change };
        self.entries(&entry, &Of { tables: &tables, conditions: of.conditions })
    }

    /// Adds a row that says this for each row of the tables.
    pub(super) fn entries(mut self, entry: &Entry<'_>, of: &Of<'_>) -> Log {
        let (by, Of { tables, conditions }) = (&self.by, of);
        let Entry { resource_type, resource_id, version, change } = entry;
        self.selects.push(format!(
            "SELECT ?1, {resource_type}, {resource_id}, {version}, {change}, {by} FROM {tables} WHERE {conditions}"
        ));
        self
    }

    /// Returns the statement that inserts the rows, in the order in which they were added.
    pub(super) fn statement(self) -> Statement {
        Statement::new(format!("{INTO} {}", self.selects.join(" UNION ALL ")), self.params.into())
    }
}

impl Members {
    /// Returns the members of `json_object`.
    fn columns(&self) -> String {
        let ids = |came: &Option<String>, went: &Option<String>, sql: &dyn Fn(&str, &str) -> String| {
            let came = came.as_ref().map(|ids| format!(", 'came', {}", sql("came", ids)));
            let went = went.as_ref().map(|ids| format!(", 'went', {}", sql("went", ids)));
            came.unwrap_or_default() + &went.unwrap_or_default()
        };
        match self {
            Members::Few { came, went } => {
                ids(came, went, &|_, ids| format!("json((SELECT json_group_array(id) FROM ({ids})))"))
            }
            Members::Many { came, went } => {
                ids(came, went, &|name, _| format!("json(coalesce(chunk.{name}, '[]'))"))
            }
            Members::Joined => ", 'came', json(chunk.came)".to_string(),
        }
    }

    /// Returns SQL that joins the parts of many members to their group: a row for each part, or one if there are none.
    fn chunks(&self) -> String {
        let Members::Many { came, went } = self else { return String::new() };
        let ids = [("1", came), ("0", went)].into_iter();
        let ids =
            ids.filter_map(|(came, ids)| Some(format!("SELECT {came} AS came, id FROM ({})", ids.as_ref()?)));
        format!(
            " LEFT JOIN (SELECT number, json_group_array(id) FILTER (WHERE came) AS came, \
             json_group_array(id) FILTER (WHERE NOT came) AS went FROM (\
             SELECT came, id, (row_number() OVER () - 1) / {MEMBERS} AS number FROM ({})) GROUP BY number) AS chunk",
            ids.collect::<Vec<_>>().join(" UNION ALL ")
        )
    }
}
