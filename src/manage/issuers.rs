//! Issuers that a tenant trusts: creating, listing, revoking. For Microsoft Entra ID the id of the directory
//! suffices.

use database::Failure;
use oauth::{ENTRA_PROVISIONING, IssuerPolicy};
use scim::ScimError;
use tenants::oauth::{self as clients, Issuer, NewIssuer};

use super::by::{By, Deed};
use crate::address::Transport;
use crate::auth::{cache, keys};
use crate::context::RequestContext;
use crate::ids;

/// The refusal of an issuer that needs a subject and has none.
const NO_SUBJECT: &str = "`subject` is missing: the application or user to which the issuer issues the token. Every application of a directory gets a token \
    for an audience in it, so only Entra's own audience needs no subject";

/// An issuer to trust.
pub struct TrustIssuer<'a> {
    /// The name, which says what it is for; `issuer` by default.
    pub name: Option<&'a str>,
    /// The client whose assertions it issues; None for bearer tokens.
    pub client: Option<&'a str>,
    /// The issuer itself.
    pub source: IssuerSource,
    /// The audience of its tokens.
    pub audience: Option<String>,
    /// The subject to which it issues them.
    pub subject: Option<String>,
}

/// An issuer.
pub enum IssuerSource {
    /// A directory of Microsoft Entra ID.
    Entra {
        /// Its id.
        directory: String,
    },
    /// Another issuer.
    Other {
        /// `iss`.
        issuer: String,
        /// The address of its public keys.
        jwks_uri: String,
        /// `tid`, if it is demanded.
        directory: Option<String>,
    },
}

/// Returns the issuers that a tenant trusts, including those that were revoked.
///
/// # Errors
/// 404 if the tenant does not exist.
pub async fn list(context: &RequestContext, tenant: &str) -> Result<Vec<Issuer>, Failure> {
    clients::list_issuers(context.accounts(), tenant).await
}

/// Trusts an issuer, and fetches its keys.
///
/// # Errors
/// 400 if the policy would accept too many tokens, or the keys cannot be fetched; 404 if the tenant does not exist,
/// or does not have the client.
pub async fn create(
    context: &RequestContext,
    by: By<'_>,
    tenant: &str,
    trust: TrustIssuer<'_>,
) -> Result<Issuer, Failure> {
    let TrustIssuer { name, client, source, audience, subject } = trust;
    let (trust, jwks_uri) = terms(source, audience, subject, context.is_local())?;
    // Every application of a directory can get a token for an audience in it, so the audience alone proves nothing.
    if client.is_some() && trust.subject.is_none() {
        return Err(refused(
            "a client's assertions need a `subject`: the application or user to which the issuer issues the token",
        ));
    }
    if trust.lacks_subject() {
        return Err(refused(NO_SUBJECT));
    }
    let keys = fetched(&jwks_uri).await?;
    let (id, name) = (ids::new_id(), name.unwrap_or("issuer"));
    let database = by.recorded(context, Deed::of(tenant, "issuer", "created", &id).named(name));
    let new = NewIssuer { id: &id, name, client, trust: &trust, jwks_uri: &jwks_uri, keys: &keys };
    let issuer = clients::create_issuer(&database, tenant, new, context.now).await?;
    cache::clear();
    context.entry.note_credential(&issuer.id);
    Ok(issuer)
}

/// Fetches the keys of an issuer now, in case it has withdrawn a key since the last run of the cron trigger.
///
/// # Errors
/// 400 if they cannot be fetched, 404 if the tenant does not have the issuer, 409 if it was revoked.
pub async fn fetch_keys(context: &RequestContext, tenant: &str, id: &str) -> Result<Issuer, Failure> {
    let database = context.accounts();
    let issuer = clients::find_issuer(database, tenant, id).await?;
    if issuer.revoked.is_some() {
        let detail = format!("the issuer `{id}` was revoked: trust it again");
        return Err(ScimError::new(409, detail).into());
    }
    let keys = fetched(&issuer.jwks_uri).await?;
    clients::keep_keys(database, std::slice::from_ref(&issuer.id), &keys, context.now).await?;
    cache::clear();
    Ok(Issuer { fetched: context.now, ..issuer })
}

/// Revokes the trust in an issuer.
///
/// # Errors
/// 404 if the tenant does not have the issuer.
pub async fn revoke(context: &RequestContext, by: By<'_>, tenant: &str, id: &str) -> Result<Issuer, Failure> {
    let database = by.recorded(context, Deed::of(tenant, "issuer", "revoked", id));
    let issuer = clients::revoke_issuer(&database, tenant, id, context.now).await?;
    cache::clear();
    context.entry.note_credential(&issuer.id);
    Ok(issuer)
}

/// Returns the keys at that address, as they are stored.
///
/// # Errors
/// 400 if they cannot be fetched, with the reason.
async fn fetched(jwks_uri: &str) -> Result<String, Failure> {
    let keys = keys::fetch(jwks_uri).await;
    let keys = keys.map(|keys| keys.to_text());
    keys.map_err(|reason| refused(&format!("the keys at `{jwks_uri}` were not fetched: {reason}")))
}

/// Returns which tokens are accepted, and the address of the keys.
fn terms(
    source: IssuerSource,
    audience: Option<String>,
    subject: Option<String>,
    is_local: bool,
) -> Result<(IssuerPolicy, String), Failure> {
    match source {
        IssuerSource::Entra { directory } => Ok(entra(&directory, audience, subject)?),
        IssuerSource::Other { issuer, jwks_uri, directory } => {
            check_address(&jwks_uri, is_local)?;
            let audience = audience.ok_or_else(|| refused("`audience` is missing"))?;
            Ok((
                IssuerPolicy { issuers: vec![issuer], audiences: vec![audience], directory, subject },
                jwks_uri,
            ))
        }
    }
}

