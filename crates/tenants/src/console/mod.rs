//! Who may enter the console: links that are handed to people, and the sessions of those who signed in.
//!
//! What lives here: the tables `console_links` and `console_sessions`, and `deeds`, what people did in the console and in the
//! administration (with the table `audit_log`). What does not: cookies and pages (the Worker), and people
//! whom the vendor's identity provider knows, who have no row until they sign in.

mod deeds;
mod links;
mod role;
mod sessions;

use database::{Database, DatabaseError, Statement};
use scim::Instant;

pub use deeds::{Deed, DeedCursor, Deeds, deeds};
pub use links::{
    Link, LinkOffer, NewLink, ONE_TIME, SET_UP, create_link, list_links, offer, redeem, revoke_link,
};
pub use role::Role;
pub use sessions::{
    NewSession, SESSION, Session, SignIn, end, find_session, find_sign_in, list_sign_ins, revoke_session,
    sign_in,
};

/// Milliseconds for which a link or a session is kept after it has expired, so that the audit can tell of it: 90 days.
const KEPT: i64 = 90 * 86_400_000;
/// How many rows of a table are trimmed at a time.
const TRIMMED: i64 = 1_000;

/// Deletes a bounded part of the links and the sessions that have expired long ago; the next call goes on.
///
/// # Errors
/// If the database fails.
pub async fn trim(database: &impl Database, now: Instant) -> Result<(), DatabaseError> {
    let sessions = "DELETE FROM console_sessions WHERE hash IN \
        (SELECT hash FROM console_sessions WHERE expires < ?1 - ?2 LIMIT +?3)";
    let links = "DELETE FROM console_links WHERE id IN (SELECT id FROM console_links WHERE expires < ?1 - ?2 LIMIT +?3)";
    let trimmed =
        [sessions, links].map(|sql| Statement::new(sql, vec![now.0.into(), KEPT.into(), TRIMMED.into()]));
    database.run(trimmed.into()).await.map(drop)
}
