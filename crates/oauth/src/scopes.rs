//! Scopes: what a credential may do (RFC 6749 s3.3).
//!
//! What lives here: their names, and how a client's request for scopes is met. What does not: which requests need which scope
//! (the Worker's endpoints).

use std::fmt;

use crate::{ErrorCode, TokenError};

/// Reads a tenant's directory.
const READ: u8 = 1;
/// Changes it.
const WRITE: u8 = 2;

/// Follows its events.
const FOLLOW: u8 = 4;
/// Looks people up at sign-in.
const LOOK_UP: u8 = 8;

/// The scopes, by name, and what each may do. A scope comes before those that are a part of it.
const NAMES: [(&str, u8); 4] =
    [("scim", READ | WRITE), ("scim:read", READ), ("events", FOLLOW), ("lookup", LOOK_UP)];

/// What a credential may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// All of SCIM: the scope of a credential for which no other was given.
    pub const SCIM: Scopes = Scopes(READ | WRITE);

    /// Parses the scopes that an administrator gives to a credential.
    ///
    /// # Errors
    /// Names the scope that is unknown, or says that none was given.
    pub fn parse<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Scopes, String> {
        let mut scopes = Scopes(0);
        for name in names {
            scopes.0 |= match power(name) {
                Some(power) => power,
                None => {
                    let known = "known are `scim`, `scim:read`, `events` and `lookup`";
                    return Err(format!("`{name}` is not a scope; {known}"));
                }
            };
        }
        if scopes.0 == 0 { Err("at least one scope is needed".to_string()) } else { Ok(scopes) }
    }

    /// Parses scopes as they are stored or signed. An unknown name, perhaps of a later release, allows nothing.
    pub fn from_stored(text: &str) -> Scopes {
        Scopes(text.split(' ').filter_map(power).fold(0, |all, one| all | one))
    }

    /// Returns whether a credential with these scopes may read the directory.
    pub fn may_read(self) -> bool {
        self.0 & READ != 0
    }

    /// Returns whether a credential with these scopes may change the directory.
    pub fn may_write(self) -> bool {
        self.0 & WRITE != 0
    }

    /// Returns whether a credential with these scopes may follow the events of the directory.
    pub fn may_follow(self) -> bool {
        self.0 & FOLLOW != 0
    }

    /// Returns whether a credential with these scopes may look people up at sign-in.
    pub fn may_look_up(self) -> bool {
        self.0 & LOOK_UP != 0
    }

    /// Returns what both of them allow.
    pub fn intersection(self, other: Scopes) -> Scopes {
        Scopes(self.0 & other.0)
    }

    /// Returns the scopes that an access token gets for a client that has these and sends that `scope`.
    ///
    /// ```
    /// use oauth::Scopes;
    ///
    /// let granted = Scopes::SCIM.grant(Some("scim:read")).unwrap();
    /// assert!(granted.may_read() && !granted.may_write());
    /// ```
    ///
    /// RFC 6749 s3.3: "The authorization server MAY fully or partially ignore the scope requested by the client". It is ignored if it
    /// names nothing that is known here: Entra sends `api://<application>/.default` or what an administrator has entered.
    ///
    /// # Errors
    /// `invalid_scope` if it names what is known here, but nothing of what the client has.
    pub fn grant(self, requested: Option<&str>) -> Result<Scopes, TokenError> {
        let names = || requested.unwrap_or_default().split(' ');
        if !names().any(|name| power(name).is_some()) {
            return Ok(self);
        }
        let had = names().filter_map(power).filter(|power| self.0 & power == *power);
        match had.fold(0, |all, one| all | one) {
            0 => Err(TokenError {
                status: 400,
                code: ErrorCode::InvalidScope,
                description: "the client does not have the scope that it asks for".into(),
            }),
            granted => Ok(Scopes(granted)),
        }
    }

    /// Returns the shortest list of names for these scopes.
    pub fn names(self) -> Vec<&'static str> {
        let mut left = self.0;
        let mut names = Vec::new();
        for (name, power) in NAMES {
            if left & power == power {
                left &= !power;
                names.push(name);
            }
        }
        names
    }
}

