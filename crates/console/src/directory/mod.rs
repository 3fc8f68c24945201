//! Users and groups: the search, and one of them with its history.

mod list;
mod resource;
mod room;

pub use list::{ResourceRow, Resources};
pub use resource::{LeftOut, Resource};
