//! The pages of the console: view types, and the HTML that they render to.
//!
//! What lives here: what a page shows and how it looks (`templates/`, `assets/`). What does not: where the values come
//! from, who may see them, and HTTP. Nothing here reads a clock or a database, so every page is tested natively.
//!
//! A page is a value whose fields are public. `cargo run -p console --example preview -- /tmp/preview` writes them all.
//!
//! ```
//! use askama::Template;
//! use console::{Banner, Frame, Problem};
//!
//! let page = Problem {
//!     frame: Frame { title: "Gone".to_string(), banners: vec![Banner::notice("1 < 2")], ..Frame::default() },
//!     status: 410,
//!     what: "The link was used.".to_string(),
//!     next: "Ask for another.".to_string(),
//!     link: None,
//!     correlation_id: None,
//! };
//! let html = page.render()?;
//! assert!(html.contains("<h1>Gone</h1>") && html.contains("1 &#60; 2"));
//! # Ok::<(), askama::Error>(())
//! ```

mod activity;
mod assets;
mod audit;
mod breakable;
mod connect;
mod deliveries;
mod directory;
mod filters;
mod frame;
mod health;
mod marked;
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
pub use assets::{ICON, SCRIPT, STYLE};
pub use audit::{Audit, AuditRow};
pub use connect::{
    ClientRow, Connect, Credential, CredentialKind, Idp, IssuerRow, LinkRow, Made, MadeKind, Ticks, TokenRow,
};
pub use deliveries::{Deliveries, Endpoint, EndpointPage, NewEndpoint};
pub use directory::{LeftOut, Resource, ResourceRow, Resources};
pub use frame::{Banner, Departures, Frame, Tenant};
pub use health::{Bar, Cycle, EdgeLag, EndpointLag, Expiry, Forecast, Health, Trouble, forecast};
pub use problem::Problem;
pub use reference::{Kind, Reference};
pub use roles::{PreviewRow, Reach, RoleRow, Roles, Shown};
pub use sign_in::{Redeem, SignIn};
pub use state::{Meaning, State};
pub use tenants::{QuotaField, Settings, TenantRow, TenantState, Tenants};
pub use text::count;
pub use time::When;

pub use askama::Template;
