//! What a token of another issuer must say: RFC 7519 s4.1, RFC 8725 s3, and for Entra the directory.

use std::fmt;

use crate::Claims;

/// Milliseconds by which the issuer's clock may differ from this service's. Microsoft's own libraries allow as much.
pub const SKEW: i64 = 300_000;

/// The audience of the tokens that Entra's provisioning service sends when no Secret Token is entered:
/// <https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups>.
pub const ENTRA_PROVISIONING: &str = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621";

/// Claims that Entra puts into the token of a person who has signed in, and never into an application's. `scp` names
/// what the person has consented to; the others occur in ID tokens and in access tokens of persons.
const OF_A_PERSON: [&str; 4] = ["scp", "nonce", "preferred_username", "upn"];

/// What a token is used as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// A bearer token (RFC 6750).
    Bearer,
    /// The assertion of a client at the token endpoint (RFC 7523 s2.2).
    Assertion,
}

/// Which tokens of an issuer are accepted, once their signature is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerPolicy {
    /// `iss` must be exactly one of them.
    pub issuers: Vec<String>,
    /// `aud` must name one of them.
    pub audiences: Vec<String>,
    /// `tid`, the directory in Entra, must be this one.
    pub directory: Option<String>,
    /// `sub`, or in Entra's tokens `appid` (v1) or `azp` (v2), must be this: the application that the token was
    /// issued to.
    pub subject: Option<String>,
}

/// Why a token is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// It comes from another issuer.
    Issuer,
    /// It is meant for another audience.
    Audience,
    /// It comes from another directory.
    Directory,
    /// It was issued to another client or subject.
    Subject,
    /// A person has signed in; the claim shows it.
    Person(&'static str),
    /// No claim shows that it was issued to an application.
    NoApplication,
    /// It has no `exp`.
    NoExpiry,
    /// It has expired.
    Expired,
    /// It is not valid yet.
    NotYet,
}

impl fmt::Display for Rejection {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Rejection::Person(claim) => {
                return write!(out, "it stands for a person (`{claim}`) and not for an application");
            }
            Rejection::Issuer => "its issuer (`iss`) is not trusted",
            Rejection::Audience => "its audience (`aud`) is not one that is trusted",
            Rejection::Directory => "its directory (`tid`) is not the trusted one",
            Rejection::Subject => "neither `sub`, `appid` nor `azp` is the trusted subject",
            Rejection::NoApplication => {
                "it is not an application's: `idtyp` must be `app`, or `appid` or `azp` be there and `oid` equal `sub`"
            }
            Rejection::NoExpiry => "it has no expiry (`exp`)",
            Rejection::Expired => "it has expired (`exp`)",
            Rejection::NotYet => "it is not valid yet (`nbf`, `iat`)",
        })
    }
}

impl IssuerPolicy {
    /// Returns whether too many applications can get a token that is accepted: no subject is demanded, and the
    /// audience is not Entra's own. Every application in a directory can get a token for an audience of that
    /// directory, but only Microsoft's own service gets one for the audience of the provisioning service.
    pub fn lacks_subject(&self) -> bool {
        let is_entras =
            |audience: &String| audience.strip_prefix("api://").unwrap_or(audience) == ENTRA_PROVISIONING;
        self.subject.is_none() && !(self.directory.is_some() && self.audiences.iter().all(is_entras))
    }

    /// Returns until when (milliseconds since 1970) the token is accepted: by [`SKEW`] longer than its `exp` says.
    ///
    /// ```
    /// use oauth::{IssuerPolicy, Jwt, Rejection, SKEW, Use, encode, seal};
    /// use serde_json::json;
    ///
    /// let policy = IssuerPolicy {
    ///     issuers: vec!["https://idp.example.com".into()],
    ///     audiences: vec!["scim".into()],
    ///     directory: None,
    ///     subject: Some("app-1".into()),
    /// };
    /// let claims = json!({"iss": "https://idp.example.com", "aud": "scim", "sub": "app-1", "exp": 1_700_000_000});
    /// let jwt = Jwt::parse(&seal(&encode(&json!({"alg": "RS256"}), &claims), b"signature")).unwrap();
    /// assert_eq!(policy.check(&jwt.claims, Use::Bearer, 1_699_999_000_000), Ok(1_700_000_000_000 + SKEW));
    /// assert_eq!(policy.check(&jwt.claims, Use::Bearer, 1_800_000_000_000), Err(Rejection::Expired));
    /// ```
    ///
    /// # Errors
    /// The reason if the token is rejected.
    pub fn check(&self, claims: &Claims, used: Use, now: i64) -> Result<i64, Rejection> {
        let is_one = |of: &[String], text: &str| of.iter().any(|known| known == text);
        if !claims.text("iss").is_some_and(|issuer| is_one(&self.issuers, issuer)) {
            return Err(Rejection::Issuer);
        }
        if !claims.audiences().iter().any(|audience| is_one(&self.audiences, audience)) {
            return Err(Rejection::Audience);
        }
        if self.directory.as_deref().is_some_and(|directory| claims.text("tid") != Some(directory)) {
            return Err(Rejection::Directory);
        }
        if !self.subject.as_deref().is_none_or(|subject| claims.are_of(subject)) {
            return Err(Rejection::Subject);
        }
        // Only Entra's: other issuers may put `scp` into the token of an application.
        if self.directory.is_some() {
            of_an_application(claims, used)?;
        }
        times(claims, now)
    }
}

