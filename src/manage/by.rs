//! Who does something through the administration or the console, and how the audit learns of it.
//!
//! A function of `manage` that changes something takes `by`, and does it on the database of [`By::recorded`]: the row of the audit is then a part of the same
//! transaction. What takes several transactions is recorded directly after the first (`By::record`).

use std::cell::RefCell;

use database::{Database, DatabaseError, Failure, Row, Statement};
use serde_json::Value;
use tenants::audit_log::{self, Entry};

use crate::context::RequestContext;
use crate::d1::D1;
use crate::ids;

/// A person of the console, or the holder of the token of the administration.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// Who it is, as the audit shows it.
    pub person: &'a str,
    /// The role: `admin`, `viewer` or `customer`.
    pub role: &'a str,
}

/// What is done.
pub struct Deed<'a> {
    /// The tenant; None if it is about the whole service.
    pub tenant: Option<&'a str>,
    /// Of what kind the target is, such as `token`.
    pub kind: &'static str,
    /// What is done to it, such as `created`.
    pub what: &'static str,
    /// The id of the target.
    pub target: &'a str,
    /// The name of the target, as people know it. Credentials, sessions and tenants get the one that the database has.
    pub name: &'a str,
    /// What else there is to say, without any secret; null if there is nothing.
    pub detail: Value,
}

impl<'a> Deed<'a> {
    /// Returns a deed in a tenant, with no more to say about it.
    pub fn of(tenant: &'a str, kind: &'static str, what: &'static str, target: &'a str) -> Deed<'a> {
        Deed { tenant: Some(tenant), kind, what, target, name: target, detail: Value::Null }
    }

    /// Returns a deed that is about the whole service.
    pub fn of_service(kind: &'static str, what: &'static str, target: &'a str) -> Deed<'a> {
        Deed { tenant: None, kind, what, target, name: target, detail: Value::Null }
    }

    /// Adds the name of the target.
    pub fn named(self, name: &'a str) -> Deed<'a> {
        Deed { name, ..self }
    }

    /// Adds what else there is to say.
    pub fn with(self, detail: Value) -> Deed<'a> {
        Deed { detail, ..self }
    }
}

impl By<'_> {
    /// The holder of the token of the administration, who may be a program.
    pub const ADMINISTRATOR: By<'static> = By { person: "administrator", role: "administrator" };

    /// The actor of what an administrator does, in the change log. That goes to readers outside, so it does not name a person; the
    /// audit does.
    pub const ACTOR: &'static str = By::ADMINISTRATOR.person;

    /// Returns whether it is one of the vendor's staff, or a program of the vendor.
    pub fn is_vendor(&self) -> bool {
        self.role != "customer"
    }

    /// Returns a database whose first write records the deed in its own transaction, if it takes effect.
    pub fn recorded<'c>(&self, context: &'c RequestContext, deed: Deed<'_>) -> Recorded<'c> {
        self.recorded_all(context, [deed])
    }

    /// Returns such a database for what is several deeds at once.
    pub fn recorded_all<'c, 'd>(
        &self,
        context: &'c RequestContext,
        deeds: impl IntoIterator<Item = Deed<'d>>,
    ) -> Recorded<'c> {
        // Each is written if the statement before it has written something, which the row of the deed before it is too.
        let notes =
            deeds.into_iter().map(|deed| audit_log::note_if_done(self.entry(context, &deed))).collect();
        Recorded { database: context.accounts(), notes: RefCell::new(notes) }
    }

    /// Records a deed that was done.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn record(&self, context: &RequestContext, deed: Deed<'_>) -> Result<(), Failure> {
        context.accounts().run(vec![audit_log::note(self.entry(context, &deed))]).await?;
        Ok(())
    }

    /// Records a further part of a deed, unless the same person has done it within the hour: that row tells of this part too.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn record_part(&self, context: &RequestContext, deed: Deed<'_>) -> Result<(), Failure> {
        context.accounts().run(vec![audit_log::note_if_not_lately(self.entry(context, &deed))]).await?;
        Ok(())
    }

    /// Returns the statement that records that a tenant is about to be deleted, in the batch that marks it.
    pub fn of_removal(&self, context: &RequestContext, tenant: &str) -> Statement {
        // Without the tenant, whose own rows go with it.
        audit_log::note_if_not_marked(
            self.entry(context, &Deed::of_service("tenant", "began to delete", tenant)),
        )
    }

    /// Returns the statement that records a change of a tenant in the batch that makes it.
    pub fn of_tenant(&self, context: &RequestContext, deed: &Deed<'_>) -> Statement {
        audit_log::note_if_tenant(self.entry(context, deed))
    }

    fn entry<'e>(&'e self, context: &RequestContext, deed: &'e Deed<'_>) -> Entry<'e> {
        Entry {
            id: ids::new_id(),
            tenant: deed.tenant,
            at: context.now,
            person: self.person,
            role: self.role,
            kind: deed.kind,
            what: deed.what,
            target: deed.target,
            name: deed.name,
            detail: &deed.detail,
        }
    }
}

/// The database of the control plane, which is that of the directory too, whose first write has the row of the audit in its transaction.
pub struct Recorded<'c> {
    database: &'c D1,
    notes: RefCell<Vec<Statement>>,
}

impl Database for Recorded<'_> {
    async fn run(&self, mut statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, DatabaseError> {
        let own = statements.len();
        statements.extend(self.notes.take());
        let mut rows = self.database.run(statements).await?;
        rows.truncate(own);
        Ok(rows)
    }

    async fn query(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, DatabaseError> {
        self.database.query(statements).await
    }
}
