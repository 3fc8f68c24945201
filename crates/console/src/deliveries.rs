//! Webhooks: the endpoints that a tenant's events are sent to, and the page of one.

use askama::Template;

use crate::connect::Made;
use crate::filters;
use crate::frame::Frame;
use crate::state::State;
use crate::text::{clip, count, encode, many};

/// The endpoints of a tenant. The form that makes one is sent to `deliveries` (`url`, `types`, `batch`, `thin`).
#[derive(Template)]
#[template(path = "deliveries/list.html")]
pub struct Deliveries {
    /// What surrounds the page.
    pub frame: Frame,
    /// The endpoints, the oldest first.
    pub endpoints: Vec<Endpoint>,
    /// What was entered, to be mended.
    pub entered: NewEndpoint,
    /// Why no endpoint was made, in words.
    pub problem: Option<String>,
}

/// What the form of a new endpoint holds.
#[derive(Debug, Clone, Default)]
pub struct NewEndpoint {
    /// Where events are to be sent.
    pub url: String,
    /// The types, with commas between them.
    pub types: String,
    /// How many events one delivery may have, as it was entered.
    pub batch: String,
    /// Whether they are to hold ids, versions and paths alone.
    pub is_thin: bool,
}

/// The page of one endpoint. Its forms are sent below its own address, to `pause`, `resume`, `test`, `skip`, `replay`
/// (`sequence`), `secret` (`overlap_hours`), and `delete` (`confirm`: its id).
#[derive(Template)]
#[template(path = "deliveries/one.html")]
pub struct EndpointPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The endpoint.
    pub endpoint: Endpoint,
    /// Its secret, where it was just made.
    pub made: Option<Made>,
    /// Why nothing was done, in words.
    pub problem: Option<String>,
}

/// An endpoint of webhooks, with where it stands in the log.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Its id.
    pub id: String,
    /// Where events are sent.
    pub url: String,
    /// The types that are wanted; empty: all.
    pub types: Vec<String>,
    /// How many events one delivery may have.
    pub batch: i64,
    /// Whether they hold ids, versions and paths alone.
    pub is_thin: bool,
    /// Whether an administrator has paused it.
    pub is_paused: bool,
    /// Why the service has stopped it, if it has.
    pub stopped: Option<String>,
    /// The last event that was delivered, as text.
    pub position: String,
    /// How many changes of the log come after that; `None` where that was not counted.
    pub behind: Option<i64>,
    /// How many attempts have failed since the last one that did not.
    pub failures: i64,
    /// When the next attempt is made, after a failure.
    pub next_attempt: Option<i64>,
    /// When one last succeeded.
    pub last_delivery: Option<i64>,
    /// What the last attempt was answered with.
    pub last_status: Option<i64>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// How many deliveries have succeeded.
    pub deliveries: i64,
    /// Until when the secret before signs too.
    pub old_secret_until: Option<i64>,
    /// When it was made.
    pub created: i64,
}

impl Endpoint {
    /// Returns its state.
    pub fn state(&self) -> State {
        match self {
            Endpoint { stopped: Some(_), .. } => State::bad("stopped"),
            Endpoint { is_paused: true, .. } => State::off("paused"),
            Endpoint { failures, .. } if *failures > 0 => {
                State::bad(format!("failed {}", many(*failures, "time")))
            }
            Endpoint { behind: Some(behind), .. } if *behind > 100 => State::watch("behind"),
            _ => State::good("delivering"),
        }
    }

    fn is_running(&self) -> bool {
        !self.is_paused && self.stopped.is_none()
    }

    fn address(&self, frame: &Frame) -> String {
        format!("{}/deliveries/{}", frame.base(), encode(&self.id))
    }

    fn lag(&self) -> String {
        self.behind.map_or_else(|| "not counted".to_string(), |behind| many(behind, "change"))
    }

    fn wanted(&self) -> String {
        let types =
            if self.types.is_empty() { "all types".to_string() } else { clip(&self.types.join(", "), 200) };
        let thin = if self.is_thin { ", ids and paths alone" } else { "" };
        format!("{types}, up to {} in one{thin}", count(self.batch))
    }
}
