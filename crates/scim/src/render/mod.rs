//! From an [`Outcome`] to an HTTP response.

mod bulk;
mod error;
mod reference;
mod resource;
mod response;
mod rest;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

pub use error::render_error;
use resource::View;
pub use response::HttpResponse;
pub use rest::Rest;

use crate::bulk::BulkOutcome;
use crate::discovery;
use crate::operation::{Discovery, Outcome, Page};
use crate::projection::{Projection, ResolvedProjection};
use crate::resource::{Resource, etag, location};
use crate::schema::Registry;
use crate::{ScimError, urn};

/// Renders the response to an operation. `base` is the base URL without a slash at its end.
///
/// ```
/// use scim::{Outcome, Projection, Registry};
///
/// let registry = Registry::load().unwrap();
/// let changed = Outcome::Done { version: 2 };
/// let response = scim::render(&changed, &Projection::default(), &registry, "https://scim.example.com/scim/v2");
/// assert_eq!((response.status, response.body), (204, None));
/// assert_eq!(response.headers, [("ETag", "W/\"2\"".to_string())]);
/// ```
pub fn render(outcome: &Outcome, projection: &Projection, registry: &Registry, base: &str) -> HttpResponse {
    let view = Viewer {
        first: projection.resolve(registry.first()),
        others: registry.resource_types().skip(1).map(|of| projection.resolve(of)).collect(),
        registry,
        base,
    };
    let status = outcome.status();
    match outcome {
        Outcome::Created(resource) | Outcome::Found(resource) => view.response(status, resource),
        Outcome::NotModified { version } | Outcome::Done { version } => {
            HttpResponse::empty(status).with("ETag", etag(*version))
        }
        Outcome::Deleted => HttpResponse::empty(status),
        Outcome::Page(page) => {
            let response = HttpResponse::json(status, &ListView { page, view: &view });
            view.with_rest(response, page.resources.last(), "]}]}")
        }
    }
}

/// Renders the result of a bulk request (RFC 7644 s3.7.3).
pub fn render_bulk(outcome: &BulkOutcome, base: &str) -> HttpResponse {
    HttpResponse::json(200, &bulk::response(&outcome.results, base))
}

impl Discovery {
    /// Renders the response. `security_events` are the URNs of the Security Event Tokens that are on (RFC 9967); none if they are
    /// off.
    ///
    /// ```
    /// use scim::{Discovery, Registry};
    ///
    /// let registry = Registry::load().unwrap();
    /// let response = Discovery::OpenApi.render(&registry, "https://scim.example.com/scim/v2", &[]).unwrap();
    /// assert!(response.body.unwrap().contains(r#""openapi":"3.1.0""#));
    /// ```
    ///
    /// # Errors
    /// 404 if the schema that is asked for does not exist.
    pub fn render(
        &self,
        registry: &Registry,
        base: &str,
        security_events: &[&str],
    ) -> Result<HttpResponse, ScimError> {
        let json = discovery::describe(self, registry, base, security_events)?;
        Ok(match self {
            Discovery::OpenApi => HttpResponse::of_type("application/json", 200, &json),
            _ => HttpResponse::json(200, &json),
        })
    }
}

/// How the resources of one response are shown.
struct Viewer<'a> {
    /// Those of the first type of the registry.
    first: ResolvedProjection<'a>,
    /// Those of the other types.
    others: Vec<ResolvedProjection<'a>>,
    registry: &'a Registry,
    base: &'a str,
}

impl Viewer<'_> {
    fn view<'v>(&'v self, resource: &'v Resource) -> View<'v> {
        let of = self.registry.resource_type(resource.kind);
        let projection =
            resource.kind.index().checked_sub(1).and_then(|at| self.others.get(at)).unwrap_or(&self.first);
        View { resource, projection, of, base: self.base }
    }

    /// Renders the response together with what follows after its text, if the last resource has more than was read.
    /// `end` is what stands after the last element.
    fn with_rest(
        &self,
        mut response: HttpResponse,
        last: Option<&Resource>,
        end: &'static str,
    ) -> HttpResponse {
        let Some(last) = last.filter(|last| last.more) else { return response };
        if let (Some(text), Some(shown)) = (&mut response.body, self.view(last).shown()) {
            response.rest = Some(Rest::of(text, end, last, shown, self.base));
        }
        response
    }

    fn response(&self, status: u16, resource: &Resource) -> HttpResponse {
        let location = location(self.base, resource.kind, &resource.id);
        let response = HttpResponse::json(status, &self.view(resource));
        let response = self.with_rest(response, Some(resource), "]}");
        response.with("Location", location).with("ETag", etag(resource.version))
    }
}

/// A ListResponse (RFC 7644 s3.4.2).
struct ListView<'a> {
    page: &'a Page,
    view: &'a Viewer<'a>,
}

impl Serialize for ListView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let views: Vec<View<'_>> =
            self.page.resources.iter().map(|resource| self.view.view(resource)).collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schemas", &[urn::LIST_RESPONSE])?;
        if let Some(total) = self.page.total {
            map.serialize_entry("totalResults", &total)?;
        }
        if let Some(start_index) = self.page.start_index {
            map.serialize_entry("startIndex", &start_index)?;
        }
        map.serialize_entry("itemsPerPage", &views.len())?;
        if let Some(cursor) = &self.page.next_cursor {
            map.serialize_entry("nextCursor", cursor)?;
        }
        map.serialize_entry("Resources", &views)?;
        map.end()
    }
}
