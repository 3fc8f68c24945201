//! The Connect page of a tenant: what to enter in the identity provider, how far the connection is, and the forms that make
//! credentials and set-up links. What was made is shown in the answer to its form, and on no page afterwards.

use ::tenants::console::{Link, Role};
use ::tenants::oauth::Client;
use ::tenants::{DEFAULT, Token};
use console::{ClientRow, Connect, Idp, LinkRow, Made, MadeKind, Ticks, TokenRow};
use database::Failure;
use directory::Usage;
use scim::{Instant, ScimError};
use serde_json::Value;

use super::{Page, credential, no_page};
use crate::address::tenant_url;
use crate::endpoints::console::render;
use crate::http::Response;
use crate::manage::clients::{self, CreateClient};
use crate::manage::tokens::{self, CreateToken};
use crate::manage::{activity, console as links};

/// Tokens, clients and links that a page has room for.
const ROWS: usize = 20;
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// The longest name, in characters.
const NAME: usize = 200;

/// Answers the page, a form of it, or a page of one credential.
///
/// # Errors
/// 404 if there is no such page; those of the database.
pub(super) async fn handle(page: &Page<'_>, below: &[&str]) -> Result<Response, Failure> {
    match below {
        [] => {
            page.asked.named("connect");
            page.asked.only("GET")?;
            show(page, None, None).await
        }
        ["ticks"] => {
            page.asked.named("connect ticks");
            page.asked.only("GET")?;
            render::page(200, &ticks(page).await?)
        }
        ["tokens" | "clients", _, ..] => credential::handle(page, below).await,
        // A link of the page that such a form has answered leads here.
        ["tokens" | "clients" | "links"] if !page.is_post() => {
            let idp = Idp::of(page.asked.query().get("idp").unwrap_or_default());
            Ok(page.go_to(&format!("connect?idp={}#steps", idp.key())))
        }
        ["tokens"] => made(page, "make token", make_token(page).await).await,
        ["clients"] => made(page, "make client", make_client(page).await).await,
        ["links"] if page.visitor.role.is_vendor() => {
            made(page, "make set-up link", make_link(page).await).await
        }
        ["links", id, "revoke"] if page.visitor.role.is_vendor() => {
            page.asked.named("revoke set-up link");
            page.asked.only("POST")?;
            links::revoke_link(page.asked.context, page.tenant, id).await?;
            Ok(page.go_to("connect#links"))
        }
        _ => Err(no_page()),
    }
}

/// Shows the page with what was made, or with why nothing was.
pub(super) async fn made(
    page: &Page<'_>,
    operation: &str,
    made: Result<Made, Failure>,
) -> Result<Response, Failure> {
    page.asked.named(operation);
    match made {
        Ok(made) => show(page, Some(made), None).await,
        Err(Failure::Refused(refusal)) if refusal.status != 405 => show(page, None, Some(&refusal)).await,
        Err(failure) => Err(failure),
    }
}

async fn make_token(page: &Page<'_>) -> Result<Made, Failure> {
    page.asked.only("POST")?;
    let scopes = page.field("read_only").map(|_| oauth::Scopes::parse(["scim:read"]));
    let scopes = scopes.transpose().map_err(|reason| ScimError::new(400, reason))?;
    let idp = Idp::of(page.field("idp").unwrap_or_default());
    let create =
        CreateToken { name: Some(name(page)?.unwrap_or(idp.name())), expires: expires(page)?, scopes };
    let issued = tokens::create(page.asked.context, page.tenant, create).await?;
    Ok(Made {
        kind: MadeKind::Token,
        values: vec![("Secret Token".to_string(), issued.secret.reveal().to_string())],
        expires: issued.token.expires.map(|at| at.0),
        old_until: None,
    })
}

async fn make_client(page: &Page<'_>) -> Result<Made, Failure> {
    page.asked.only("POST")?;
    let idp = Idp::of(page.field("idp").unwrap_or_default());
    let create = CreateClient {
        name: Some(name(page)?.unwrap_or(idp.name())),
        scopes: None,
        token_seconds: None,
        has_secret: true,
        expires: expires(page)?,
    };
    let (client, secret) = clients::create(page.asked.context, page.tenant, create).await?;
    let secret = secret.ok_or_else(|| Failure::Corrupt("a client was made without a secret".to_string()))?;
    Ok(credential::client_made(page, &client.id, &secret, client.secrets.first().map(|one| one.expires)))
}

