//! Lines of an export into a directory. Ids, times and versions are kept, so that identity providers find what they
//! know; whatever is there already is left as it is, so that an import may be repeated.
//!
//! A line is read as the body of a POST is: what no client could have stored is refused, line by line.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use database::{
    Database, Failure, Row, Statement,
    chunks::{chunks, push},
};
use scim::{Document, Instant, Kind, ScimError, limits, read_json};
use serde_json::{Value, json};

use crate::quota::{self, Growth, Quota, Rows};
use crate::record::Record;
use crate::{Context, memberships};

/// The largest row, as JSON: what one parameter of D1 can hold.
const ROW: usize = 1_900_000;
/// Bytes of one parameter that holds several.
const CHUNK: usize = 1_000_000;
/// Parameters of rows that are written in one transaction.
const CHUNKS: usize = 2;
/// The longest id that is taken. This service's own have 36 characters.
const LONGEST_ID: usize = 64;

/// What became of the lines, which are counted from 1.
#[derive(Debug, Default, PartialEq)]
pub struct Imported {
    /// How many resources are new.
    pub created: usize,
    /// How many lines spoke of what was there already; a group has got the members that it lacked.
    pub present: usize,
    /// Groups with members that there are not (yet).
    pub incomplete: Vec<usize>,
    /// Lines that were not taken, or not with all of their members, and why.
    pub refused: Vec<(usize, String)>,
    /// The quota that refused one of them, as the log names it.
    pub limited: Option<&'static str>,
}

/// A line that was understood.
struct Line {
    kind: Kind,
    id: String,
    version: i64,
    created: Instant,
    last_modified: Instant,
    document: Document,
    members: Vec<String>,
}

/// What is kept of a line once it is part of a parameter.
struct Read {
    number: usize,
    kind: Kind,
    id: String,
    has_members: bool,
}

/// Imports lines into the tenant of the context. What is small is one transaction. Of what is larger, resources are written in
/// several, and members in the last one, when all who may be members are there: an import that fails in between is sent again.
///
/// # Errors
/// 400 where there are too many lines at once. A line that is not taken is no error.
pub async fn import(
    database: &impl Database,
    context: &Context<'_>,
    text: &str,
) -> Result<Imported, Failure> {
    if lines(text).count() > limits::IMPORT_LINES {
        let most = limits::IMPORT_LINES;
        return Err(ScimError::new(400, format!("at most {most} lines are taken at once")).into());
    }
    let mut import = Import::new(database, context);
    for (index, text) in lines(text) {
        match read(context, text) {
            Ok(line) => import.add(index + 1, line).await?,
            Err(error) => import.outcome.refused.push((index + 1, error.detail)),
        }
    }
    import.finish().await
}

/// The lines with something in them, counted from 0.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty())
}

/// The type and the id of a resource.
type Key = (String, String);

/// An import on its way: lines as parameters, and what is known of them.
struct Import<'i, D> {
    database: &'i D,
    context: &'i Context<'i>,
    lines: Vec<Read>,
    /// The rows that are not written yet.
    rows: Vec<Rows>,
    /// The members of all groups so far.
    members: Vec<String>,
    created: BTreeSet<Key>,
    /// Those that a quota has refused.
    beyond: BTreeMap<Key, ScimError>,
    outcome: Imported,
}

