//! What a request asks for, and what came of it. The protocol turns the one into JSON and the other from it;
//! `directory` leads from the one to the other.

use crate::{Document, MemberChange};
use crate::{Kind, Patch, Precondition, Predicate, Projection, Resource};

/// A request that was understood.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation<'r> {
    /// `/ServiceProviderConfig`, `/ResourceTypes`, `/Schemas` (RFC 7644 s4); needs no directory.
    Discover(Discovery),
    /// RFC 7644 s3.3.
    Create {
        /// User or group.
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
        /// User or group.
        kind: Kind,
        /// Which one.
        id: String,
        /// What to answer with.
        projection: Projection,
        /// `If-None-Match`.
        unless: Option<Precondition>,
    },
    /// RFC 7644 s3.4.2.
    Search(Search<'r>),
    /// RFC 7644 s3.5.1.
    Replace {
        /// User or group.
        kind: Kind,
        /// Which one.
        id: String,
        /// What to store.
        document: Document,
        /// What becomes of a group's members.
        members: MemberChange,
        /// What to answer with.
        projection: Projection,
        /// `If-Match`.
        precondition: Option<Precondition>,
    },
    /// RFC 7644 s3.5.2.
    Patch {
        /// User or group.
        kind: Kind,
        /// Which one.
        id: String,
        /// What to change.
        patch: Patch<'r>,
        /// What to answer with.
        projection: Projection,
        /// `If-Match`.
        precondition: Option<Precondition>,
    },
    /// RFC 7644 s3.6.
    Delete {
        /// User or group.
        kind: Kind,
        /// Which one.
        id: String,
        /// `If-Match`.
        precondition: Option<Precondition>,
    },
}

impl Operation<'_> {
    /// What the client wants to be answered with.
    pub fn projection(&self) -> Projection {
        match self {
            Operation::Create { projection, .. }
            | Operation::Read { projection, .. }
            | Operation::Replace { projection, .. }
            | Operation::Patch { projection, .. }
            | Operation::Search(Search { projection, .. }) => projection.clone(),
            Operation::Discover(_) | Operation::Delete { .. } => Projection::Default,
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
}

/// A query (RFC 7644 s3.4.2).
#[derive(Debug, Clone, PartialEq)]
pub struct Search<'r> {
    /// Users or groups.
    pub kind: Kind,
    /// Which of them; None for all.
    pub filter: Option<Predicate<'r>>,
    /// The first of the matches to return, counted from 1.
    pub start_index: usize,
    /// How many at most.
    pub count: usize,
    /// What to answer with.
    pub projection: Projection,
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

/// A part of a query's matches.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// All matches, on this page or not.
    pub total: usize,
    /// The first one's place among them, counted from 1.
    pub start_index: usize,
    /// The matches on this page.
    pub resources: Vec<Resource>,
}