async fn make_link(page: &Page<'_>) -> Result<Made, Failure> {
    page.asked.only("POST")?;
    let role = Role::Customer(page.tenant.to_string());
    let issued = links::create_link(page.asked.context, role, name(page)?).await?;
    let address = format!("{}/console/enter?code={}", page.asked.origin(), issued.code.reveal());
    Ok(Made {
        kind: MadeKind::SetUpLink,
        values: vec![("Set-up link".to_string(), address)],
        expires: Some(issued.link.expires.0),
        old_until: None,
    })
}

/// Returns the name that was entered; None if there is none.
fn name<'p>(page: &'p Page<'_>) -> Result<Option<&'p str>, ScimError> {
    match page.field("name") {
        Some(name) if name.chars().count() > NAME || name.chars().any(char::is_control) => {
            Err(ScimError::new(400, format!("a name is a line of at most {NAME} characters")))
        }
        name => Ok(name),
    }
}

/// Returns when what is made expires; None if it does not.
pub(super) fn expires(page: &Page<'_>) -> Result<Option<Instant>, ScimError> {
    let Some(text) = page.field("expires_days") else { return Ok(None) };
    let days: i64 = text
        .parse()
        .ok()
        .filter(|days| (1..=3_650).contains(days))
        .ok_or_else(|| ScimError::new(400, format!("`{text}` is not a number of days from 1 to 3650")))?;
    Ok(Some(Instant(page.asked.context.now.0.saturating_add(days * DAY))))
}

async fn show(page: &Page<'_>, made: Option<Made>, refusal: Option<&ScimError>) -> Result<Response, Failure> {
    let context = page.asked.context;
    let (tokens, more_tokens) = credentials(page).await?;
    let clients = clients::list(context, page.tenant).await?;
    let links = match page.visitor.role.is_vendor() && page.tenant != DEFAULT {
        true => links::list_links(context, page.tenant).await?,
        false => Vec::new(),
    };
    let query = page.asked.query();
    let shown = Connect {
        frame: page.frame("Connect", "connect"),
        idp: Idp::of(query.get("idp").or(page.field("idp")).unwrap_or_default()),
        is_default: page.tenant == DEFAULT,
        tenant_url: tenant_url(page.asked.origin(), page.tenant),
        application: format!("Provisioning of {}", page.name),
        ticks: ticks(page).await?,
        tokens: tokens.iter().map(token_row).collect(),
        more_tokens,
        clients: clients.iter().rev().take(ROWS).map(|client| client_row(client, context.now)).collect(),
        has_oauth: crate::auth::can_sign(context),
        links: links.iter().rev().take(ROWS).map(link_row).collect(),
        made,
        problem: refusal.map(|refusal| render::sentence(&refusal.detail)),
    };
    render::page(refusal.map_or(200, |refusal| refusal.status), &shown)
}

/// Returns the newest tokens, those in force first, and how many others there are.
async fn credentials(page: &Page<'_>) -> Result<(Vec<Token>, i64), Failure> {
    let mut tokens = tokens::list(page.asked.context, page.tenant).await?;
    tokens.sort_by_key(|token| (token.revoked.is_some(), std::cmp::Reverse(token.created)));
    let more = tokens.len().saturating_sub(ROWS);
    tokens.truncate(ROWS);
    Ok((tokens, i64::try_from(more).unwrap_or_default()))
}

async fn ticks(page: &Page<'_>) -> Result<Ticks, Failure> {
    let context = page.asked.context;
    let marks = activity::marks(context, page.tenant).await?;
    let at = |value: Option<&Value>| value.and_then(Value::as_str).and_then(Instant::parse).map(|at| at.0);
    let mark = |name: &str| at(marks.get(name));
    let (cycle, previous) = (marks.get("cycle"), marks.get("previousCycle"));
    let is_over = cycle.and_then(|cycle| cycle.get("isOver")).and_then(Value::as_bool) == Some(true);
    let ended = |cycle: Option<&Value>| at(cycle.and_then(|cycle| cycle.get("lastRequest")));
    let usage = directory::usage(context.directory(), page.tenant).await?;
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

pub(super) fn client_row(client: &Client, now: Instant) -> ClientRow {
    let in_force = || client.secrets.iter().filter(|one| one.revoked.is_none() && one.expires > now);
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