/// The form in which scopes are stored and sent: names with blanks between them.
impl fmt::Display for Scopes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.names().join(" "))
    }
}

fn power(name: &str) -> Option<u8> {
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, power)| *power)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Scopes;

    proptest! {
        #[test]
        fn no_request_gets_more_than_the_client_has(
            has in "(scim |scim:read |events |lookup ){0,4}",
            asks in prop_oneof!["( |scim|:read|scim:read|events|lookup|x){0,6}", ".*"],
        ) {
            let has = Scopes::from_stored(&has);
            if let Ok(granted) = has.grant(Some(&asks)) {
                prop_assert_eq!(granted.intersection(has), granted);
                prop_assert_eq!(Scopes::from_stored(&granted.to_string()), granted);
            }
        }
    }

    const READ: &str = "scim:read";

    fn parse(names: &[&str]) -> Result<String, String> {
        Scopes::parse(names.iter().copied()).map(|scopes| scopes.to_string())
    }

    #[test]
    fn known_names_are_taken_and_others_are_named() {
        for (names, scopes) in [
            (&["scim"][..], "scim"),
            (&[READ], READ),
            (&["scim", READ], "scim"),
            (&[READ, READ], READ),
            (&["lookup", "events"], "events lookup"),
            (&["events", READ], "scim:read events"),
        ] {
            assert_eq!(parse(names).as_deref(), Ok(scopes));
            assert_eq!(Scopes::from_stored(scopes).to_string(), scopes);
        }
        for (names, refusal) in [
            (&[][..], "at least one scope is needed"),
            (&["SCIM"], "`SCIM` is not a scope; known are `scim`, `scim:read`, `events` and `lookup`"),
            (&["scim", ""], "`` is not a scope; known are `scim`, `scim:read`, `events` and `lookup`"),
        ] {
            assert_eq!(parse(names), Err(refusal.to_string()));
        }
    }

    #[test]
    fn reading_is_a_part_of_scim_and_a_name_that_is_not_known_allows_nothing() {
        let may = |text: &str| (Scopes::from_stored(text).may_read(), Scopes::from_stored(text).may_write());
        assert_eq!(may("scim"), (true, true));
        assert_eq!(may(READ), (true, false));
        assert_eq!(may("scim:read events"), (true, false));
        for text in ["", "event", "scim:write", "SCIM", "scimscim:read"] {
            assert_eq!(may(text), (false, false), "{text}");
        }
    }

    #[test]
    fn following_and_looking_up_are_apart_from_reading() {
        let may = |text: &str| {
            let scopes = Scopes::from_stored(text);
            (scopes.may_read(), scopes.may_follow(), scopes.may_look_up())
        };
        assert_eq!(may("scim"), (true, false, false));
        assert_eq!(may("events"), (false, true, false));
        assert_eq!(may("lookup"), (false, false, true));
        assert_eq!(may("scim:read events lookup"), (true, true, true));
    }

    #[test]
    fn a_client_gets_what_it_asks_for_and_has() {
        let grant = |has: &str, asks: Option<&str>| {
            Scopes::from_stored(has).grant(asks).map(|scopes| scopes.to_string()).map_err(|error| error.code)
        };
        for has in ["scim", READ] {
            for asks in [None, Some(""), Some("api://app/.default"), Some("openid offline_access")] {
                assert_eq!(grant(has, asks).as_deref(), Ok(has), "{asks:?}");
            }
            assert_eq!(grant(has, Some(READ)).as_deref(), Ok(READ));
            assert_eq!(grant(has, Some("scim scim:read")).as_deref(), Ok(has));
            assert!(grant(has, Some("events")).is_err());
        }
        assert_eq!(grant("scim", Some("openid scim")).as_deref(), Ok("scim"));
        assert!(grant(READ, Some("scim")).is_err());
    }
}
