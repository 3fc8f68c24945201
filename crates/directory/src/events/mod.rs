//! Events: the change log as applications read it. A row of the log is one event or several: one of the resource, and one
//! for each member that came or went, and for each role that a group gives or does not give any more.
//!
//! What lives here: `event` says what events are, `page` reads rows from a cursor on, `row` makes events of a row, `finer`
//! makes changes of lists finer, `names` finds how members are called and which roles a group gives, `cursor` is the place
//! of an event, `security` has events as the claims of Security Event Tokens, `readers` is how far each reader of those
//! has acknowledged them, and `digest` is what a reader compares its copy with. What does not: writing the log
//! (`store::changes`), and who may read it (the Worker).

mod cursor;
mod digest;
mod event;
mod finer;
mod names;
mod page;
mod readers;
mod row;
mod security;

pub use cursor::Cursor;
pub use digest::{Bucket, Digest, digest};
pub use event::{Event, Wanted, check_event_types, is_event_type};
pub use page::{Page, events, latest};
pub use readers::{ReaderPlace, forget_reader, reader, save_reader};
pub use security::SECURITY_EVENTS;
