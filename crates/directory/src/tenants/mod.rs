//! The customers: who they are, which tokens let their identity providers in, and their whole directories as text.
//!
//! What lives here: the tables `tenants` and `tokens`, and what concerns every row of one tenant. What does not:
//! HTTP, and the one tenant that has no row, `default`, whose token is a secret of the Worker.
//!
//! `slug` and `secret` are what names and tokens look like; `customers` and `tokens` the statements on the two
//! tables; `quotas` is how much each tenant may hold; `lookup` finds out whose a token is, and `memory` remembers it;
//! `removal`, `export` and `import` treat a directory as a whole.

mod customers;
mod export;
mod import;
mod lookup;
mod memory;
mod quotas;
mod removal;
mod secret;
mod slug;
mod tokens;

pub use customers::{Changes, NewTenant, Tenant, create, list, show, update};
pub use export::{Exported, export};
pub use import::{Imported, import};
pub use lookup::{Grant, look_up, refresh};
pub use memory::{FRESH, Memory, Recalled, USABLE};
pub use quotas::{QuotaChanges, Usage, recount, set_quotas, usage};
pub use removal::{GRACE, Removal, TABLES, remove};
pub use secret::{Hash, Secret};
pub use slug::{DEFAULT, check_new, is_slug};
pub use tokens::{NewToken, Token, create_token, list_tokens, revoke, rotate};

pub(crate) use customers::{dialect, not_found};
pub(crate) use memory::USE_NOTED;
