//! What the clients of a tenant did: the changes of its directory merged with the requests that were refused, how many
//! requests there were, and when the last of some kinds came. And for how long that is kept.
//!
//! What lives here: what an instance of the Worker remembers until it is written (`buffer`), the tables `refusals`, `counters`
//! and `marks`, reading them together with the change log (`page`, `one`, `counts`, `health`), the guard against mass
//! deprovisioning (`departures` and `guard`), and how long rows are kept (`retention`, `trimming`). What does not: the change
//! log itself (`store`), the events that follow from it (`events`), and when all this runs (the Worker).
//!
//! Nothing here names a person. Of a refusal the sentence is kept without what the client sent (`detail`), and the resource by
//! its id; its name is looked up in the directory when the activity is read. So an erased person is not in it either.

mod buffer;
mod correlation;
mod counts;
mod departures;
mod detail;
mod entry;
mod guard;
mod health;
mod one;
mod page;
mod progress;
mod record;
mod retention;
mod sequence;
mod trimming;

pub use buffer::{Buffer, Counts, Observed, Refusal};
pub use correlation::Correlation;
pub use counts::{marks, summary};
pub use departures::{Departures, MOST_DEPARTURES};
pub use detail::{kept, may_quote_backticks};
pub use guard::{guard, settings, warning};
pub(crate) use guard::{read_warning, select_warning};
pub use health::{Cycle, Failures, Health, SPAN, Span};
pub(crate) use health::{HealthKeys, select_failing};
pub use one::{One, change, refusal};
pub use page::{ActivityQuery, Direction, Outcome, Page, Position, read};
pub use record::{write_counts, write_refusals};
pub use retention::{Retention, RetentionChanges, retention, set_retention, set_retention_of_tenant};
pub use sequence::sequence_before;
pub use trimming::{Trimmed, trim, trimmings};
