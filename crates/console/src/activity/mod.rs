//! What a tenant's clients did: the list, one change with its difference, one refusal with what to do about it.

mod advice;
mod change;
mod list;
mod refusal;

pub use advice::{Advice, advice};
pub use change::{Change, Difference, HistoryRow};
pub use list::{Activity, ActivityRow, Filters, Repeated};
pub use refusal::Refusal;
