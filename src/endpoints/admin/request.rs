//! A request to the administration, as its handlers receive it.

use scim::{Instant, ScimError};

use crate::context::RequestContext;
use crate::manage::bounds::Bounds;

/// What an administrator asks for.
pub(super) struct AdminRequest<'a> {
    pub(super) context: &'a RequestContext,
    pub(super) method: &'a str,
    /// Scheme and host, for Tenant URLs.
    pub(super) origin: &'a str,
    pub(super) query: &'a str,
}

impl AdminRequest<'_> {
    /// Returns a parameter of the query. Names and cursors contain no characters that a URL would escape.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// Returns a parameter, unless it is empty.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        self.parameter(name).filter(|value| !value.is_empty())
    }

    /// Returns a parameter that is a time; its colons may be escaped.
    pub(super) fn time(&self, name: &str) -> Result<Option<Instant>, ScimError> {
        let Some(text) = self.given(name) else { return Ok(None) };
        let time = Instant::parse(&text.replace("%3A", ":").replace("%3a", ":"));
        time.map(Some).ok_or_else(|| {
            ScimError::new(400, format!("`{name}` is not a time such as `2030-01-31T00:00:00Z`"))
        })
    }

    /// Returns a parameter that is a number.
    pub(super) fn number(&self, name: &str, bounds: Bounds) -> Result<Option<i64>, ScimError> {
        let Some(text) = self.given(name) else { return Ok(None) };
        bounds.parse(text).map(Some).ok_or_else(|| bounds.refusal(name))
    }
}
