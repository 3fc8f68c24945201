//! Lines of an export into a directory. Ids, times and versions are kept, so that identity providers find the
//! resources that they know. Resources that exist already are left as they are, so that an import may be repeated.
//!
//! A line is checked like the body of a POST: a resource that a client could not have created is refused, line by
//! line.

use database::chunks::{chunks, push};
use database::{Database, Failure};
use scim::{Document, Instant, Kind, ScimError, limits, read_json};
use serde_json::{Value, json};

use crate::Context;
use crate::refusal::member_of_itself;
use crate::store::{Inserted, Lines, NewRow, Stored, Together, commit, commit_one};

/// The largest row, as JSON: as much as one parameter of D1 can hold.
const ROW: usize = 1_900_000;
/// Bytes of one parameter that holds several.
const CHUNK: usize = 1_000_000;
/// Parameters with rows that are written in one transaction.
const CHUNKS: usize = 2;
/// The longest id that is accepted. This service's own have 36 characters.
const LONGEST_ID: usize = 64;

/// The results of the lines, which are counted from 1.
#[derive(Debug, Default, PartialEq)]
pub struct Imported {
    /// How many resources are new.
    pub created: usize,
    /// How many lines are about resources that existed already; a group got the members that it lacked.
    pub present: usize,
    /// Groups with members that do not exist (yet).
    pub incomplete: Vec<usize>,
    /// Lines that were refused, or not stored with all of their members, and why.
    pub refused: Vec<(usize, String)>,
    /// The quota that refused one of them, as the log names it.
    pub limited: Option<&'static str>,
}

/// A parsed line.
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

/// Imports lines into the tenant of the context. A small import is one transaction. A larger one writes its resources
/// in several, and its members in the last one, when all resources that may be members exist. If an import fails in
/// between, it is sent again.
///
/// ```
/// use database::Sqlite;
/// use scim::{Instant, Registry};
///
/// let (database, registry) = (Sqlite::new().unwrap(), Registry::load().unwrap());
/// let context = directory::Context {
///     tenant: "acme",
///     now: Instant(1_700_000_000_000),
///     actor: "token-1",
///     correlation_id: "request-1",
///     new_id: &|| "user-1".to_string(),
///     new_revision: &|| "revision-1".to_string(),
///     registry: &registry,
/// };
/// let line = r#"{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "u1", "userName": "ada",
///     "meta": {"resourceType": "User", "version": "W/\"3\""}}"#.replace('\n', "");
/// let imported = pollster::block_on(directory::import(&database, &context, &line)).unwrap();
/// assert_eq!((imported.created, imported.present), (1, 0));
///
/// let page = pollster::block_on(directory::export(&database, &registry, "acme", None)).unwrap();
/// assert!(page.lines.contains(r#""userName":"ada""#));
/// ```
///
/// # Errors
/// 400 if there are too many lines at once. A refused line is not an error.
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
            Err(error) => import.outcome.refused.push((index + 1, error.into_detail())),
        }
    }
    import.finish().await
}

/// Returns the lines that are not blank, counted from 0.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty())
}

/// An import in progress: lines as parameters, and what is known of them.
struct Import<'i, D> {
    database: &'i D,
    context: &'i Context<'i>,
    lines: Vec<Read>,
    /// The rows that are not written yet, and the members of all groups so far.
    pending: Lines,
    inserted: Inserted,
    outcome: Imported,
}

