//! The Connect page as it is shown, with what was just made, and the rows of credentials and links.

use ::tenants::console::Link;
use ::tenants::oauth::{Client, Issuer};
use ::tenants::{DEFAULT, Token};
use console::{ClientRow, Connect, Idp, IssuerRow, LinkRow, Made, Ticks, TokenRow};
use database::Failure;
use directory::Usage;
use futures_util::future::{try_join, try_join5};
use scim::{Instant, ScimError};
use serde_json::Value;

use crate::address::tenant_url;
use crate::endpoints::console::pages::page::Page;
use crate::endpoints::console::render;
use crate::http::Response;
use crate::manage::bounds::Bounds;
use crate::manage::{activity, clients, console as links, issuers, tokens};

/// Tokens, clients and links that a page has room for.
const ROWS: usize = 20;
/// Issuers that it has room for: a tenant has one for each identity provider, and their rows are long.
const ISSUERS: usize = 10;
/// Days after which the forms let a new credential expire; the Admin API takes any time.
const EXPIRES_DAYS: Bounds = Bounds { least: 1, most: 3_650 };
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Shows the page with what was made, or with why nothing was.
pub(super) async fn made(
    page: &Page<'_>,
    operation: &str,
    made: Result<Made, Failure>,
) -> Result<Response, Failure> {
    page.asked.named(operation);
    match made {
        Ok(made) => show(page, Some(made), None).await,
        Err(failure) => match failure.into_refusal()? {
            refusal if refusal.status == 405 => Err(refusal.into()),
            refusal => show(page, None, Some(&refusal)).await,
        },
    }
}

/// Returns when what is made expires; None if it does not.
pub(super) fn expires(page: &Page<'_>) -> Result<Option<Instant>, ScimError> {
    let Some(text) = page.field("expires_days") else { return Ok(None) };
    let Bounds { least, most } = EXPIRES_DAYS;
    let refused = || format!("`{text}` is not a number of days from {least} to {most}");
    let days = EXPIRES_DAYS.parse(text).ok_or_else(|| ScimError::new(400, refused()))?;
    Ok(Some(Instant(page.asked.context.now.0.saturating_add(days * DAY))))
}

/// Renders the page, with what was just made or why nothing was.
pub(super) async fn show(
    page: &Page<'_>,
    made: Option<Made>,
    refusal: Option<&ScimError>,
) -> Result<Response, Failure> {
    let context = page.asked.context;
    // They are asked at once, so that the page takes as long as the longest of them.
    let (frame, tokens, (clients, issuers), links, ticks) = try_join5(
        page.warned_frame("Connect", "connect"),
        credentials(page),
        try_join(clients::list(context, page.tenant), trusted(page)),
        set_up_links(page),
        ticks(page),
    )
    .await?;
    let (tokens, more_tokens) = tokens;
    let query = page.asked.query();
    let shown = Connect {
        frame,
        idp: Idp::of(query.get("idp").or(page.field("idp")).unwrap_or_default()),
        is_default: page.tenant == DEFAULT,
        tenant_url: tenant_url(page.asked.origin(), page.tenant),
        application: format!("Provisioning of {}", page.name),
        ticks,
        tokens: tokens.iter().map(token_row).collect(),
        more_tokens,
        clients: clients.iter().rev().take(ROWS).map(|client| client_row(client, context.now)).collect(),
        has_oauth: crate::auth::can_sign(context),
        issuers,
        links: links.iter().rev().take(ROWS).map(link_row).collect(),
        made,
        problem: render::problem(refusal),
    };
    render::page_after(refusal, &shown)
}

/// Returns the set-up links, which the vendor's staff alone see.
async fn set_up_links(page: &Page<'_>) -> Result<Vec<Link>, Failure> {
    if !page.visitor.role.is_vendor() || page.tenant == DEFAULT {
        return Ok(Vec::new());
    }
    links::list_links(page.asked.context, page.tenant).await
}

