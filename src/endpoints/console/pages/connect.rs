//! The Connect page of a tenant: what to enter in the identity provider, how far the connection is, and the forms that make
//! credentials and set-up links. What was made is shown in the answer to its form, and on no page afterwards.
//!
//! `shown` is the page itself, `credential` that of one token, client or issuer.

mod credential;
mod shown;

use ::tenants::console::Role;
use console::{Idp, Made, MadeKind};
use database::Failure;
use scim::ScimError;

use super::page::{Page, no_page};
use crate::address::console_link;
use crate::endpoints::console::render;
use crate::http::Response;
use crate::manage::clients::{self, CreateClient};
use crate::manage::console::{self as links, CreateLink};
use crate::manage::lines;
use crate::manage::tokens::{self, CreateToken};
use shown::{expires, made};

/// Answers the page, a form of it, or a page of one credential.
///
/// # Errors
/// 404 if there is no such page. Also if the database fails.
pub(super) async fn handle(page: &Page<'_>, below: &[&str]) -> Result<Response, Failure> {
    match below {
        [] => {
            page.asked.named("connect");
            page.asked.only("GET")?;
            shown::show(page, None, None).await
        }
        ["ticks"] => {
            page.asked.named("connect ticks");
            page.asked.only("GET")?;
            render::page(200, &shown::ticks(page).await?)
        }
        ["tokens" | "clients" | "issuers", _, ..] => credential::handle(page, below).await,
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
            links::revoke_link(page.asked.context, page.by(), page.tenant, id).await?;
            Ok(page.go_to("connect#links"))
        }
        _ => Err(no_page()),
    }
}

async fn make_token(page: &Page<'_>) -> Result<Made, Failure> {
    page.asked.only("POST")?;
    let scopes = page.field("scope").map(|scope| oauth::Scopes::parse([scope]));
    let scopes = scopes.transpose().map_err(|reason| ScimError::new(400, reason))?;
    let idp = Idp::of(page.field("idp").unwrap_or_default());
    let create =
        CreateToken { name: Some(name(page)?.unwrap_or(idp.name())), expires: expires(page)?, scopes };
    let issued = tokens::create(page.asked.context, page.by(), page.tenant, create).await?;
    Ok(Made {
        kind: if issued.token.scopes.may_write() { MadeKind::Token } else { MadeKind::Reader },
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
    let (client, secret) = clients::create(page.asked.context, page.by(), page.tenant, create).await?;
    let secret = secret.ok_or_else(|| Failure::corrupt("a client was made without a secret"))?;
    Ok(credential::client_made(page, &client.id, &secret, client.secrets.first().map(|one| one.expires)))
}

async fn make_link(page: &Page<'_>) -> Result<Made, Failure> {
    page.asked.only("POST")?;
    let role = Role::Customer(page.tenant.to_string());
    let create = CreateLink { role, person: name(page)? };
    let issued = links::create_link(page.asked.context, page.by(), create).await?;
    let address = console_link(page.asked.origin(), issued.code.reveal());
    Ok(Made {
        kind: MadeKind::SetUpLink,
        values: vec![("Set-up link".to_string(), address)],
        expires: Some(issued.link.expires.0),
        old_until: None,
    })
}

/// Returns the name that was entered; None if there is none.
fn name<'p>(page: &'p Page<'_>) -> Result<Option<&'p str>, ScimError> {
    page.field("name").map(|text| lines::name("name", text)).transpose()
}