impl<'i, D: Database> Import<'i, D> {
    fn new(database: &'i D, context: &'i Context<'i>) -> Import<'i, D> {
        Import {
            database,
            context,
            lines: Vec::new(),
            rows: Vec::new(),
            members: Vec::new(),
            created: BTreeSet::new(),
            beyond: BTreeMap::new(),
            outcome: Imported::default(),
        }
    }

    async fn add(&mut self, number: usize, line: Line) -> Result<(), Failure> {
        // A row that no table or parameter holds is not there afterwards, which is what its line is told.
        if let Some(row) = row(self.context, &line) {
            Rows::push(&mut self.rows, &row, CHUNK);
        }
        let Line { kind, id, members, .. } = line;
        let has_members = !members.is_empty();
        if has_members {
            push(&mut self.members, &json!({"id": id, "members": members}).to_string(), CHUNK);
        }
        self.lines.push(Read { number, kind, id, has_members });
        if self.rows.len() > CHUNKS {
            let (statements, inserts) = self.take_rows();
            let answers = self.database.run(statements).await?;
            self.tell_rows(&answers, inserts)?;
        }
        Ok(())
    }

    /// The statements that write the rows so far and say which of them a quota has refused, and how many write.
    fn take_rows(&mut self) -> (Vec<Statement>, usize) {
        let tenant = self.context.tenant;
        let rows = std::mem::take(&mut self.rows);
        let refused: Vec<Statement> = rows.iter().map(|rows| rows.refused(tenant)).collect();
        let inserts = rows.into_iter().map(|rows| Statement::new(insert(), rows.into_params(tenant)));
        (inserts.chain(refused.iter().cloned()).collect(), refused.len())
    }

    /// Writes down what the answers to [`Import::take_rows`] say.
    fn tell_rows(&mut self, answers: &[Vec<Row>], inserts: usize) -> Result<(), Failure> {
        let (inserted, refused) = answers.split_at_checked(inserts).unwrap_or_default();
        self.created.extend(keys(inserted.iter().flatten())?);
        for (kind, id, error) in Rows::refusals(refused.iter().take(inserts).flatten())? {
            self.beyond.insert((kind.to_string(), id.to_string()), error);
        }
        Ok(())
    }

    async fn finish(mut self) -> Result<Imported, Failure> {
        if self.lines.is_empty() {
            return Ok(self.outcome);
        }
        let ids = chunks(self.lines.iter().map(|line| json!([line.kind.name(), line.id])), CHUNK);
        let members = std::mem::take(&mut self.members);
        let (mut statements, inserts) = self.take_rows();
        let mut ends = vec![statements.len()];
        let mut add = |more: Vec<Statement>| {
            statements.extend(more);
            ends.push(statements.len());
        };
        add(self.with(PRESENT, ids));
        add(self.add_members(&members));
        add(self.with(INCOMPLETE, members.clone()));
        add(self.with(lacking(), members));
        let answers = self.database.run(statements).await?;

        let part = |from: usize| {
            let range =
                ends.get(from).zip(ends.get(from + 1)).map(|(from, to)| *from..*to).unwrap_or_default();
            answers.get(range).unwrap_or_default().iter().flatten()
        };
        self.tell_rows(&answers, inserts)?;
        let present = keys(part(0))?;
        let incomplete = part(2).map(|row| row.text("id")).collect::<Result<BTreeSet<_>, _>>()?;
        let lacking = part(3).filter_map(|row| Some((row.optional_text("id")?, quota::refusal(Some(row))?)));
        let lacking: BTreeMap<&str, ScimError> = lacking.collect();
        for line in &self.lines {
            let key = (line.kind.name().to_string(), line.id.clone());
            let of_members = lacking.get(line.id.as_str()).filter(|_| line.has_members);
            if let Some(error) = self.beyond.get(&key).or(of_members) {
                self.outcome.beyond_quota(line, error);
            }
            if !self.beyond.contains_key(&key) {
                let created = self.created.remove(&key);
                self.outcome.count(
                    line,
                    created,
                    present.contains(&key),
                    incomplete.contains(line.id.as_str()),
                );
            }
        }
        self.outcome.refused.sort();
        Ok(self.outcome)
    }

    /// Adds the members that are new, as many as the quota allows, and counts them.
    fn add_members(&self, members: &[String]) -> Vec<Statement> {
        let sql = format!(
            "INSERT INTO memberships (tenant, group_id, member_id, member_type) \
             SELECT DISTINCT ?1, g.id, r.id, r.type FROM {NEW_MEMBERS} LIMIT {} ON CONFLICT DO NOTHING",
            quota::room(Quota::Memberships)
        );
        let count = || memberships::count_inserted(self.context.tenant);
        let add = |add: Statement| [add, count()];
        self.with(sql, members.to_vec()).into_iter().flat_map(add).collect()
    }

    fn with(&self, sql: impl Into<Cow<'static, str>>, lists: Vec<String>) -> Vec<Statement> {
        let (tenant, sql) = (self.context.tenant, sql.into());
        lists.into_iter().map(|list| Statement::new(sql.clone(), vec![tenant.into(), list.into()])).collect()
    }
}

impl Imported {
    fn beyond_quota(&mut self, line: &Read, error: &ScimError) {
        self.limited = error.limited;
        self.refused.push((line.number, error.detail.clone()));
    }