/// Returns the newest tokens, those in force first, and how many others there are.
async fn credentials(page: &Page<'_>) -> Result<(Vec<Token>, i64), Failure> {
    let mut tokens = tokens::list(page.asked.context, page.tenant).await?;
    tokens.sort_by_key(|token| (token.revoked.is_some(), std::cmp::Reverse(token.created)));
    let more = tokens.len().saturating_sub(ROWS);
    tokens.truncate(ROWS);
    Ok((tokens, i64::try_from(more).unwrap_or_default()))
}

/// Returns the newest issuers, those in force first.
async fn trusted(page: &Page<'_>) -> Result<Vec<IssuerRow>, Failure> {
    let issuers = issuers::list(page.asked.context, page.tenant).await?;
    let newest = issuers.iter().rev();
    let in_force = newest.clone().filter(|issuer| issuer.revoked.is_none());
    let ordered = in_force.chain(newest.filter(|issuer| issuer.revoked.is_some()));
    Ok(ordered.take(ISSUERS).map(issuer_row).collect())
}

/// Returns how far the connection is.
pub(super) async fn ticks(page: &Page<'_>) -> Result<Ticks, Failure> {
    let context = page.asked.context;
    let usage = directory::usage(context.directory(), page.tenant);
    let (marks, usage) = try_join(activity::marks(context, page.tenant), usage).await?;
    let at = |value: Option<&Value>| value.and_then(Value::as_str).and_then(Instant::parse).map(|at| at.0);
    let mark = |name: &str| at(marks.get(name));
    let (cycle, previous) = (marks.get("cycle"), marks.get("previousCycle"));
    let is_over = cycle.and_then(|cycle| cycle.get("isOver")).and_then(Value::as_bool) == Some(true);
    let ended = |cycle: Option<&Value>| at(cycle.and_then(|cycle| cycle.get("lastRequest")));
    let total = |name: &str| -> i64 {
        usage.iter().find(|one: &&Usage| one.quota.name() == name).map_or(0, |one| one.used)
    };
    Ok(Ticks {
        address: format!("/console/{}/connect/ticks", page.tenant),
        now: context.now.0,
        credential: mark("lastRequest"),
        test_connection: mark("testConnection"),
        first_user: mark("firstUser"),
        first_group: mark("firstGroup"),
        first_cycle: ended(previous).or_else(|| ended(cycle).filter(|_| is_over)),
        users: total("users"),
        groups: total("groups"),
    })
}

/// Returns a token as a row.
pub(super) fn token_row(token: &Token) -> TokenRow {
    TokenRow {
        id: token.id.clone(),
        name: token.name.clone(),
        scopes: token.scopes.names().into_iter().map(str::to_string).collect(),
        created: token.created.0,
        expires: token.expires.map(|at| at.0),
        last_used: token.last_used.map(|at| at.0),
        revoked: token.revoked.map(|at| at.0),
    }
}

/// Returns a client as a row.
pub(super) fn client_row(client: &Client, now: Instant) -> ClientRow {
    let in_force = || client.secrets.iter().filter(|one| one.is_in_force(now));
    ClientRow {
        id: client.id.clone(),
        name: client.name.clone(),
        secrets: i64::try_from(in_force().count()).unwrap_or_default(),
        expires: in_force().map(|one| one.expires.0).max(),
        last_used: client.secrets.iter().filter_map(|one| one.last_used).map(|at| at.0).max(),
        created: client.created.0,
        revoked: client.revoked.map(|at| at.0),
    }
}

/// Returns an issuer as a row.
pub(super) fn issuer_row(issuer: &Issuer) -> IssuerRow {
    IssuerRow {
        id: issuer.id.clone(),
        name: issuer.name.clone(),
        issuer: issuer.trust.issuers.first().cloned().unwrap_or_default(),
        subject: issuer.trust.subject.clone(),
        client: issuer.client.clone(),
        created: issuer.created.0,
        last_used: issuer.last_used.map(|at| at.0),
        revoked: issuer.revoked.map(|at| at.0),
    }
}

fn link_row(link: &Link) -> LinkRow {
    LinkRow {
        id: link.id.clone(),
        name: link.person.clone(),
        created: link.created.0,
        expires: link.expires.0,
        last_used: link.used.map(|at| at.0),
        revoked: link.revoked.map(|at| at.0),
    }
}
