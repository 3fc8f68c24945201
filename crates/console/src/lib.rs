//! The pages of the console: view types, and the HTML that they render to.
//!
//! What lives here: what a page shows and how it looks (`templates/`, `assets/`). What does not: where the values come
//! from, who may see them, and HTTP. Nothing here reads a clock or a database, so every page is tested natively.

mod assets;
mod frame;
mod notice;
mod sign_in;
mod welcome;

pub use assets::{SCRIPT, STYLE};
pub use frame::{Frame, Tenant};
pub use notice::Notice;
pub use sign_in::{Redeem, SignIn};
pub use welcome::Welcome;

pub use askama::Template;
