//! A delivery to one endpoint: events in their order, until there are none, one is not taken, or the time is up. The cursor
//! moves after what was taken, so that what is lost in between is delivered again and nothing is left out.

use ::webhooks::{Outcome, after_failure};
use database::{Database, Failure};
use directory::webhooks::{self, Endpoint, Progress};
use directory::{Cursor, Event, Page, Wanted};
use scim::Instant;
use serde_json::{Value, json};
use worker::Env;

use super::attempt::{Attempt, attempt};
use crate::registry::registry;
use crate::{clock, ids};

/// Milliseconds after which no attempt begins, and the next delivery goes on. An attempt may take fifteen seconds, and the
/// runtime stops work thirty seconds after a response: so the cursor is recorded before that.
const TIME: i64 = 9_000;
/// Events that are read at once, if they are delivered one by one.
const EVENTS: usize = 50;
/// Bytes of the log that they are made of.
const BYTES: usize = 256 << 10;
/// Deliveries after which the cursor is recorded, and milliseconds.
const UNRECORDED: (i64, i64) = (10, 1_000);

/// A delivery.
pub(super) struct Run<'r, D> {
    pub database: &'r D,
    pub env: &'r Env,
    /// The endpoint.
    pub id: &'r str,
    /// The time by which attempts are due.
    pub at: Instant,
}

/// Delivers as long as there is something to deliver, and `more` says that there may be. Returns when the next attempt is due if
/// the last one failed.
pub(super) async fn run<D: Database>(
    run: Run<'_, D>,
    more: impl Fn() -> bool,
) -> Result<Option<Instant>, Failure> {
    let holder = ids::new_id();
    let begun = clock::now();
    loop {
        let claimed = webhooks::claim(run.database, run.id, &holder, run.at, clock::now()).await?;
        let Some(endpoint) = claimed else {
            match more() {
                true => continue,
                false => return Ok(None),
            }
        };
        let mut delivery = Delivery::new(&run, &endpoint, &holder, begun);
        match delivery.deliver().await {
            Ok(End::Done) => {}
            Ok(End::Stopped) => {
                let Progress { due, tried, disabled, .. } = delivery.progress;
                return Ok(tried.filter(|_| disabled.is_none()).map(|_| due));
            }
            Err(failure) => {
                // What was delivered need not be delivered again, and the claim need not run out.
                let _ = delivery.stop().await;
                return Err(failure);
            }
        }
    }
}

/// How a delivery has ended.
enum End {
    /// All events were delivered.
    Done,
    /// One was not taken, the time is up, or an administrator has intervened.
    Stopped,
}

struct Delivery<'d, D> {
    run: &'d Run<'d, D>,
    endpoint: &'d Endpoint,
    holder: &'d str,
    begun: Instant,
    recorded: Instant,
    progress: Progress,
}

