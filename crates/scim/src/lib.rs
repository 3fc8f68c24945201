//! The SCIM 2.0 protocol as types and pure functions (RFC 7643, RFC 7644).
//!
//! What lives here: schemas and their characteristics, filters, PATCH, the dialects of the clients, the way from an
//! HTTP request to a [`Request`] and from an [`Outcome`] back to an HTTP response. What does not: I/O, clocks,
//! randomness, SQL, and anything about the platform that it runs on.

mod attr_name;
mod attribute_list;
mod bulk;
mod cursor;
mod dialect;
mod discovery;
mod document;
mod error;
mod extension;
mod filter;
mod fold;
mod instant;
mod json;
pub mod limits;
mod message;
mod object;
mod openapi;
mod operation;
mod parse;
mod patch;
mod path;
mod precondition;
mod projection;
mod render;
mod request;
mod resource;
mod schema;
#[cfg(test)]
mod testing;
pub mod urn;

pub use bulk::{Bulk, BulkOperation, BulkOutcome, BulkResult, Done};
pub use cursor::Position;
pub use dialect::{Dialect, Habit, HabitFacts};
pub use document::Document;
pub use error::{Refusal, ScimError, ScimType};
pub use filter::{CompareOp, Field, Filter, Literal, Operand, Predicate};
pub use fold::fold;
pub use instant::Instant;
pub use json::read_json;
pub use operation::{Discovery, Operation, Order, Outcome, Page, Paging, Search, TypeQuery};
pub use parse::{HttpRequest, Query, check_content_encoding, is_public, parse, parse_resource, takes_body};
pub use patch::{Change, MemberChange, MemberOp, Patch, SelectedMembers};
pub use path::AttrPath;
pub use precondition::Precondition;
pub use projection::Projection;
pub use render::{HttpResponse, Rest, render, render_bulk, render_error};
pub use request::Request;
pub use resource::{GroupRef, Member, Resource, etag};
pub use schema::{
    Attribute, AttributeType, Kind, Memberships, Mutability, Registry, ResourceType, Returned, Schema,
    Uniqueness,
};
