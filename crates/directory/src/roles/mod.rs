//! Groups mapped to roles of the vendor's application: every member of a group gets its roles, directly or through other groups.
//!
//! What lives here: `mapping` lists, makes and ends mappings, and `preview` reads who gets what. What does not: the statements that write
//! (`store::roles`), and the roles of a person who is looked up (`edge::people`).

mod mapping;
mod preview;

pub use mapping::{Made, Mapping, find_group, list, map, no_group, no_mapping, unmap};
pub use preview::{AskedGroup, Holder, MappingsQuery, Page, Reach, page};