impl<'i, D: Database> Import<'i, D> {
    fn new(database: &'i D, context: &'i Context<'i>) -> Import<'i, D> {
        Import {
            database,
            context,
            lines: Vec::new(),
            pending: Lines::default(),
            inserted: Inserted::default(),
            outcome: Imported::default(),
        }
    }

    async fn add(&mut self, number: usize, line: Line) -> Result<(), Failure> {
        let Line { kind, id, version, created, last_modified, document, members } = line;
        match NewRow::new(self.context.of(kind), &id, &document, version, (created, last_modified)) {
            // A row that is too large for an import is skipped; its line is reported as refused.
            Ok(row) => row.push(&mut self.pending.rows, CHUNK, ROW),
            Err(error) => {
                self.outcome.refused.push((number, error.into_detail()));
                return Ok(());
            }
        }
        let has_members = !members.is_empty();
        if has_members {
            push(&mut self.pending.members, &json!({"id": id, "members": members}).to_string(), CHUNK);
        }
        self.lines.push(Read { number, kind, id, has_members });
        if self.pending.rows.len() > CHUNKS {
            let rows = std::mem::take(&mut self.pending.rows);
            for inserted in commit(self.database, self.context, rows, Together::Each).await? {
                self.inserted.extend(inserted?);
            }
        }
        Ok(())
    }

    async fn finish(mut self) -> Result<Imported, Failure> {
        if self.lines.is_empty() {
            return Ok(self.outcome);
        }
        self.pending.ids = chunks(self.lines.iter().map(|line| json!([line.kind.name(), line.id])), CHUNK);
        let stored = commit_one(self.database, self.context, self.pending).await?;
        let Stored { inserted, present, incomplete, lacking } = stored;
        self.inserted.extend(inserted);
        for line in &self.lines {
            let key = (line.kind.name().to_string(), line.id.clone());
            let of_members = lacking.get(line.id.as_str()).filter(|_| line.has_members);
            let beyond = self.inserted.beyond.get(&key);
            if let Some(error) = beyond.or(of_members) {
                self.outcome.beyond_quota(line, error);
            }
            if beyond.is_none() {
                let created = self.inserted.created.remove(&key);
                let (present, incomplete) = (present.contains(&key), incomplete.contains(&line.id));
                self.outcome.count(line, created, present, incomplete);
            }
        }
        self.outcome.refused.sort();
        Ok(self.outcome)
    }
}

impl Imported {
    fn beyond_quota(&mut self, line: &Read, error: &ScimError) {
        self.limited = error.limited;
        self.refused.push((line.number, error.detail.clone()));
    }

    /// Records the result of a line: whether its resource was created, exists now, and lacks members.
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

fn read(context: &Context<'_>, text: &str) -> Result<Line, ScimError> {
    let value = read_json(text.as_bytes()).map_err(|error| match error.detail.starts_with("the body ") {
        true => ScimError::invalid_syntax("the line is not JSON"),
        false => error,
    })?;
    let id = value.get("id").and_then(Value::as_str).unwrap_or_default().to_string();
    let is_taken = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    // In a path, an id that consists of dots would be another place.
    let is_dots = id.bytes().all(|byte| byte == b'.');
    if is_dots || id.len() > LONGEST_ID || !id.bytes().all(is_taken) {
        return Err(ScimError::invalid_value("the line has no `id` that could be one of this service"));
    }
    let meta = |name: &str| value.get("meta").and_then(|meta| meta.get(name)).and_then(Value::as_str);
    let kind = meta("resourceType").and_then(|name| context.registry.kind(name));
    let kind = kind.ok_or_else(|| {
        let names: Vec<&str> = context.registry.kinds().map(Kind::name).collect();
        ScimError::invalid_value(format!("`meta.resourceType` is neither {}", names.join(" nor ")))
    })?;
    let time = |name: &str| meta(name).and_then(Instant::parse).unwrap_or(context.now);
    let version =
        meta("version").and_then(|version| version.strip_prefix("W/\"")?.strip_suffix('"')?.parse().ok());
    let (created, last_modified) = (time("created"), time("lastModified"));
    let version = version.filter(|version| *version > 0).unwrap_or(1);
    let (document, members) = scim::parse_resource(context.registry, kind, value)?;
    if members.contains(&id) {
        return Err(member_of_itself());
    }
    Ok(Line { kind, id, version, created, last_modified, document, members })
}
