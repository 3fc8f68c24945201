//! Endpoints of webhooks: cursors on the change log that the service itself moves.
//!
//! What lives here: their table. `endpoints` is what an administrator does with it, `delivery` is what a
//! delivery does: it claims an endpoint under a lease, so that no two deliver at once, and moves its cursor. What does not: sending, and
//! when to try again (the Worker, by the crate `webhooks`).

mod delivery;
mod endpoints;
mod row;

pub use delivery::{Progress, active_endpoints, claim, due, record};
pub(crate) use endpoints::select_endpoints;
pub use endpoints::{
    CursorTarget, NewEndpoint, create_endpoint, delete_endpoint, endpoint, list_endpoints, move_cursor,
    pause, resume, rotate_secret,
};
pub(crate) use row::read;
pub use row::{Endpoint, State};
