//! Lines of an export into a directory. Ids, times and versions are kept, so that identity providers find what they
//! know; whatever is there already is left as it is, so that an import may be repeated.
//!
//! A line is read as the body of a POST is: what no client could have stored is refused, line by line.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use scim::{Document, Instant, Kind, ScimError, limits};
use serde_json::{Value, json};

use crate::chunks::chunks;
use crate::quota::{self, Growth, Quota, Rows};
use crate::record::Record;
use crate::{Context, Database, Failure, Row, Statement, relations};

/// The largest row, as JSON: what one parameter of D1 can hold.
const ROW: usize = 1_900_000;
/// Bytes of one parameter that holds several.
const CHUNK: usize = 1_000_000;
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

struct Line {
    number: usize,
    kind: Kind,
    id: String,
    version: i64,
    created: Instant,
    last_modified: Instant,
    document: Document,
    members: Vec<String>,
}

/// Imports lines into the tenant of the context, in one transaction.
///
/// # Errors
/// 400 where there are too many lines at once. A line that is not taken is no error.
pub async fn import(
    database: &impl Database,
    context: &Context<'_>,
    text: &str,
) -> Result<Imported, Failure> {
    let mut outcome = Imported::default();
    let lines = read_all(context, text, &mut outcome)?;
    if lines.is_empty() {
        return Ok(outcome);
    }
    let parts = statements(context, &lines);
    let lengths = parts.each_ref().map(Vec::len);
    let answers = database.run(parts.into_iter().flatten().collect()).await?;
    outcome.tell(&lines, &answers, lengths)?;
    Ok(outcome)
}

/// The parts of the transaction: insertion, what of it a quota refused, what is there; members, those that are nobody, and
/// those that a quota refused.
fn statements(context: &Context<'_>, lines: &[Line]) -> [Vec<Statement>; 6] {
    // A row that no table or parameter holds is not there afterwards, which is what its line is told.
    let rows = lines.iter().filter_map(|line| row(context, line)).filter(|row| row.to_string().len() <= ROW);
    let rows = chunks(rows, CHUNK);
    let ids = chunks(lines.iter().map(|line| json!([line.kind.name(), line.id])), CHUNK);
    let pairs = lines.iter().flat_map(|line| line.members.iter().map(|member| json!([line.id, member])));
    let pairs = chunks(pairs, CHUNK);
    let insert = |rows| Statement::new(insert(), Rows::new(rows).params(context.tenant));
    [
        rows.iter().map(insert).collect(),
        rows.iter().map(|rows| Rows::new(rows).refused(context.tenant)).collect(),
        ids.iter().map(|ids| with(context, PRESENT, ids)).collect(),
        pairs.iter().flat_map(|pairs| add_members(context, pairs)).collect(),
        pairs.iter().map(|pairs| with(context, INCOMPLETE, pairs)).collect(),
        pairs.iter().map(|pairs| with(context, lacking(), pairs)).collect(),
    ]
}

/// The lines that can be read; the others are refused.
fn read_all(context: &Context<'_>, text: &str, outcome: &mut Imported) -> Result<Vec<Line>, ScimError> {
    let mut lines = Vec::new();
    for (index, text) in text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
        match read(context, index + 1, text) {
            Ok(line) => lines.push(line),
            Err(error) => outcome.refused.push((index + 1, error.detail)),
        }
        if lines.len() > limits::IMPORT_LINES {
            let most = limits::IMPORT_LINES;
            return Err(ScimError::new(400, format!("at most {most} lines are taken at once")));
        }
    }
    Ok(lines)
}

