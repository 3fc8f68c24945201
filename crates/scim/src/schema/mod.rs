//! What resources look like: schema documents (RFC 7643 s7), the characteristics of their attributes
//! (RFC 7643 s2.2), and the resource types that they make up (RFC 7643 s6).
//!
//! The documents themselves are the JSON files of `schemas/` and `resource-types/` at the top of the repository, and they drive
//! validation, PATCH, filters, projection and `/Schemas` alike. What is done with values by these
//! characteristics lives in `document`, `patch`, `filter` and `projection`.

mod attribute;
mod document;
mod kind;
mod registry;
mod resource_type;

pub use attribute::{Attribute, AttributeType, Mutability, Returned, Uniqueness};
pub use document::Schema;
pub use kind::{Kind, Memberships};
pub(crate) use registry::COMMON;
pub use registry::Registry;
pub use resource_type::ResourceType;
