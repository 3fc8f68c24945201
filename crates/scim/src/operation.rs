//! What a request asks for, and what came of it. The protocol turns the one into JSON and the other from it;
//! `directory` leads from the one to the other.

use crate::cursor::Position;
use crate::{Document, MemberChange};
use crate::{Field, Kind, Patch, Precondition, Predicate, Projection, Resource};

/// An operation on the directory.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation<'r> {
    /// RFC 7644 s3.3.
    Create {
        /// Its resource type.
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
        /// Its resource type.
        kind: Kind,
        /// Which one.
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
        /// Its resource type.
        kind: Kind,
        /// Which one.
        id: String,
        /// What to store.
        document: Document,
        /// What becomes of a group's members.
        members: MemberChange,
        /// What to answer with.
        projection: Projection,
        /// `If-Match`, `If-None-Match`.
        precondition: Precondition,
    },
    /// RFC 7644 s3.5.2.
    Patch {
        /// Its resource type.
        kind: Kind,
        /// Which one.
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
        /// Its resource type.
        kind: Kind,
        /// Which one.
        id: String,
        /// `If-Match`, `If-None-Match`.
        precondition: Precondition,
    },
}

impl Operation<'_> {
    /// Returns what the client wants to be answered with.
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

    /// Shows the ids of members that it names to come or to go.
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

    /// Puts other ids in the place of those that [`Operation::visit_members`] shows.
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

/// What of the service's own description is asked for.
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
    /// What is asked for of each resource type: one, or all of them at the root.
    pub branches: Vec<TypeQuery<'r>>,
    /// Whether the matches are sorted by a value of theirs, and which way.
    pub order: Option<Order>,
    /// Which part of the matches to return.
    pub paging: Paging,
    /// How many at most.
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
    /// Which of them; None for all.
    pub filter: Option<Predicate<'r>>,
    /// The value to sort by; None if the type has no such attribute.
    pub sort: Option<Field<'r>>,
}

/// `sortOrder` (RFC 7644 s3.4.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The least first, and those without a value last.
    Ascending,
    /// The greatest first, and those without a value before it.
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
        /// What the query asks for, so that a cursor is not used with another one.
        query: u64,
    },
}

/// What came of an operation.
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
    /// 204: gone.
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

    /// Returns the version at which the one resource is that the outcome is about.
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
    /// All matches, on this page or not; None if they were not counted.
    pub total: Option<usize>,
    /// The first one's place among them, counted from 1; None on a page that a cursor led to.
    pub start_index: Option<usize>,
    /// The cursor of the next page, if there is one.
    pub next_cursor: Option<String>,
    /// The matches on this page.
    pub resources: Vec<Resource>,
}
