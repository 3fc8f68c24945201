//! The tables of the directory.

mod emptying;
mod quotas;

pub use emptying::{TABLES, empty};
pub use quotas::{QuotaChanges, Usage, recount, set_quotas, set_quotas_of_tenant, usage};
