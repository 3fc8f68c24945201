//! The pages of the console: view types, and the HTML that they render to.
//!
//! What lives here: what a page shows and how it looks (`templates/`, `assets/`). What does not: where the values come
//! from, who may see them, and HTTP. Nothing here reads a clock or a database, so every page is tested natively.

mod activity;
mod assets;
mod audit;
mod connect;
mod deliveries;
mod directory;
mod filters;
mod frame;
mod health;
mod problem;
mod quote;
mod reference;
mod roles;
mod sign_in;
mod state;
mod tenants;
mod text;
mod time;

pub use activity::{
    Activity, ActivityRow, Advice, Change, Difference, Filters, HistoryRow, Refusal, Repeated, advice,
};
pub use assets::{SCRIPT, STYLE};
pub use audit::{Audit, AuditRow};
pub use connect::{
    ClientRow, Connect, Credential, CredentialKind, Idp, LinkRow, Made, MadeKind, Ticks, TokenRow,
};
pub use deliveries::{Deliveries, Endpoint, EndpointPage, NewEndpoint};
pub use directory::{Resource, ResourceRow, Resources};
pub use frame::{Banner, Frame, Tenant};
pub use health::{
    Bar, Cycle, Deprovisioning, EdgeLag, EndpointLag, Expiry, Forecast, Health, Trouble, forecast,
};
pub use problem::Problem;
pub use reference::{Kind, Reference};
pub use roles::{PreviewRow, RoleRow, Roles};
pub use sign_in::{Redeem, SignIn};
pub use state::{Meaning, State};
pub use tenants::{QuotaField, Settings, TenantRow, TenantState, Tenants};
pub use time::When;

pub use askama::Template;
