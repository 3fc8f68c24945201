//! PATCH (RFC 7644 s3.5.2): from the request's body to changes on a document and on a group's members.
//!
//! `read` parses the body and checks all that can be checked without the resource. `apply` changes a document;
//! `undeclared` and `remnants` say how values change. `members` says how a group's members change by
//! operations (`member_op`), which are rows and not documents; `selected` finds those that a filter selects.

mod apply;
mod change;
mod member_op;
mod members;
mod progress;
mod read;
mod remnants;
mod selected;
mod undeclared;

pub use change::{Change, Patch};
pub use member_op::MemberOp;
pub use members::MemberChange;
pub(crate) use read::read_patch;
pub use selected::SelectedMembers;
