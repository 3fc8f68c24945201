//! What the targets have in common: an empty directory for each input, without the cost of a new database.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use database::Sqlite;

/// The number of inputs after which the database is replaced, so that it stays small.
const INPUTS: u32 = 1_000;

thread_local! {
    static CURRENT: RefCell<Option<Rc<Sqlite>>> = const { RefCell::new(None) };
    static USED: Cell<u32> = const { Cell::new(0) };
}

/// Returns an empty directory: the database, and a tenant that is new to it.
pub fn empty_directory() -> (Rc<Sqlite>, String) {
    let used = USED.get();
    USED.set((used + 1) % INPUTS);
    let database = CURRENT.with_borrow_mut(|current| {
        if used == 0 {
            *current = None;
        }
        current.get_or_insert_with(|| Rc::new(Sqlite::new().unwrap())).clone()
    });
    (database, format!("tenant {used}"))
}
