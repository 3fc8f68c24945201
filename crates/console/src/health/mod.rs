//! The health of a tenant's provisioning: requests over time, a forecast of quarantine, what expires, what lags.

mod forecast;
mod page;
mod plot;

pub use forecast::{Forecast, Trouble, forecast};
pub use page::{Cycle, EdgeLag, EndpointLag, Expiry, Health};
pub use plot::Bar;
