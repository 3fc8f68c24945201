//! PUT and PATCH (RFC 7644 s3.5).
//!
//! Attributes are read, changed and written back on the condition that the version is still the one that was read; a
//! request that loses the race starts again from what the winner wrote. Members are rows that are added and removed,
//! so a PATCH of members alone neither reads nor waits: two of them at once do not conflict.

use database::{Batch, Database, Failure, Place};
use scim::{
    Document, Kind, Member, MemberChange, Outcome, Patch, Precondition, Projection, Resource, ResourceType,
    ScimError, SelectedMembers, limits,
};

use crate::refusal::{busy, member_of_itself, not_found};
use crate::store::{Commit, Record, Returns, Update, commit_one, record};
use crate::{Context, difference, memberships, whole};

/// How often a write that lost its race is tried again. In each round some writer wins, so this many simultaneous
/// writers of one resource are served.
const ATTEMPTS: usize = 256;

/// The change that a request makes to a resource.
pub(crate) enum Edit<'r> {
    Replace { document: Document, members: MemberChange },
    Patch(Patch<'r>),
}

/// The resource to change, and the terms on which the client wants it changed.
pub(crate) struct Request<'q> {
    pub kind: Kind,
    pub id: &'q str,
    pub projection: &'q Projection,
    pub precondition: &'q Precondition,
}

impl Request<'_> {
    /// Returns the change of members as an update.
    ///
    /// # Errors
    /// 400 if the group would be its own member.
    fn change_of<'u>(&'u self, members: &'u MemberChange) -> Result<Update<'u>, ScimError> {
        match members.add.contains(self.id) {
            true => Err(member_of_itself()),
            false => Ok(Update::of_members(self.kind, self.id, self.precondition, members)),
        }
    }
}

/// Reads the resource, changes it, and writes it if the version is still the one that was read; otherwise starts
/// again.
///
/// During calls of the database no document is kept: requests that race for a large resource would each hold it.
pub(crate) async fn modify(
    database: &impl Database,
    context: &Context<'_>,
    request: Request<'_>,
    edit: Edit<'_>,
) -> Result<Outcome, Failure> {
    if let Some(change) = edit.members_alone(&request) {
        let update = request.change_of(&change)?;
        return match commit_one(database, context, update).await? {
            Commit::Done { version, .. } => Ok(Outcome::Done { version }),
            Commit::Conflict => Err(busy().into()),
        };
    }
    let shows_whole = edit.is_answered_with_the_resource(&request);
    let includes_memberships = shows_whole && request.projection.includes_memberships(request.kind);
    let returns = Returns { resource: shows_whole, members: includes_memberships };
    let mut place = None;
    for _ in 0..ATTEMPTS {
        let reads_memberships = includes_memberships || edit.needs_members();
        let reader = Reader { database, context, request: &request, reads_memberships };
        let mut current = reader.read(&mut place).await?;
        request.precondition.check(current.version)?;
        let selected = reader.selected(&edit, &current).await?;
        let Changed { document, members } = edit.apply(context.of(request.kind), &current, &selected)?;
        if document.is_none() && members.is_empty() {
            return Ok(answer(current.version, shows_whole.then_some(current)));
        }
        let (version, groups, more) = (current.version, current.groups.take(), current.more);
        drop(current);
        let update = request.change_of(&members)?.and_document(version, document, returns);
        if let Commit::Done { version, resource } = commit_one(database, context, update).await? {
            // The groups of a user were read together with the user, and a request on the user does not change them.
            let shown = resource.map(|resource| match request.kind.has_members() {
                true => *resource,
                false => Resource { groups, more, ..*resource },
            });
            return Ok(answer(version, shown));
        }
    }
    Err(busy().into())
}

/// What is left to write.
struct Changed {
    /// The columns of the new document and its differences from the old one, if the document changes.
    document: Option<(Record, String)>,
    members: MemberChange,
}