/// Returns the policy for a directory of Entra. Entra writes issuer and audience in two ways, depending on the
/// version of its tokens; both are accepted. Its ids are in lower case.
fn entra(
    directory: &str,
    audience: Option<String>,
    subject: Option<String>,
) -> Result<(IssuerPolicy, String), ScimError> {
    if !is_guid(directory) {
        return Err(ScimError::new(
            400,
            "`entraTenant` is not a directory id such as `01234567-89ab-cdef-0123-456789abcdef`",
        ));
    }
    let directory = directory.to_ascii_lowercase();
    let audience = audience.unwrap_or_else(|| ENTRA_PROVISIONING.to_string());
    let application = audience.strip_prefix("api://").unwrap_or(&audience).to_string();
    let audiences = if is_guid(&application) {
        let application = application.to_ascii_lowercase();
        vec![format!("api://{application}"), application]
    } else {
        vec![audience]
    };
    let subject = subject.map(|id| if is_guid(&id) { id.to_ascii_lowercase() } else { id });
    let authority = format!("https://login.microsoftonline.com/{directory}");
    let trust = IssuerPolicy {
        issuers: vec![format!("https://sts.windows.net/{directory}/"), format!("{authority}/v2.0")],
        audiences,
        directory: Some(directory),
        subject,
    };
    Ok((trust, format!("{authority}/discovery/v2.0/keys")))
}

fn is_guid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Refuses an address whose keys could be replaced by any machine on the way. http is allowed only for this machine,
/// and only if the Worker itself runs there: the loopback of a deployment is another machine.
fn check_address(address: &str, is_local: bool) -> Result<(), Failure> {
    match Transport::of(address) {
        // fetch() does not accept an address with a name and a password in it.
        _ if address.contains('@') => Err(refused("`jwksUri` must not hold a name or a password")),
        Transport::Https => Ok(()),
        Transport::Loopback if is_local => Ok(()),
        Transport::Loopback => Err(refused("`jwksUri` must not be an address of the machine itself")),
        Transport::Clear => Err(refused("`jwksUri` must be an https address")),
    }
}

fn refused(detail: &str) -> Failure {
    ScimError::new(400, detail).into()
}

#[cfg(test)]
mod tests {
    use super::{check_address, entra, is_guid};

    const DIRECTORY: &str = "01234567-89AB-cdef-0123-456789abcdef";

    #[test]
    fn both_forms_of_entras_issuer_and_audience_are_trusted() {
        let (trust, keys) =
            entra(DIRECTORY, Some("api://11111111-2222-3333-4444-555555555555".into()), None).unwrap();
        assert_eq!(
            trust.issuers,
            [
                "https://sts.windows.net/01234567-89ab-cdef-0123-456789abcdef/",
                "https://login.microsoftonline.com/01234567-89ab-cdef-0123-456789abcdef/v2.0",
            ]
        );
        assert_eq!(
            trust.audiences,
            ["api://11111111-2222-3333-4444-555555555555", "11111111-2222-3333-4444-555555555555"]
        );
        assert_eq!(trust.directory.as_deref(), Some("01234567-89ab-cdef-0123-456789abcdef"));
        assert_eq!(
            keys,
            "https://login.microsoftonline.com/01234567-89ab-cdef-0123-456789abcdef/discovery/v2.0/keys"
        );
        let of = |audience: Option<&str>| {
            entra(DIRECTORY, audience.map(str::to_string), None).unwrap().0.audiences
        };
        assert_eq!(of(Some("api://scim.example.com")), ["api://scim.example.com"]);
        assert_eq!(
            of(None),
            ["api://8adf8e6e-67b2-4cf2-a259-e3dc5476c621", "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"]
        );
    }

    #[test]
    fn ids_of_entra_in_upper_case_match_those_of_its_tokens() {
        let id = "ABCDEF01-2222-3333-4444-555555555555";
        let (trust, _) = entra(DIRECTORY, Some(format!("api://{id}")), Some(id.into())).unwrap();
        let lower = id.to_ascii_lowercase();
        assert_eq!(trust.audiences, [format!("api://{lower}"), lower.clone()]);
        assert_eq!(trust.subject, Some(lower));
        let (other, _) = entra(DIRECTORY, Some("api://Scim.example".into()), Some("Me".into())).unwrap();
        assert_eq!((other.audiences, other.subject), (vec!["api://Scim.example".into()], Some("Me".into())));
    }

    #[test]
    fn a_directory_is_a_guid_and_keys_come_over_https() {
        for none in ["", "common", "01234567-89ab-cdef-0123-456789abcde/", "0123456789abcdef0123456789abcdef"]
        {
            assert!(!is_guid(none) && entra(none, None, None).is_err(), "{none}");
        }
        for (address, from_afar, from_here) in [
            ("https://login.example.com/keys", true, true),
            ("http://127.0.0.1:8080/keys", false, true),
            ("http://localhost/keys", false, true),
            ("https://localhost/keys", false, true),
            ("http://login.example.com/keys", false, false),
            ("http://127.0.0.1.example.com/keys", false, false),
            ("http://localhost.example.com:1/keys", false, false),
            ("http://127.0.0.1:80@login.example.com/keys", false, false),
            ("https://somebody:password@login.example.com/keys", false, false),
            ("file:///etc/passwd", false, false),
        ] {
            let is_taken = |is_local| check_address(address, is_local).is_ok();
            assert_eq!((is_taken(false), is_taken(true)), (from_afar, from_here), "{address}");
        }
    }
}
