//! The SCIM 2.0 protocol as types and pure functions (RFC 7643, RFC 7644).
//!
//! What lives here: schemas and their characteristics, filters, PATCH, the dialects of the clients, the way
//! from an HTTP request to an [`Operation`] and from an [`Outcome`] back to an HTTP response.
//! What does not: I/O, clocks, randomness, SQL, and any word of the platform that it runs on.

mod bulk;
mod cursor;
mod dialect;
mod discovery;
mod document;
mod error;
mod filter;
mod fold;
mod instant;
mod json;
mod openapi;
mod operation;
mod parse;
mod patch;
mod path;
mod precondition;
mod projection;
mod render;
mod resource;
mod schema;
pub mod urn;

pub use bulk::{Bulk, BulkOperation, BulkResult};
pub use cursor::Position;
pub use dialect::Dialect;
pub use document::Document;
pub use error::{ScimError, ScimType};
pub use filter::{CompareOp, Field, Filter, Literal, Operand, Predicate};
pub use fold::fold;
pub use instant::Instant;
pub use json::read_json;
pub use operation::{Branch, Discovery, Operation, Order, Outcome, Page, Paging, Search};
pub use parse::{HttpRequest, parse, takes_body};
pub use patch::{Change, MemberChange, MemberOp, Patch};
pub use path::AttrPath;
pub use precondition::Precondition;
pub use projection::Projection;
pub use render::{HttpResponse, render, render_error};
pub use resource::{GroupRef, Kind, Member, Resource, etag};
pub use schema::{
    Attribute, AttributeType, Mutability, Registry, ResourceType, Returned, Schema, Uniqueness,
};

/// The limits of one request, stated in one place; ServiceProviderConfig publishes those that SCIM has a
/// place for.
pub mod limits {
    /// Bytes of a request body; a longer one is answered 413.
    pub const BODY: usize = 1 << 20;
    /// Bytes of a filter; a longer one is answered 400 `invalidFilter`.
    pub const FILTER: usize = 64 << 10;
    /// Terms (comparisons) of a filter.
    pub const FILTER_TERMS: usize = 1_000;
    /// How deep parentheses, `not` and value paths of a filter nest. The SQL of any filter stays within D1's depth of
    /// expressions by it, which is 100 and counts what is in a value path twice.
    pub const FILTER_DEPTH: usize = 12;
    /// Resources in a page when the client names no count.
    pub const PAGE_DEFAULT: usize = 100;
    /// Resources in a page, whatever count the client names.
    pub const PAGE_MAX: usize = 1_000;
    /// Operations of one bulk request.
    pub const BULK_OPERATIONS: usize = 1_000;
    /// Operations of one PATCH request.
    pub const PATCH_OPERATIONS: usize = 5_000;
    /// Attributes that one PATCH request changes; changes of members do not count.
    pub const PATCH_CHANGES: usize = 1_000;
    /// Comparisons in the value paths of one PATCH request, each of which looks at all values of an attribute.
    pub const PATCH_TERMS: usize = 2_000;
    /// Comparisons of one PATCH request that look at all members of a group; those of ids do not count.
    pub const MEMBER_TERMS: usize = 100;
    /// Bytes that one PATCH request writes where it sets one value in several elements.
    pub const PATCH_COPIES: usize = 1 << 20;
    /// Values of one attribute of a resource; members do not count.
    pub const ELEMENTS: usize = 1_000;
    /// Attributes of a resource, those of its extensions counted one by one.
    pub const ATTRIBUTES: usize = 1_000;
}
