//! The endpoints, side by side: each answers one kind of address and does not depend on the others. Only `router`
//! calls them.

pub mod admin;
pub mod console;
#[cfg(feature = "contract")]
pub mod contract;
pub mod events;
pub mod health;
pub mod keys;
pub mod lookup;
pub mod scim;
pub mod token;
