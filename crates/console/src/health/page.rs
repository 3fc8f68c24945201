//! The page of a tenant's health.

use askama::Template;

use super::forecast::Forecast;
use super::plot::{Bar, Plot};
use crate::filters;
use crate::frame::Frame;
use crate::state::State;
use crate::text::{encode, many};
use crate::time::span;

const DAY: i64 = 86_400_000;

/// The health of a tenant's provisioning.
#[derive(Template)]
#[template(path = "health.html")]
pub struct Health {
    /// What surrounds the page.
    pub frame: Frame,
    /// When the last request came.
    pub last_request: Option<i64>,
    /// The cycle that came last.
    pub cycle: Option<Cycle>,
    /// The one before it.
    pub previous: Option<Cycle>,
    /// Whether a quarantine is near.
    pub forecast: Forecast,
    /// Requests over time, the oldest first: at most 60 spans.
    pub bars: Vec<Bar>,
    /// Credentials that are in force, the one that expires next first.
    pub expiries: Vec<Expiry>,
    /// How far the edge copy is; `None` if there is none.
    pub edge: Option<EdgeLag>,
    /// How far the endpoints of webhooks are.
    pub endpoints: Vec<EndpointLag>,
}

/// A cycle of the client.
#[derive(Debug, Clone, Copy)]
pub struct Cycle {
    /// When it began.
    pub began: i64,
    /// When its last request came.
    pub last_request: i64,
    /// Whether the pause after it is long enough that it must be over.
    pub is_over: bool,
}

/// A credential that expires, or does not.
#[derive(Debug, Clone)]
pub struct Expiry {
    /// Its name.
    pub name: String,
    /// The address of its page.
    pub address: String,
    /// When it expires.
    pub expires: Option<i64>,
}

/// How far the edge copy is.
#[derive(Debug, Clone, Copy)]
pub struct EdgeLag {
    /// Whether it is being filled for the first time.
    pub is_filling: bool,
    /// Changes that are not in the copy.
    pub behind: i64,
    /// When it last had all changes.
    pub caught_up: Option<i64>,
}

/// How far an endpoint of webhooks is.
#[derive(Debug, Clone)]
pub struct EndpointLag {
    /// Its id.
    pub id: String,
    /// Where its events are sent.
    pub url: String,
    /// Its state.
    pub state: State,
    /// Changes that were not sent yet, if they were counted.
    pub behind: Option<i64>,
}

impl Cycle {
    fn length(self) -> String {
        span(self.last_request.saturating_sub(self.began)).unwrap_or_else(|| "a moment".to_string())
    }
}

impl Expiry {
    fn state(&self, now: i64) -> State {
        match self.expires.map(|expires| expires.saturating_sub(now)) {
            Some(..=0) => State::bad("expired"),
            Some(left) if left < 14 * DAY => State::watch("expires soon"),
            _ => State::good("in force"),
        }
    }
}

impl EdgeLag {
    fn state(self) -> State {
        match self {
            EdgeLag { is_filling: true, .. } => State::off("being filled"),
            EdgeLag { behind, .. } if behind > 1_000 => {
                State::watch(format!("{} behind", many(behind, "change")))
            }
            EdgeLag { behind, .. } if behind > 0 => State::good(format!("{} behind", many(behind, "change"))),
            _ => State::good("has every change"),
        }
    }
}

impl EndpointLag {
    fn address(&self, frame: &Frame) -> String {
        format!("{}/deliveries/{}", frame.base(), encode(&self.id))
    }

    fn lag(&self) -> String {
        self.behind
            .map_or_else(|| "not counted".to_string(), |behind| format!("{} behind", many(behind, "change")))
    }
}

impl Health {
    fn plot(&self) -> Plot<'_> {
        Plot(&self.bars)
    }

    fn legend(&self) -> String {
        self.plot().legend()
    }

    /// Returns how long the client rests between cycles, by the last two of them.
    fn period(&self) -> Option<String> {
        let (last, previous) = (self.cycle?, self.previous?);
        span(last.began.saturating_sub(previous.began))
    }
}