impl Edit<'_> {
    /// Returns the change of members if the request changes nothing else and does not need the resource in the
    /// response.
    fn members_alone(&self, request: &Request<'_>) -> Option<MemberChange> {
        let Edit::Patch(patch) = self else { return None };
        let alone = request.kind.has_members()
            && patch.changes.is_empty()
            && !self.needs_members()
            && !request.projection.is_explicit();
        alone.then(|| MemberChange::reduce(&patch.members, &[]))
    }

    fn needs_members(&self) -> bool {
        matches!(self, Edit::Patch(patch) if MemberChange::needs_members(&patch.members))
    }

    /// Returns whether the response contains the resource. RFC 7644 s3.5.1, s3.5.2: the response to a PUT does, and
    /// that to a PATCH that names attributes. Any other PATCH of a group is answered 204, as Microsoft's samples
    /// show: the group may be large.
    fn is_answered_with_the_resource(&self, request: &Request<'_>) -> bool {
        matches!(self, Edit::Replace { .. })
            || !request.kind.has_members()
            || request.projection.is_explicit()
    }

    fn apply(
        &self,
        of: &ResourceType,
        current: &Resource,
        selected: &SelectedMembers,
    ) -> Result<Changed, ScimError> {
        let before = &current.document;
        let changed = |after: &Document| {
            let is_changed = after != before;
            is_changed
                .then(|| Ok((Record::new(of, &current.id, after)?, difference::text(before, after))))
                .transpose()
        };
        match self {
            Edit::Replace { document, members } => {
                let mut document = document.clone();
                document.keep_defaulted(of.kind, before);
                document.check_immutable(of, before)?;
                Ok(Changed { document: changed(&document)?, members: members.clone() })
            }
            Edit::Patch(patch) => {
                let members = MemberChange::reduce_selected(&patch.members, selected);
                Ok(Changed { document: changed(&patch.apply(of, before)?)?, members })
            }
        }
    }
}

/// Reads what a request is about to change.
struct Reader<'r, D> {
    database: &'r D,
    context: &'r Context<'r>,
    request: &'r Request<'r>,
    reads_memberships: bool,
}

impl<D: Database> Reader<'_, D> {
    /// Returns the resource. A large one is loaded only while the request holds a place among those that work on
    /// large resources; a request that must wait for its place keeps nothing meanwhile, and reads again.
    async fn read(&self, place: &mut Option<Place>) -> Result<Resource, Failure> {
        let Request { kind, id, .. } = *self.request;
        loop {
            let mut batch = Batch::new();
            let found = batch.add(match self.reads_memberships {
                true => whole::select(kind, self.context.tenant, id),
                false => record::select(self.context.tenant, kind, id),
            });
            let rows = batch.query(self.database).await?;
            let bytes = rows.first(found).map_or(0, record::weight);
            if place.is_none() && bytes > limits::LARGE {
                *place = self.database.try_enter(bytes);
                if place.is_none() {
                    drop(rows);
                    *place = Some(self.database.enter(bytes).await?);
                    continue;
                }
            }
            return match self.reads_memberships {
                true => whole::read(self.database, self.context.tenant, kind, rows.of(found))
                    .await?
                    .ok_or_else(|| not_found(kind, id).into()),
                false => record::found(rows.of(found), kind, id),
            };
        }
    }

    /// Returns the members that the request selects by a filter. Members are looked at a part at a time; the version
    /// shows later whether other requests changed them meanwhile.
    async fn selected(&self, edit: &Edit<'_>, current: &Resource) -> Result<SelectedMembers, Failure> {
        let mut selected = SelectedMembers::default();
        let Edit::Patch(patch) = edit else { return Ok(selected) };
        if !edit.needs_members() {
            return Ok(selected);
        }
        let first = current.members.as_deref().unwrap_or_default();
        selected.look(&patch.members, first)?;
        let id_of_last =
            |members: &[Member]| members.last().map(|member| member.id.clone()).unwrap_or_default();
        let (mut after, mut more) = (id_of_last(first), current.more);
        while more {
            let most = limits::PAGE_MEMBERSHIPS;
            let part =
                memberships::read_part(self.request.kind, self.context.tenant, &current.id, &after, most);
            let mut batch = Batch::new();
            let part = batch.add(part);
            let rows = batch.query(self.database).await?;
            let members;
            (members, more) = memberships::members(self.request.kind, rows.of(part), most)?;
            selected.look(&patch.members, &members)?;
            after = id_of_last(&members);
        }
        Ok(selected)
    }
}

fn answer(version: i64, shown: Option<Resource>) -> Outcome {
    shown.map_or(Outcome::Done { version }, Outcome::Found)
}