    /// Writes down what became of a line: whether its resource was created, is there now, and lacks members.
    fn count(&mut self, line: &Read, created: bool, present: bool, incomplete: bool) {
        match (created, present) {
            (true, _) => self.created += 1,
            (_, true) => self.present += 1,
            _ => {
                let name = line.kind.name();
                let detail =
                    format!("another {name} has the name of this one, or it is larger than {ROW} bytes");
                return self.refused.push((line.number, detail));
            }
        }
        if line.has_members && incomplete {
            self.incomplete.push(line.number);
        }
    }
}

/// `?2` are resources; what comes back are those that are new.
fn insert() -> String {
    format!(
        "INSERT INTO resources (tenant, type, id, version, revision, created, last_modified, \
         unique_key, display_key, external_id, document, search) \
         SELECT ?1, json_extract(new.value, '$.type'), json_extract(new.value, '$.id'), \
         json_extract(new.value, '$.version'), json_extract(new.value, '$.id'), json_extract(new.value, '$.created'), \
         json_extract(new.value, '$.last_modified'), json_extract(new.value, '$.unique_key'), \
         json_extract(new.value, '$.display_key'), json_extract(new.value, '$.external_id'), \
         json_extract(new.value, '$.document'), json_extract(new.value, '$.search') \
         FROM json_each(?2) AS new WHERE {} ON CONFLICT DO NOTHING RETURNING type, id",
        Rows::fit()
    )
}

/// `?2` are pairs of type and id; what comes back are those that there are.
const PRESENT: &str = "SELECT r.type, r.id FROM json_each(?2) AS wanted CROSS JOIN resources AS r ON r.tenant = ?1 \
    AND r.type = json_extract(wanted.value, '$[0]') AND r.id = json_extract(wanted.value, '$[1]')";

/// The rows of groups and of their members in `?2` that are not there yet.
const NEW_MEMBERS: &str = "json_each(?2) AS line \
    CROSS JOIN resources AS g ON g.tenant = ?1 AND g.type = 'Group' AND g.id = json_extract(line.value, '$.id') \
    CROSS JOIN json_each(line.value, '$.members') AS member \
    CROSS JOIN resources AS r ON r.tenant = ?1 AND r.type IN ('User', 'Group') AND r.id = member.value \
    WHERE NOT EXISTS (SELECT 1 FROM memberships AS m \
    WHERE m.tenant = ?1 AND m.group_id = g.id AND m.member_id = r.id)";

/// `?2` are groups with their members; what comes back are the groups that the quota has kept members from, which is where no
/// room is left.
fn lacking() -> String {
    format!(
        "SELECT DISTINCT g.id, {} AS quota FROM {NEW_MEMBERS} AND {} = 0",
        quota::exceeded(&[Growth::by(Quota::Memberships, "1")], None),
        quota::room(Quota::Memberships)
    )
}

/// `?2` as before; what comes back are the groups with a member that there is not.
const INCOMPLETE: &str = "SELECT DISTINCT json_extract(line.value, '$.id') AS id FROM json_each(?2) AS line \
    CROSS JOIN json_each(line.value, '$.members') AS member \
    WHERE NOT EXISTS (SELECT 1 FROM resources AS r WHERE r.tenant = ?1 AND r.type IN ('User', 'Group') \
    AND r.id = member.value)";

/// The row to insert; None for a resource that no row can hold.
fn row(context: &Context<'_>, line: &Line) -> Option<Value> {
    let record = Record::new(context.of(line.kind), &line.document).ok()?;
    let row = json!({
        "type": line.kind.name(),
        "bytes": record.bytes(),
        "id": line.id,
        "version": line.version,
        "created": line.created.0,
        "last_modified": line.last_modified.0,
        "unique_key": record.unique_key,
        "display_key": record.display_key,
        "external_id": record.external_id,
        "document": record.document,
        "search": record.search,
    });
    Some(row).filter(|row| row.to_string().len() <= ROW)
}

fn keys<'r>(rows: impl Iterator<Item = &'r Row>) -> Result<BTreeSet<Key>, Failure> {
    rows.map(|row| Ok((row.text("type")?.to_string(), row.text("id")?.to_string()))).collect()
}

fn read(context: &Context<'_>, text: &str) -> Result<Line, ScimError> {
    let value = read_json(text.as_bytes()).map_err(|error| match error.detail.starts_with("the body ") {
        true => ScimError::invalid_syntax("the line is no JSON"),
        false => error,
    })?;
    let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
    let is_taken = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    // In a path, an id of dots alone would be another place.
    let is_dots = id.bytes().all(|byte| byte == b'.');
    if is_dots || id.len() > LONGEST_ID || !id.bytes().all(is_taken) {
        return Err(ScimError::invalid_value("the line has no `id` that could be one of this service"));
    }
    let meta = |name: &str| value.get("meta").and_then(|meta| meta.get(name)).and_then(Value::as_str);
    let kind = meta("resourceType").and_then(Kind::from_name);
    let kind =
        kind.ok_or_else(|| ScimError::invalid_value("`meta.resourceType` is neither User nor Group"))?;
    let time = |name: &str| meta(name).and_then(Instant::parse).unwrap_or(context.now);
    let version =
        meta("version").and_then(|version| version.strip_prefix("W/\"")?.strip_suffix('"')?.parse().ok());
    let (document, members) = scim::parse_resource(context.registry, kind, text.as_bytes())?;
    Ok(Line {
        kind,
        id: id.to_string(),
        version: version.filter(|version| *version > 0).unwrap_or(1),
        created: time("created"),
        last_modified: time("lastModified"),
        document,
        members,
    })
}