impl Imported {
    /// Writes down what the answers to [`statements`] say of each line; `lengths` is how many each part has.
    fn tell(&mut self, lines: &[Line], answers: &[Vec<Row>], lengths: [usize; 6]) -> Result<(), Failure> {
        let part = |number: usize| {
            let before: usize = lengths.iter().take(number).sum();
            answers.iter().skip(before).take(lengths.get(number).copied().unwrap_or_default()).flatten()
        };
        let mut created = part(0).map(key).collect::<Result<BTreeSet<_>, _>>()?;
        let refused = Rows::refusals(part(1))?.into_iter().map(|(kind, id, error)| ((kind, id), error));
        let refused: BTreeMap<_, _> = refused.collect();
        let present = part(2).map(key).collect::<Result<BTreeSet<_>, _>>()?;
        let incomplete = part(4).map(|row| row.text("id")).collect::<Result<BTreeSet<_>, _>>()?;
        let lacking = part(5).filter_map(|row| Some((row.optional_text("id")?, quota::refusal(Some(row))?)));
        let lacking: BTreeMap<_, _> = lacking.collect();
        for line in lines {
            let key = (line.kind.name(), line.id.as_str());
            let of_members = lacking.get(key.1).filter(|_| !line.members.is_empty());
            if let Some(error) = refused.get(&key).or(of_members) {
                self.beyond_quota(line, error);
            }
            if !refused.contains_key(&key) {
                self.count(line, created.remove(&key), present.contains(&key), incomplete.contains(key.1));
            }
        }
        self.refused.sort();
        Ok(())
    }

    fn beyond_quota(&mut self, line: &Line, error: &ScimError) {
        self.limited = error.limited;
        self.refused.push((line.number, error.detail.clone()));
    }

    /// Writes down what became of a line: whether its resource was created, is there now, and lacks members.
    fn count(&mut self, line: &Line, created: bool, present: bool, incomplete: bool) {
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
        if !line.members.is_empty() && incomplete {
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

/// The rows of resources that pairs of a group and a member in `?2` name.
const PAIRS: &str = "json_each(?2) AS pair \
    CROSS JOIN resources AS g ON g.tenant = ?1 AND g.type = 'Group' AND g.id = json_extract(pair.value, '$[0]') \
    CROSS JOIN resources AS r ON r.tenant = ?1 AND r.type IN ('User', 'Group') \
    AND r.id = json_extract(pair.value, '$[1]') WHERE NOT EXISTS (SELECT 1 FROM memberships AS m \
    WHERE m.tenant = ?1 AND m.group_id = g.id AND m.member_id = r.id)";

/// Adds the members of `?2` that are new, as many as the quota allows, and counts them.
fn add_members(context: &Context<'_>, pairs: &Value) -> [Statement; 2] {
    let sql = format!(
        "INSERT INTO memberships (tenant, group_id, member_id, member_type) \
         SELECT DISTINCT ?1, g.id, r.id, r.type FROM {PAIRS} LIMIT {} ON CONFLICT DO NOTHING",
        quota::room(Quota::Memberships)
    );
    [with(context, sql, pairs), relations::count_inserted(context.tenant)]
}

/// `?2` as before; what comes back are the groups that the quota has kept members from, which is where no room is left.
fn lacking() -> String {
    format!(
        "SELECT DISTINCT g.id, {} AS quota FROM {PAIRS} AND {} = 0",
        quota::exceeded(&[Growth::by(Quota::Memberships, "1")], None),
        quota::room(Quota::Memberships)
    )
}

/// `?2` as before; what comes back are the groups with a member that there is not.
const INCOMPLETE: &str = "SELECT DISTINCT json_extract(pair.value, '$[0]') AS id FROM json_each(?2) AS pair \
    WHERE NOT EXISTS (SELECT 1 FROM resources AS r WHERE r.tenant = ?1 AND r.type IN ('User', 'Group') \
    AND r.id = json_extract(pair.value, '$[1]'))";

fn with(context: &Context<'_>, sql: impl Into<Cow<'static, str>>, list: &Value) -> Statement {
    Statement::new(sql, vec![context.tenant.into(), list.to_string().into()])
}

fn row(context: &Context<'_>, line: &Line) -> Option<Value> {
    let record = Record::new(context.of(line.kind), &line.document).ok()?;
    Some(json!({
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
    }))
}

fn key(row: &Row) -> Result<(&str, &str), Failure> {
    Ok((row.text("type")?, row.text("id")?))
}

fn read(context: &Context<'_>, number: usize, text: &str) -> Result<Line, ScimError> {
    let value: Value =
        serde_json::from_str(text).map_err(|_| ScimError::invalid_syntax("the line is no JSON"))?;
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
        number,
        kind,
        id: id.to_string(),
        version: version.filter(|version| *version > 0).unwrap_or(1),
        created: time("created"),
        last_modified: time("lastModified"),
        document,
        members,
    })
}
