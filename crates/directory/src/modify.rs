//! PUT and PATCH (RFC 7644 s3.5).
//!
//! Attributes are read, changed and written back on the condition that the version is still the one that was
//! read; who loses the race starts again from what the winner wrote. Members are rows that come and go, so a
//! PATCH of members alone neither reads nor waits: two of them at once do not touch each other.

use scim::{
    Document, Kind, MemberChange, Outcome, Patch, Precondition, Projection, Resource, ResourceType, ScimError,
};

use crate::database;
use crate::write::{Written, write};
use crate::{Context, Database, Failure, read, relations};

/// How often a write that lost its race is tried again. Each round some writer wins, so this many writers of
/// one resource at once are served.
const ATTEMPTS: usize = 256;

/// What a request makes of a resource.
pub(crate) enum Edit<'r> {
    Replace { document: Document, members: MemberChange },
    Patch(Patch<'r>),
}

/// Which resource, and how the client wants it done.
pub(crate) struct Request<'q> {
    pub kind: Kind,
    pub id: &'q str,
    pub projection: &'q Projection,
    pub precondition: &'q Precondition,
}

pub(crate) async fn modify(
    database: &impl Database,
    context: &Context<'_>,
    request: Request<'_>,
    edit: Edit<'_>,
) -> Result<Outcome, Failure> {
    if let Some(change) = edit.members_alone(&request) {
        return match write(database, context, &request, None, &change, false).await? {
            Written::Done { version, .. } => Ok(Outcome::Done { version }),
            Written::Lost(_) => Err(busy()),
        };
    }
    let shows_whole = edit.is_answered_with_the_resource(&request);
    let shows_relation = shows_whole && request.projection.shows_relation(request.kind);
    let mut current = read_current(database, context, &request, shows_relation, edit.needs_members()).await?;
    for _ in 0..ATTEMPTS {
        request.precondition.check(current.version)?;
        let (document, members) = edit.apply(context.of(request.kind), &current)?;
        let changed = document != current.document;
        if !changed && members.is_empty() {
            return Ok(answer(current, shows_whole));
        }
        let update = Some((current.version, changed.then_some(&document)));
        match write(database, context, &request, update, &members, shows_relation).await? {
            Written::Done { version, members } => {
                if version != current.version {
                    current.last_modified = context.now;
                }
                if let Some((members, more)) = members {
                    (current.members, current.more) = (Some(members), more);
                }
                return Ok(answer(Resource { version, document, ..current }, shows_whole));
            }
            Written::Lost(newer) if edit.needs_members() => {
                current = read_current(database, context, &request, shows_relation, true).await?;
                debug_assert!(current.version >= newer.version);
            }
            Written::Lost(newer) => {
                let Resource { members, groups, more, .. } = current;
                current = Resource { members, groups, more, ..*newer };
            }
        }
    }
    Err(busy())
}

impl Edit<'_> {
    /// The change of members, where the request changes nothing else and wants nothing back.
    fn members_alone(&self, request: &Request<'_>) -> Option<MemberChange> {
        let Edit::Patch(patch) = self else { return None };
        let alone = request.kind == Kind::Group
            && patch.changes.is_empty()
            && !self.needs_members()
            && !request.projection.is_explicit();
        alone.then(|| MemberChange::settle(&patch.members, &[]))
    }

    fn needs_members(&self) -> bool {
        matches!(self, Edit::Patch(patch) if MemberChange::needs_members(&patch.members))
    }

    /// RFC 7644 s3.5.1, s3.5.2: PUT is answered with the resource, and so is a PATCH that names attributes. A
    /// PATCH of a group is answered 204 otherwise, as Microsoft's samples show it: the group may be large.
    fn is_answered_with_the_resource(&self, request: &Request<'_>) -> bool {
        matches!(self, Edit::Replace { .. }) || request.kind == Kind::User || request.projection.is_explicit()
    }

    fn apply(&self, of: &ResourceType, current: &Resource) -> Result<(Document, MemberChange), ScimError> {
        match self {
            Edit::Replace { document, members } => {
                let mut document = document.clone();
                document.keep_defaulted(of.kind, &current.document);
                document.check_immutable(of, &current.document)?;
                Ok((document, members.clone()))
            }
            Edit::Patch(patch) => {
                let members = current.members.as_deref().unwrap_or_default();
                Ok((patch.apply(of, &current.document)?, MemberChange::settle(&patch.members, members)))
            }
        }
    }
}

async fn read_current(
    database: &impl Database,
    context: &Context<'_>,
    request: &Request<'_>,
    shows_relation: bool,
    needs_members: bool,
) -> Result<Resource, Failure> {
    let with_relation = shows_relation || needs_members;
    let mut statements = vec![read::select(context.tenant, request.kind, request.id)];
    if with_relation {
        statements.push(relations::read_one(request.kind, context.tenant, request.id));
    }
    let mut answers = database::read(database, statements).await?.into_iter();
    let mut resource = read::found(&answers.next().unwrap_or_default(), request.kind, request.id)?;
    if with_relation {
        relations::attach(
            request.kind,
            std::slice::from_mut(&mut resource),
            &answers.next().unwrap_or_default(),
        )?;
    }
    if resource.more && needs_members {
        resource.members = Some(relations::read_members(database, context.tenant, request.id).await?);
        resource.more = false;
    }
    Ok(resource)
}

fn answer(resource: Resource, shows_whole: bool) -> Outcome {
    if shows_whole { Outcome::Found(resource) } else { Outcome::Done { version: resource.version } }
}

fn busy() -> Failure {
    Failure::Refused(ScimError::busy("too many requests change this resource at once"))
}
