//! A directory as a whole, as lines of SCIM JSON: out (`export`) and in (`import`).

mod export;
mod import;

pub use export::{Exported, export};
pub use import::{Imported, import};
