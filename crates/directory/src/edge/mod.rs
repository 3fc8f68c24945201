//! The database's side of the edge copy: a copy of the directory in another store, which follows the change log.
//!
//! What lives here: `state` is how far the copy of a tenant is and who may write it, `touched` is which people and groups the
//! change log names, `members` are those of a group, page by page, and `people` reads the state of those people and groups. What does not: the store
//! of the copy, and the form that it has there (the Worker).
//!
//! The copy is made of states, not of changes: the log says only what to read again. So a change that is read twice, late or
//! in another order leads to the same copy.

mod members;
mod people;
mod state;
mod touched;

pub use members::{MembersPage, members_of_group};
pub use people::{GroupName, MOST_GROUPS, People, PeopleQuery, Person, all_roles, fill, people};
pub(crate) use people::{Groups, person, select, select_asked};
pub use state::{
    Progress, Status, Todo, acquire, cleared, due, rebuild, release, restrict, save, state_of, status,
    turn_off, turn_on,
};
pub(crate) use state::{read_status, select_status};
pub use touched::{Touched, name_key, touched};
