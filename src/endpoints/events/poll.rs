//! `POST /events/poll/<reader>`: Security Event Tokens by polling (RFC 8936). A reader acknowledges what it has, and gets again
//! what it has not acknowledged; its name in the address keeps its place apart from those of other readers.

use database::Failure;
use directory::{Cursor, Page, ReaderPlace};
use scim::{Query, ScimError, read_json};
use serde_json::{Map, Value, json};
use tenants::is_slug;
use web_sys::Request;

use super::token::{Reader, check_is_on, place_of};
use super::waiting::page;
use super::wanted::{WAIT, after, wanted};
use crate::auth;
use crate::context::RequestContext;
use crate::http::{self, Response};
use crate::{address, log};

/// Tokens in an answer at most, and by default.
const MOST: usize = 1_000;
/// Bytes of a request: it acknowledges as many tokens as an answer has at most.
const BODY: usize = 256 << 10;
/// Characters of an error code that the log repeats.
const CODE: usize = 64;

/// What a reader says (RFC 8936 s2.2).
struct Poll {
    most: usize,
    is_immediate: bool,
    acknowledged: Vec<Cursor>,
    /// The tokens that the reader could not use, each with its error.
    rejected: Vec<(String, String)>,
}

/// Answers a poll, or forgets the place of the reader (DELETE).
pub(super) async fn answer(
    request: &Request,
    context: &RequestContext,
    method: &str,
    tenant: &str,
    name: &str,
    address: &address::Address,
) -> Result<Response, Failure> {
    check_is_on(context)?;
    if !is_slug(name) {
        let detail = format!("`{name}` is not a name of a reader; `a` to `z`, digits and `-` make one");
        return Err(ScimError::invalid_value(detail).into());
    }
    match method {
        "POST" => {}
        "DELETE" => {
            let is_forgotten = directory::forget_reader(context.directory(), tenant, name).await?;
            let missing = || ScimError::not_found(format!("there is no reader `{name}`")).into();
            return if is_forgotten { Ok(Response::empty(204)) } else { Err(missing()) };
        }
        _ => return Err(ScimError::method_not_allowed(method, "POST, DELETE").into()),
    }
    let query = Query::parse(&address.query)?;
    let poll = read(&http::body(request, BODY).await?, tenant)?;
    for (jti, code) in &poll.rejected {
        log::warn(&format!("the reader `{name}` could not use {jti}: {code}"), context.correlation_id());
    }
    let mut wanted = wanted(&query, 0)?;
    wanted.security = true;
    let after = after(&query, tenant)?;
    let page = unacknowledged(context, tenant, name, wanted.clone(), after, &poll).await?;
    let audience = format!("{}/poll/{name}", address::events_url(&address.origin, tenant));
    let reader = Reader { origin: &address.origin, audience: &audience, is_notice: wanted.thin };
    render(context, &reader, page, poll.most).await
}

/// Takes note of what is acknowledged, and returns what is not, oldest first.
async fn unacknowledged(
    context: &RequestContext,
    tenant: &str,
    name: &str,
    mut wanted: directory::Wanted,
    after: Option<Cursor>,
    poll: &Poll,
) -> Result<Page, Failure> {
    let database = context.directory();
    let before = directory::reader(database, tenant, name).await?;
    let mut place: ReaderPlace = before.clone();
    if let Some(after) = after {
        place.pass(after);
    }
    place.acknowledge(poll.acknowledged.iter().copied());
    wanted.limit = (poll.most + place.ahead()).max(1);
    let read = page(context, tenant, place.cursor, &wanted, 0).await?;
    let mut left = place.take(read);
    if place != before {
        directory::save_reader(database, tenant, name, &place, context.now).await?;
    }
    if left.events.is_empty() && !left.more && !poll.is_immediate && poll.most > 0 {
        left = page(context, tenant, Some(left.next), &wanted, WAIT).await?;
    }
    Ok(left)
}

/// Renders the answer to a poll: `sets` has the tokens by their `jti`, and `moreAvailable` is there if there are more (RFC 8936
/// s2.3). The members are written in the order of the events, which a reader that keeps the order of members gets for nothing.
async fn render(
    context: &RequestContext,
    reader: &Reader<'_>,
    page: Page,
    most: usize,
) -> Result<Response, Failure> {
    let has_more = page.more || page.events.len() > most;
    let mut sets = Vec::new();
    if !page.events.is_empty() && most > 0 {
        let signer = auth::signer(context).await?;
        for event in page.events.into_iter().take(most) {
            let (jti, token) = reader.token(context, &signer, event).await?;
            sets.push(format!("{}:{}", Value::from(jti), Value::from(token)));
        }
    }
    let more = if has_more { r#","moreAvailable":true"# } else { "" };
    let body = format!(r#"{{"sets":{{{}}}{more}}}"#, sets.join(","));
    Ok(Response::of_type(200, "application/json", body))
}

/// Reads the request; unknown members are ignored (RFC 8936 s2.2).
fn read(body: &[u8], tenant: &str) -> Result<Poll, ScimError> {
    let refused = |detail: &str| Err(ScimError::invalid_syntax(detail));
    let body = if body.is_empty() { json!({}) } else { read_json(body)? };
    let Value::Object(members) = body else { return refused("the body is not a JSON object") };
    let most = match members.get("maxEvents") {
        None | Some(Value::Null) => MOST,
        Some(given) => match given.as_u64() {
            Some(number) => usize::try_from(number).unwrap_or(MOST).min(MOST),
            None => return refused("`maxEvents` is not a whole number from 0 on"),
        },
    };
    let is_immediate = match members.get("returnImmediately") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(is_immediate)) => *is_immediate,
        Some(_) => return refused("`returnImmediately` is neither true nor false"),
    };
    let no_members = Map::new();
    let errors = match members.get("setErrs") {
        None | Some(Value::Null) => &no_members,
        Some(Value::Object(errors)) => errors,
        Some(_) => return refused("`setErrs` is not an object"),
    };
    let acknowledged = match members.get("ack") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(ids)) => ids.iter().map(Value::as_str).collect(),
        Some(_) => return refused("`ack` is not a list"),
    };
    // RFC 8936 s2.4: a token with an error is not sent again either; the reader could not use it a second time.
    let ids = acknowledged.into_iter().chain(errors.keys().map(|jti| Some(jti.as_str())));
    let acknowledged = ids.map(|jti| acknowledged_place(jti, tenant)).collect::<Result<_, _>>()?;
    let rejected = errors.iter().map(|(jti, error)| (jti.clone(), code(error))).collect();
    Ok(Poll { most, is_immediate, acknowledged, rejected })
}

fn acknowledged_place(jti: Option<&str>, tenant: &str) -> Result<Cursor, ScimError> {
    jti.and_then(|jti| place_of(jti, tenant)).ok_or_else(|| {
        let detail =
            "`ack` and `setErrs` name tokens by their `jti`, which begins with `evt_` and the tenant";
        ScimError::invalid_value(match jti {
            Some(jti) => format!("{detail}: not `{jti}`"),
            None => detail.to_string(),
        })
    })
}

/// Returns the code of an error (RFC 8936 s2.6); a text of the reader's own must not get into the log.
fn code(error: &Value) -> String {
    let code = error.get("err").and_then(Value::as_str).unwrap_or_default();
    let is_code = (1..=CODE).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if is_code { code.to_string() } else { "no error code".to_string() }
}
