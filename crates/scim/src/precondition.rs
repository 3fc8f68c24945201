//! Conditional requests (RFC 7644 s3.14, RFC 9110 s13.1).

use crate::ScimError;

/// What the headers `If-Match` and `If-None-Match` demand of the resource's version. Versions are compared weakly
/// (RFC 9110 s8.8.3.2): `"7"` and `W/"7"` are the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Precondition {
    matches: Option<Tags>,
    none_match: Option<Tags>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Tags {
    /// `*`: any version.
    Any,
    /// These versions. A tag that this service never issued adds none.
    Versions(Vec<i64>),
}

impl Precondition {
    /// Parses the headers' values.
    ///
    /// ```
    /// let precondition = scim::Precondition::new(Some("W/\"7\""), None);
    /// assert!(precondition.check(7).is_ok());
    /// assert_eq!(precondition.check(8).unwrap_err().status, 412);
    /// ```
    pub fn new(if_match: Option<&str>, if_none_match: Option<&str>) -> Precondition {
        Precondition { matches: if_match.map(Tags::parse), none_match: if_none_match.map(Tags::parse) }
    }

    /// Checks that a write may be done on that version.
    ///
    /// # Errors
    /// 412 if it may not.
    pub fn check(&self, version: i64) -> Result<(), ScimError> {
        let is_listed = |tags: &Option<Tags>| tags.as_ref().map(|tags| tags.list(version));
        if is_listed(&self.matches) == Some(false) || is_listed(&self.none_match) == Some(true) {
            return Err(ScimError::precondition_failed());
        }
        Ok(())
    }

    /// Returns whether the client of a GET has that version already.
    ///
    /// # Errors
    /// 412 if the client demands another version.
    pub fn is_not_modified(&self, version: i64) -> Result<bool, ScimError> {
        Precondition { none_match: None, ..self.clone() }.check(version)?;
        Ok(self.none_match.as_ref().is_some_and(|tags| tags.list(version)))
    }

    /// Returns the versions on which a write may be done; None for all except [`Precondition::forbidden`].
    pub fn allowed(&self) -> Option<Vec<i64>> {
        match (&self.matches, &self.none_match) {
            (_, Some(Tags::Any)) => Some(Vec::new()),
            (Some(Tags::Versions(versions)), _) => Some(versions.clone()),
            _ => None,
        }
    }

    /// Returns the versions on which a write may not be done.
    pub fn forbidden(&self) -> Vec<i64> {
        match &self.none_match {
            Some(Tags::Versions(versions)) => versions.clone(),
            _ => Vec::new(),
        }
    }
}

impl Tags {
    fn parse(header: &str) -> Tags {
        if header.trim() == "*" {
            return Tags::Any;
        }
        Tags::Versions(header.split(',').filter_map(version).collect())
    }

    fn list(&self, version: i64) -> bool {
        match self {
            Tags::Any => true,
            Tags::Versions(versions) => versions.contains(&version),
        }
    }
}

/// Returns the version in a tag. `"01"` parses as a number, but this service never writes a version so.
fn version(tag: &str) -> Option<i64> {
    let tag = tag.trim();
    let opaque = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?;
    opaque.parse().ok().filter(|version: &i64| version.to_string() == opaque)
}

#[cfg(test)]
mod tests {
    use super::Precondition;

    #[test]
    fn if_match_demands_one_of_the_versions_that_it_lists() {
        let condition = Precondition::new(Some("W/\"7\", \"8\""), None);
        assert!(condition.check(7).is_ok() && condition.check(8).is_ok());
        assert_eq!(condition.check(9).unwrap_err().status, 412);
        assert_eq!(condition.allowed(), Some(vec![7, 8]));
        assert!(Precondition::new(Some(" * "), None).check(3).is_ok());
        for no_version in ["", "\"01\"", "7", "W/7", "\"x\""] {
            assert!(Precondition::new(Some(no_version), None).check(1).is_err(), "{no_version}");
        }
    }

    #[test]
    fn if_none_match_forbids_writes_and_spares_reads() {
        let condition = Precondition::new(None, Some("W/\"7\""));
        assert!(condition.check(7).is_err() && condition.check(8).is_ok());
        assert_eq!((condition.allowed(), condition.forbidden()), (None, vec![7]));
        assert_eq!(condition.is_not_modified(7), Ok(true));
        assert_eq!(condition.is_not_modified(8), Ok(false));
        let any = Precondition::new(None, Some("*"));
        assert!(any.check(1).is_err());
        assert_eq!(any.allowed(), Some(vec![]));
    }

    #[test]
    fn a_read_of_another_version_than_is_wanted_fails() {
        let condition = Precondition::new(Some("\"1\""), Some("\"2\""));
        assert_eq!(condition.is_not_modified(2).unwrap_err().status, 412);
    }
}
