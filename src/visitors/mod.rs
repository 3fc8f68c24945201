//! Who is at the console: from the cookie of a request to the person who signed in, and whether that person's browser meant to send it.
//!
//! What lives here: cookies (`cookie`), whom a request comes from (`visitor`), and where a form comes from (`guard`). What does not: pages
//! (`endpoints/console`), how links are made (`manage::console`), and the tables (`tenants::console`).

mod cookie;
mod guard;
mod visitor;

pub use cookie::SESSION;
pub use guard::{check_origin, check_token};
pub use visitor::{Visitor, new_session, session_of, visitor};
