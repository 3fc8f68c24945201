//! The context of one request: everything that is needed to answer it, besides its body.
//!
//! What lives here: bindings, time, correlation id, the client's address, the transport, the two databases, and work
//! after the response. What does not: who the client is (`auth::Principal`), and what the request asks for
//! (`address`).

use std::rc::Rc;

use database::Failure;
use scim::Instant;
use web_sys::{Headers, Request};
use worker::{Context, Env};

use crate::address::Transport;
use crate::client_address::ClientAddress;
use crate::clock;
use crate::d1::{Cost, D1};
use crate::ids;
use crate::log::{self, Entry};
use crate::registry::registry;

/// The context of one request. It is owned, so that a part of it can outlive the response.
#[derive(Clone)]
pub struct RequestContext {
    /// Bindings, secrets and variables.
    pub env: Env,
    /// The time of the request.
    pub now: Instant,
    /// How the request came.
    pub transport: Transport,
    /// The request's line in the log.
    pub entry: Rc<Entry>,
    /// Whether the response has been sent: no client waits, so there is time to renew what grows old.
    pub background: bool,
    headers: Headers,
    runtime: Rc<Context>,
    accounts: Rc<D1>,
    directory: Rc<D1>,
}

impl RequestContext {
    /// Reads the context of a request.
    ///
    /// # Errors
    /// [`Failure::misconfigured`] if the binding of the database is missing.
    pub fn open(
        request: &Request,
        env: &Env,
        runtime: &Rc<Context>,
        transport: Transport,
        entry: &Rc<Entry>,
    ) -> Result<RequestContext, Failure> {
        let database = Rc::new(D1::open(env)?);
        Ok(RequestContext {
            env: env.clone(),
            now: clock::now(),
            headers: request.headers(),
            transport,
            entry: entry.clone(),
            background: false,
            runtime: runtime.clone(),
            accounts: database.clone(),
            directory: database,
        })
    }

    /// Returns where the request comes from, as rate limits count it.
    pub fn client(&self) -> ClientAddress {
        ClientAddress::of(&self.headers)
    }

    /// Makes one call of reads that are asked for at the same time, from now on: for pages, which read many things of a kind.
    pub fn gather_reads(&self) {
        self.accounts.gather_reads();
        self.directory.gather_reads();
    }

    /// Returns the database of the control plane: tenants, credentials, OAuth.
    pub fn accounts(&self) -> &D1 {
        &self.accounts
    }

    /// Returns the database of users and groups. Today it is the same D1 as that of the accounts, with one count of
    /// calls; docs/DECISIONS.md says what relies on that.
    pub fn directory(&self) -> &D1 {
        &self.directory
    }

    /// Returns the database of users and groups for a streamed response, which outlives the request.
    pub fn share_directory(&self) -> Rc<D1> {
        self.directory.clone()
    }

    /// Returns the context of an operation on the directory of that tenant, on behalf of that actor.
    ///
    /// # Errors
    /// If the schemas of this build cannot be read.
    pub fn of_directory<'c>(
        &'c self,
        tenant: &'c str,
        actor: &'c str,
    ) -> Result<directory::Context<'c>, Failure> {
        Ok(directory::Context {
            tenant,
            now: self.now,
            actor,
            correlation_id: self.correlation_id(),
            new_id: &ids::new_id,
            new_revision: &ids::new_id,
            registry: registry()?,
        })
    }

    /// Returns what the request has cost so far. Both databases are one today, so there is one count.
    pub fn cost(&self) -> Cost {
        self.accounts.cost()
    }

    /// Returns the id by which the request is found in the log.
    pub fn correlation_id(&self) -> &str {
        &self.entry.correlation_id
    }

    /// Returns whether the Worker runs on the machine that the request comes from.
    pub fn is_local(&self) -> bool {
        self.transport == Transport::Loopback
    }

    /// Does work after the response. It has a context of its own, with new counts of calls; its failure is logged.
    pub fn after_response<F>(&self, name: &'static str, work: impl FnOnce(RequestContext) -> F + 'static)
    where
        F: Future<Output = Result<(), Failure>> + 'static,
    {
        let entry = self.entry.clone();
        let context = self.in_background();
        self.runtime.wait_until(async move {
            let result = match context {
                Ok(context) => work(context).await,
                Err(failure) => Err(failure),
            };
            if let Err(failure) = result {
                log::error(&format!("{name}: {failure}"), &entry.correlation_id);
            }
        });
    }

    fn in_background(&self) -> Result<RequestContext, Failure> {
        let database = Rc::new(D1::open(&self.env)?);
        Ok(RequestContext {
            background: true,
            accounts: database.clone(),
            directory: database,
            ..self.clone()
        })
    }
}