impl<'d, D: Database> Delivery<'d, D> {
    fn new(run: &'d Run<'d, D>, endpoint: &'d Endpoint, holder: &'d str, begun: Instant) -> Delivery<'d, D> {
        let progress = Progress {
            cursor: endpoint.cursor,
            tried: endpoint.tried,
            deliveries: 0,
            attempted: None,
            delivered: None,
            status: None,
            error: None,
            failures: endpoint.failures,
            due: run.at,
            disabled: None,
            is_last: false,
        };
        Delivery { run, endpoint, holder, begun, recorded: clock::now(), progress }
    }

    async fn deliver(&mut self) -> Result<End, Failure> {
        loop {
            let most = if self.is_batch() { self.at_once() } else { 1 };
            let page = match self.read().await {
                Ok(page) => page,
                Err(failure) => {
                    failure.into_refusal()?;
                    let reason =
                        "events after its cursor were trimmed before they were delivered; replay or skip";
                    self.progress.disabled = Some(reason.to_string());
                    return self.stop().await;
                }
            };
            for part in messages(&page.events, self.progress.tried, most) {
                if !self.send(part).await? {
                    return self.stop().await;
                }
                if clock::now().0 - self.begun.0 > TIME || !self.record_now_and_then().await? {
                    return self.stop().await;
                }
            }
            self.progress.cursor = page.next;
            if !page.more {
                self.progress.is_last = true;
                let goes_on = self.record().await?;
                return Ok(if goes_on { End::Done } else { End::Stopped });
            }
        }
    }

    fn is_batch(&self) -> bool {
        self.endpoint.batch > 1
    }

    /// Returns how many events are read at once: as many as one message may have, if it may have several.
    fn at_once(&self) -> usize {
        usize::try_from(self.endpoint.batch).ok().filter(|batch| *batch > 1).unwrap_or(EVENTS)
    }

    async fn read(&self) -> Result<Page, Failure> {
        let wanted = Wanted {
            types: self.endpoint.types.clone(),
            resource: None,
            thin: self.endpoint.thin,
            security: false,
            limit: self.at_once(),
            bytes: BYTES,
        };
        let Endpoint { tenant, .. } = self.endpoint;
        directory::events(self.run.database, registry()?, tenant, Some(self.progress.cursor), &wanted).await
    }

    /// Sends events as one message. Returns whether they were taken.
    async fn send(&mut self, events: &[Event]) -> Result<bool, Failure> {
        let Some((id, body, last)) = message(events, self.is_batch()) else { return Ok(true) };
        let attempt = attempt(self.run.env, self.endpoint, &id, &body).await?;
        let Attempt { outcome, status, error, retry_after } = attempt;
        self.progress.attempted = Some(clock::now());
        self.progress.status = status.map(i64::from);
        self.progress.error = error;
        match outcome {
            Outcome::Delivered => {
                self.progress.cursor = last;
                self.progress.delivered = self.progress.attempted;
                self.progress.tried = None;
                self.progress.deliveries += 1;
                self.progress.failures = 0;
                return Ok(true);
            }
            Outcome::Gone => {
                self.progress.disabled = Some("the receiver answered 410: it is gone".to_string())
            }
            Outcome::Failed => {
                self.progress.tried = Some(last);
                self.fail(retry_after);
            }
        }
        Ok(false)
    }

    fn fail(&mut self, retry_after: Option<i64>) {
        self.progress.failures += 1;
        let jitter = ids::random().ok().and_then(|random| random.first().copied()).unwrap_or_default();
        match after_failure(self.progress.failures, f64::from(jitter) / 255.0, retry_after) {
            Some(pause) => self.progress.due = Instant(self.time().0.saturating_add(pause)),
            None => {
                let reason = format!("{} attempts over three days have failed", self.progress.failures);
                self.progress.disabled = Some(reason);
            }
        }
    }

    /// Returns the time now, by the clock of the run.
    fn time(&self) -> Instant {
        let passed = clock::now().0.saturating_sub(self.begun.0);
        Instant(self.run.at.0.saturating_add(passed))
    }

    async fn stop(&mut self) -> Result<End, Failure> {
        self.progress.is_last = true;
        self.record().await?;
        Ok(End::Stopped)
    }

    /// Records after some deliveries, and after some time, which renews the claim. Returns whether the delivery may go on.
    async fn record_now_and_then(&mut self) -> Result<bool, Failure> {
        let is_due =
            self.progress.deliveries >= UNRECORDED.0 || clock::now().0 - self.recorded.0 >= UNRECORDED.1;
        if is_due { self.record().await } else { Ok(true) }
    }

    async fn record(&mut self) -> Result<bool, Failure> {
        let now = clock::now();
        let goes_on =
            webhooks::record(self.run.database, self.run.id, self.holder, &self.progress, now).await?;
        self.progress.deliveries = 0;
        self.progress.attempted = None;
        self.progress.delivered = None;
        self.recorded = now;
        Ok(goes_on)
    }
}

/// Returns events as the messages that they become. The first is the one that was not accepted, if there was one: events that came
/// after it are not added, so that it keeps its id.
fn messages(events: &[Event], tried: Option<Cursor>, most: usize) -> impl Iterator<Item = &[Event]> {
    let tried = events.iter().take_while(|event| Some(event.cursor) <= tried).count().min(most);
    let (first, others) = events.split_at_checked(tried).unwrap_or((events, &[]));
    Some(first).filter(|first| !first.is_empty()).into_iter().chain(others.chunks(most))
}

/// Returns a message of these events: its id, its body, and the place of the last of them. A single event is a message by itself; its id
/// is the event's. Several have an id that names the first and the last: after a failure there may be more of them, and a
/// receiver that knows the id of fewer must not take them for done.
fn message(events: &[Event], is_batch: bool) -> Option<(String, String, Cursor)> {
    let (first, last) = (events.first()?, events.last()?);
    if !is_batch {
        return Some((first.id.clone(), first.body.to_string(), first.cursor));
    }
    let all: Value = events.iter().map(|event| event.body.clone()).collect();
    let body =
        json!({"type": "events.batch", "timestamp": last.body.get("timestamp"), "data": {"events": all}});
    let id = if events.len() == 1 { first.id.clone() } else { format!("{}-{}", first.id, last.id) };
    Some((id, body.to_string(), last.cursor))
}
