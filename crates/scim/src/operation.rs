//! What a request asks for, and its outcome. `parse` makes the one of a request and `render` a response of the other;
//! `directory` executes an operation.

use crate::cursor::Position;
use crate::{Document, MemberChange};
use crate::{Field, Kind, Patch, Precondition, Predicate, Projection, Resource};

/// An operation on the directory.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation<'r> {
    /// RFC 7644 s3.3.
    Create {
        /// The resource type.
        kind: Kind,
        /// What to store.
        document: Document,
        /// The ids of a new group's members.
        members: Vec<String>,
        /// What to answer with.
        projection: Projection,
    },
    /// RFC 7644 s3.4.1.
    Read {
        /// The resource type.
        kind: Kind,
        /// The id.
        id: String,
        /// What to answer with.
        projection: Projection,
        /// `If-Match`, `If-None-Match`.
        precondition: Precondition,
    },
    /// RFC 7644 s3.4.2.
    Search(Search<'r>),
    /// RFC 7644 s3.5.1.
    Replace {
        /// The resource type.
        kind: Kind,
        /// The id.
        id: String,
        /// What to store.
        document: Document,
        /// How the members of a group change.
        members: MemberChange,
        /// What to answer with.
        projection: Projection,
        /// `If-Match`, `If-None-Match`.
        precondition: Precondition,
    },
    /// RFC 7644 s3.5.2.
    Patch {
        /// The resource type.
        kind: Kind,
        /// The id.
        id: String,
        /// What to change.
        patch: Patch<'r>,
        /// What to answer with.
        projection: Projection,
        /// `If-Match`, `If-None-Match`.
        precondition: Precondition,
    },
    /// RFC 7644 s3.6.
    Delete {
        /// The resource type.
        kind: Kind,
        /// The id.
        id: String,
        /// `If-Match`, `If-None-Match`.
        precondition: Precondition,
    },
}

impl Operation<'_> {
    /// Returns what the client wants in the response.
    pub fn projection(&self) -> Projection {
        match self {
            Operation::Create { projection, .. }
            | Operation::Read { projection, .. }
            | Operation::Replace { projection, .. }
            | Operation::Patch { projection, .. }
            | Operation::Search(Search { projection, .. }) => projection.clone(),
            Operation::Delete { .. } => Projection::Default,
        }
    }

    /// Visits the ids of the members that it adds or removes by name.
    pub fn visit_members(&self, see: &mut dyn FnMut(&str)) {
        match self {
            Operation::Create { members, .. } => members.iter().for_each(|id| see(id)),
            Operation::Replace { members, .. } => {
                members.add.iter().chain(&members.remove).for_each(|id| see(id));
            }
            Operation::Patch { patch, .. } => {
                patch.members.iter().flat_map(|op| op.ids()).for_each(|id| see(id));
            }
            _ => {}
        }
    }

    /// Replaces the ids that [`Operation::visit_members`] visits.
    pub fn rename_members(&mut self, rename: &dyn Fn(String) -> String) {
        let each = |ids: &mut Vec<String>| *ids = std::mem::take(ids).into_iter().map(rename).collect();
        match self {
            Operation::Create { members, .. } => each(members),
            Operation::Replace { members, .. } => {
                for ids in [&mut members.add, &mut members.remove] {
                    *ids = std::mem::take(ids).into_iter().map(rename).collect();
                }
            }
            Operation::Patch { patch, .. } => {
                patch.members.iter_mut().flat_map(|op| op.ids_mut()).for_each(each)
            }
            _ => {}
        }
    }
}

/// Which part of the service's own description is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Discovery {
    /// `/ServiceProviderConfig`.
    ServiceProviderConfig,
    /// `/ResourceTypes`, or one of them.
    ResourceTypes(Option<Kind>),
    /// `/Schemas`, or the one with that id.
    Schemas(Option<String>),
    /// `/openapi.json`: the service as an OpenAPI document.
    OpenApi,
}

/// A query (RFC 7644 s3.4.2).
#[derive(Debug, Clone, PartialEq)]
pub struct Search<'r> {
    /// What is asked of each resource type: one, or all of them at the root.
    pub branches: Vec<TypeQuery<'r>>,
    /// Whether the matches are sorted by one of their values, and in which direction.
    pub order: Option<Order>,
    /// Which part of the matches to return.
    pub paging: Paging,
    /// The largest number of resources to return.
    pub count: usize,
    /// What to answer with.
    pub projection: Projection,
}

impl Search<'_> {
    /// Returns whether a filter selects among the resources.
    pub fn is_filtered(&self) -> bool {
        self.branches.iter().any(|branch| branch.filter.is_some())
    }
}

/// What a query asks for of one resource type.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeQuery<'r> {
    /// The resource type.
    pub kind: Kind,
    /// The filter; None selects all resources of the type.
    pub filter: Option<Predicate<'r>>,
    /// The value to sort by; None if the type has no such attribute.
    pub sort: Option<Field<'r>>,
}

/// The direction of sorting, `sortOrder` (RFC 7644 s3.4.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The least first, and resources without a value last.
    Ascending,
    /// The greatest first, and resources without a value before it.
    Descending,
}

/// Which part of the matches is wanted.
#[derive(Debug, Clone, PartialEq)]
pub enum Paging {
    /// From this one on, counted from 1 (RFC 7644 s3.4.2.4).
    Index(usize),
    /// What follows this place; None for the beginning (RFC 9865).
    Cursor {
        /// The last resource of the page before.
        after: Option<Position>,
        /// The fingerprint of the query, so that a cursor is not used with another one.
        query: u64,
    },
}

/// The outcome of an operation.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// 201 with the new resource.
    Created(Resource),
    /// 200 with the resource.
    Found(Resource),
    /// 304: the client has this version.
    NotModified {
        /// The version.
        version: i64,
    },
    /// 204: done, and the resource is at this version.
    Done {
        /// The version.
        version: i64,
    },
    /// 204: the resource is deleted.
    Deleted,
    /// 200 with a ListResponse.
    Page(Page),
}

impl Outcome {
    /// Returns the status of the response.
    pub fn status(&self) -> u16 {
        match self {
            Outcome::Created(_) => 201,
            Outcome::Found(_) | Outcome::Page(_) => 200,
            Outcome::Done { .. } | Outcome::Deleted => 204,
            Outcome::NotModified { .. } => 304,
        }
    }

    /// Returns the version of the one resource that the outcome is about.
    pub(crate) fn version(&self) -> Option<i64> {
        match self {
            Outcome::Created(resource) | Outcome::Found(resource) => Some(resource.version),
            Outcome::NotModified { version } | Outcome::Done { version } => Some(*version),
            Outcome::Deleted | Outcome::Page(_) => None,
        }
    }
}

/// A part of a query's matches.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The number of all matches, on this page or not; None if they were not counted.
    pub total: Option<usize>,
    /// The place of the first one among them, counted from 1; None on a page that a cursor led to.
    pub start_index: Option<usize>,
    /// The cursor of the next page, if there is one.
    pub next_cursor: Option<String>,
    /// The matches on this page.
    pub resources: Vec<Resource>,
}
