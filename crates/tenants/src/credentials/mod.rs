//! Tokens: their form, their table, what one grants, and what an instance remembers of that.

mod cache;
mod grant;
mod secret;
mod tokens;

pub use cache::{Cached, FRESH, GrantCache, USABLE};
pub use grant::{Grant, look_up, refresh};
pub use secret::{Hash, Secret};
pub use tokens::{NewToken, Token, create_token, list_tokens, revoke, rotate};

pub(crate) use cache::USE_NOTED;
