//! Tokens: their form, their table, what one grants, and what an instance remembers of that. And what happened to all kinds of
//! credentials (`history`).

mod cache;
mod expiries;
mod grant;
mod history;
mod secret;
mod tokens;

pub use cache::{Cached, FRESH, GrantCache, USABLE};
pub use expiries::{Expiring, expiring};
pub(crate) use grant::USE_NOTED;
pub use grant::{Grant, look_up, refresh};
pub use history::credential_events;
pub(crate) use history::happened;
pub use secret::{Hash, Secret};
pub use tokens::{NewToken, Token, create_token, list_tokens, revoke, rotate};