/// Refuses the tokens that Entra issues to a person who signs in. Every person in a directory can get an ID token for
/// an application there, and its `aud`, `iss` and `tid` are those of the application's own tokens.
///
/// An application's token has its service principal in `oid` and in `sub`
/// (<https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>). The assertion of workload
/// identity federation does not: its `oid` is the customer's workload identity, its `sub` the provisioning service's,
/// and that one must be the trusted subject.
fn of_an_application(claims: &Claims, used: Use) -> Result<(), Rejection> {
    if let Some(claim) = OF_A_PERSON.into_iter().find(|claim| claims.has(claim)) {
        return Err(Rejection::Person(claim));
    }
    let is_said = if claims.has("idtyp") {
        claims.text("idtyp") == Some("app")
    } else {
        let is_named = claims.text("appid").or(claims.text("azp")).is_some();
        let (object, subject) = (claims.text("oid"), claims.text("sub"));
        is_named && (used == Use::Assertion || object.is_some() && object == subject)
    };
    if is_said { Ok(()) } else { Err(Rejection::NoApplication) }
}

fn times(claims: &Claims, now: i64) -> Result<i64, Rejection> {
    let until = claims.time("exp").ok_or(Rejection::NoExpiry)? + SKEW;
    if now >= until {
        return Err(Rejection::Expired);
    }
    // A time that is present but cannot be parsed counts as not yet come.
    let has_come = |name: &str| !claims.has(name) || claims.time(name).is_some_and(|time| time <= now + SKEW);
    if has_come("nbf") && has_come("iat") { Ok(until) } else { Err(Rejection::NotYet) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{IssuerPolicy, Rejection, SKEW, Use};
    use crate::Jwt;
    use crate::jwt::{encode, seal};

    const NOW: i64 = 2_000_000_000_000;

    fn trust() -> IssuerPolicy {
        IssuerPolicy {
            issuers: vec![
                "https://sts.windows.net/d/".into(),
                "https://login.microsoftonline.com/d/v2.0".into(),
            ],
            audiences: vec!["app".into(), "api://app".into()],
            directory: Some("d".into()),
            subject: Some("client".into()),
        }
    }

    fn good() -> Value {
        let second = NOW / 1_000;
        json!({
            "iss": "https://sts.windows.net/d/", "aud": "api://app", "tid": "d", "appid": "client", "sub": "object", "oid": "object",
            "iat": second, "nbf": second, "exp": second + 3_600,
        })
    }

    #[track_caller]
    fn check(claims: &Value) -> Result<i64, Rejection> {
        let jwt = Jwt::parse(&seal(&encode(&json!({"alg": "RS256"}), claims), b"")).unwrap();
        trust().check(&jwt.claims, Use::Bearer, NOW)
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = good();
        claims[name] = value;
        claims
    }

    #[test]
    fn a_token_is_believed_until_its_expiry_and_the_skew() {
        assert_eq!(check(&good()), Ok(NOW + 3_600_000 + SKEW));
        for claims in [
            with("iss", json!("https://login.microsoftonline.com/d/v2.0")),
            with("aud", json!("app")),
            with("aud", json!(["other", "app"])),
            with("idtyp", json!("app")),
            with("exp", json!(NOW / 1_000 - 299)),
            with("nbf", json!(NOW / 1_000 + 300)),
        ] {
            assert!(check(&claims).is_ok(), "{claims}");
        }
    }

    #[test]
    fn what_differs_is_said() {
        for (name, value, distrust) in [
            ("iss", json!("https://sts.windows.net/d"), Rejection::Issuer),
            ("iss", json!(["https://sts.windows.net/d/"]), Rejection::Issuer),
            ("aud", json!("api://app/"), Rejection::Audience),
            ("aud", json!([]), Rejection::Audience),
            ("tid", json!("D"), Rejection::Directory),
            ("tid", Value::Null, Rejection::Directory),
            ("appid", json!("other"), Rejection::Subject),
            ("scp", json!("user_impersonation"), Rejection::Person("scp")),
            ("nonce", json!("1"), Rejection::Person("nonce")),
            ("preferred_username", json!(null), Rejection::Person("preferred_username")),
            ("upn", json!("eve@example.com"), Rejection::Person("upn")),
            ("idtyp", json!("user"), Rejection::NoApplication),
            ("idtyp", json!(["app"]), Rejection::NoApplication),
            ("oid", json!("person"), Rejection::NoApplication),
            ("oid", json!(null), Rejection::NoApplication),
            ("exp", json!("tomorrow"), Rejection::NoExpiry),
            ("exp", json!(NOW / 1_000 - 300), Rejection::Expired),
            ("nbf", json!(NOW / 1_000 + 301), Rejection::NotYet),
            ("iat", json!(NOW / 1_000 + 301), Rejection::NotYet),
            ("nbf", json!("now"), Rejection::NotYet),
        ] {
            assert_eq!(check(&with(name, value.clone())), Err(distrust), "{name} {value}");
        }
    }

    #[test]
    fn an_application_is_named_by_its_type_or_by_its_principal_in_both_claims() {
        let of = |more: &[(&str, Value)], used: Use| {
            let mut claims = good();
            claims["sub"] = json!("client");
            ["appid", "oid"].iter().for_each(|name| drop(claims.as_object_mut().unwrap().remove(*name)));
            more.iter().for_each(|(name, value)| claims[name] = value.clone());
            let jwt = Jwt::parse(&seal(&encode(&json!({"alg": "RS256"}), &claims), b"")).unwrap();
            trust().check(&jwt.claims, used, NOW).map(drop)
        };
        let none = Err(Rejection::NoApplication);
        let (azp, oid, other) = (("azp", json!("a")), ("oid", json!("client")), ("oid", json!("other")));
        for used in [Use::Bearer, Use::Assertion] {
            assert_eq!(of(&[("idtyp", json!("app"))], used), Ok(()));
            assert_eq!(of(&[azp.clone(), oid.clone()], used), Ok(()));
            assert_eq!((of(&[], used), of(std::slice::from_ref(&oid), used)), (none, none));
            assert_eq!(of(&[azp.clone(), oid.clone(), ("idtyp", json!("user"))], used), none);
        }
        // What Microsoft's documentation shows of workload identity federation.
        assert_eq!(
            (of(&[azp.clone(), other.clone()], Use::Bearer), of(&[azp, other], Use::Assertion)),
            (none, Ok(()))
        );
    }

    #[test]
    fn a_subject_is_needed_for_every_audience_but_entras_own_in_a_directory() {
        let lacks = |audiences: &[&str], directory: Option<&str>, subject: Option<&str>| {
            let audiences = audiences.iter().map(|audience| (*audience).to_string()).collect();
            let (directory, subject) = (directory.map(str::to_string), subject.map(str::to_string));
            IssuerPolicy { issuers: Vec::new(), audiences, directory, subject }.lacks_subject()
        };
        let own = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621";
        let of_uri = format!("api://{own}");
        assert!(!lacks(&[own, &of_uri], Some("d"), None));
        assert!(!lacks(&["app"], None, Some("s")));
        assert!(lacks(&["app"], Some("d"), None));
        assert!(lacks(&[own, "app"], Some("d"), None));
        assert!(lacks(&[own], None, None));
    }

    #[test]
    fn directory_and_subject_are_demanded_only_if_they_are_set() {
        let open = IssuerPolicy { directory: None, subject: None, ..trust() };
        let claims = json!({"iss": "https://sts.windows.net/d/", "aud": "app", "exp": NOW / 1_000 + 1});
        let jwt = Jwt::parse(&seal(&encode(&json!({"alg": "RS256"}), &claims), b"")).unwrap();
        assert_eq!(open.check(&jwt.claims, Use::Bearer, NOW), Ok(NOW + 1_000 + SKEW));
    }
}
