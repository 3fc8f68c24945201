//! The vendor's tenants: the list of them, and the settings of one.

mod list;
mod settings;

pub use list::{TenantRow, Tenants};
pub use settings::{QuotaField, Settings, TenantState};
