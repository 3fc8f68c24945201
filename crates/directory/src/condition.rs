//! How a tenant does as a whole: its provisioning, its edge copy and its endpoints of webhooks, in one round trip. Each of them
//! is read by a module of its own.

use database::{Batch, Database, Failure};
use scim::Instant;

use crate::activity::{Health, HealthKeys};
use crate::edge::{self, Status};
use crate::webhooks::{self, Endpoint};

/// How a tenant does.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// What its clients did.
    pub health: Health,
    /// How far its edge copy is; None if it has none.
    pub edge: Option<Status>,
    /// Its endpoints of webhooks, the oldest first.
    pub endpoints: Vec<Endpoint>,
}

/// Reads how a tenant does.
///
/// # Errors
/// If the database fails.
pub async fn condition(database: &impl Database, tenant: &str, now: Instant) -> Result<Condition, Failure> {
    let mut batch = Batch::new();
    let health = HealthKeys::add(&mut batch, tenant, now);
    let edge = batch.add(edge::select_status(tenant));
    let endpoints = batch.add(webhooks::select_endpoints(tenant));
    let rows = batch.query(database).await?;
    Ok(Condition {
        health: health.read(&rows, now)?,
        edge: rows.first(edge).map(edge::read_status).transpose()?,
        endpoints: rows.of(endpoints).iter().map(webhooks::read).collect::<Result<_, _>>()?,
    })
}
