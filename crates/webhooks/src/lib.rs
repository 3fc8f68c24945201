//! Webhooks by [Standard Webhooks](https://github.com/standard-webhooks/standard-webhooks) 1.0.0, as types and pure functions.
//!
//! What lives here: secrets and signatures (`secret`), which addresses a webhook may have (`address`), and what an
//! answer means and when the next attempt is due (`attempt`). What does not: I/O, clocks, randomness, which endpoints there are
//! (`directory::webhooks`), and sending (the Worker).

mod address;
mod attempt;
mod secret;

pub use address::{Caller, check_address, host_of};
pub use attempt::{OVERLOAD_SECONDS, Outcome, PATIENCE, after_failure, is_overload, judge};
pub use secret::Secret;
