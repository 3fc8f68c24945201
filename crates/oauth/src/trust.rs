//! What is asked of a token that somebody else has issued: RFC 7519 s4.1, RFC 8725 s3, and for Entra the directory.

use std::fmt;

use crate::Claims;

/// Milliseconds by which the issuer's clock may differ from ours. Microsoft's own libraries allow as much.
pub const SKEW: i64 = 300_000;

/// Which tokens are believed, once their signature is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// `iss` has to be one of them, to the letter.
    pub issuers: Vec<String>,
    /// `aud` has to name one of them.
    pub audiences: Vec<String>,
    /// `tid`, the directory in Entra, has to be this one.
    pub directory: Option<String>,
    /// `sub`, or in Entra's tokens `appid` (v1) or `azp` (v2), has to be this: whom the token was given to.
    pub subject: Option<String>,
}

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distrust {
    /// Another issuer.
    Issuer,
    /// It is meant for somebody else.
    Audience,
    /// Another directory.
    Directory,
    /// Given to somebody else.
    Subject,
    /// A person signed in, and an application acts for them.
    Delegated,
    /// It says not until when it holds.
    NoExpiry,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYet,
}

impl fmt::Display for Distrust {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Distrust::Issuer => "its issuer (`iss`) is not trusted",
            Distrust::Audience => "its audience (`aud`) is not one that is trusted",
            Distrust::Directory => "its directory (`tid`) is not the trusted one",
            Distrust::Subject => "neither `sub`, `appid` nor `azp` is the trusted subject",
            Distrust::Delegated => "it stands for a person (`scp`) and not for an application",
            Distrust::NoExpiry => "it has no expiry (`exp`)",
            Distrust::Expired => "it has expired (`exp`)",
            Distrust::NotYet => "it is not valid yet (`nbf`, `iat`)",
        })
    }
}

impl Trust {
    /// Until when (milliseconds since 1970) the token is believed.
    ///
    /// # Errors
    /// Why it is not.
    pub fn check(&self, claims: &Claims, now: i64) -> Result<i64, Distrust> {
        let is_one = |of: &[String], text: &str| of.iter().any(|known| known == text);
        if !claims.text("iss").is_some_and(|issuer| is_one(&self.issuers, issuer)) {
            return Err(Distrust::Issuer);
        }
        if !claims.audiences().iter().any(|audience| is_one(&self.audiences, audience)) {
            return Err(Distrust::Audience);
        }
        if self.directory.as_deref().is_some_and(|directory| claims.text("tid") != Some(directory)) {
            return Err(Distrust::Directory);
        }
        if !self.subject.as_deref().is_none_or(|subject| claims.are_of(subject)) {
            return Err(Distrust::Subject);
        }
        // Entra's alone: elsewhere `scp` may be said of an application too.
        if self.directory.is_some() && claims.has("scp") {
            return Err(Distrust::Delegated);
        }
        times(claims, now)
    }
}

fn times(claims: &Claims, now: i64) -> Result<i64, Distrust> {
    let until = claims.time("exp").ok_or(Distrust::NoExpiry)? + SKEW;
    if now >= until {
        return Err(Distrust::Expired);
    }
    // A time that is there and cannot be read is one that has not come.
    let has_come = |name: &str| !claims.has(name) || claims.time(name).is_some_and(|time| time <= now + SKEW);
    if has_come("nbf") && has_come("iat") { Ok(until) } else { Err(Distrust::NotYet) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Distrust, SKEW, Trust};
    use crate::Jwt;
    use crate::jwt::{encode, seal};

    const NOW: i64 = 2_000_000_000_000;

    fn trust() -> Trust {
        Trust {
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
            "iss": "https://sts.windows.net/d/", "aud": "api://app", "tid": "d", "appid": "client", "sub": "object",
            "iat": second, "nbf": second, "exp": second + 3_600,
        })
    }

    #[track_caller]
    fn check(claims: &Value) -> Result<i64, Distrust> {
        let jwt = Jwt::parse(&seal(&encode(&json!({"alg": "RS256"}), claims), b"")).unwrap();
        trust().check(&jwt.claims, NOW)
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
            with("sub", json!("client")),
            with("exp", json!(NOW / 1_000 - 299)),
            with("nbf", json!(NOW / 1_000 + 300)),
        ] {
            assert!(check(&claims).is_ok(), "{claims}");
        }
    }

    #[test]
    fn what_differs_is_said() {
        for (name, value, distrust) in [
            ("iss", json!("https://sts.windows.net/d"), Distrust::Issuer),
            ("iss", json!(["https://sts.windows.net/d/"]), Distrust::Issuer),
            ("aud", json!("api://app/"), Distrust::Audience),
            ("aud", json!([]), Distrust::Audience),
            ("tid", json!("D"), Distrust::Directory),
            ("tid", Value::Null, Distrust::Directory),
            ("appid", json!("other"), Distrust::Subject),
            ("scp", json!("user_impersonation"), Distrust::Delegated),
            ("exp", json!("tomorrow"), Distrust::NoExpiry),
            ("exp", json!(NOW / 1_000 - 300), Distrust::Expired),
            ("nbf", json!(NOW / 1_000 + 301), Distrust::NotYet),
            ("iat", json!(NOW / 1_000 + 301), Distrust::NotYet),
            ("nbf", json!("now"), Distrust::NotYet),
        ] {
            assert_eq!(check(&with(name, value.clone())), Err(distrust), "{name} {value}");
        }
    }

    #[test]
    fn directory_and_subject_are_asked_for_only_where_they_are_set() {
        let open = Trust { directory: None, subject: None, ..trust() };
        let claims = json!({"iss": "https://sts.windows.net/d/", "aud": "app", "exp": NOW / 1_000 + 1});
        let jwt = Jwt::parse(&seal(&encode(&json!({"alg": "RS256"}), &claims), b"")).unwrap();
        assert_eq!(open.check(&jwt.claims, NOW), Ok(NOW + 1_000 + SKEW));
    }
}
