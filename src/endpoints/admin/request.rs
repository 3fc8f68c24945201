//! A request to the administration, as its handlers receive it.

use crate::context::RequestContext;

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
}
