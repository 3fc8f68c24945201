//! The page that connects an identity provider: what to enter there, credentials, and ticks of how far it is.

mod credential;
mod idp;
mod made;
mod page;
mod script;
mod ticks;

pub use credential::{ClientRow, Credential, CredentialKind, IssuerRow, LinkRow, TokenRow};
pub use idp::Idp;
pub use made::{Made, MadeKind};
pub use page::Connect;
pub use ticks::Ticks;
