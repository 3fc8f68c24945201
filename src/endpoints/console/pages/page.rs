//! A request to a page of one tenant, as each of these pages receives it.

use console::{Banner, Frame};
use database::Failure;
use directory::activity::{self, Departures};
use oauth::Form;
use scim::ScimError;

use crate::endpoints::console::console_request::ConsoleRequest;
use crate::endpoints::console::frame;
use crate::endpoints::console::render;
use crate::http::Response;
use crate::manage::by::By;
use crate::visitors::Visitor;

/// A request to a page of one tenant, by a person who may see it.
pub(super) struct Page<'a> {
    /// What the browser asks for.
    pub(super) asked: &'a ConsoleRequest<'a>,
    /// Who asks.
    pub(super) visitor: &'a Visitor,
    /// What was sent; empty if the request is a GET. It comes from a page of this person.
    pub(super) form: &'a Form,
    /// The id of the tenant.
    pub(super) tenant: &'a str,
    /// Its display name.
    pub(super) name: &'a str,
}

impl Page<'_> {
    /// Returns what surrounds the page.
    pub(super) fn frame(&self, title: &str, section: &'static str) -> Frame {
        frame::of_tenant(title, section, self.asked, self.visitor, (self.tenant, self.name))
    }

    /// Returns who does what the request asks for.
    pub(super) fn by(&self) -> By<'_> {
        by(self.visitor)
    }

    /// Returns what surrounds the page, with the warning of mass deprovisioning if there is one. A page reads it at once with what it
    /// shows.
    pub(super) async fn warned_frame(&self, title: &str, section: &'static str) -> Result<Frame, Failure> {
        let context = self.asked.context;
        let gone = activity::warning(context.directory(), self.tenant, context.now).await?;
        let mut frame = self.frame(title, section);
        if let Some(gone) = gone {
            frame.banners.push(departed(&gone, &frame));
        }
        Ok(frame)
    }

    /// Returns whether the request changes something.
    pub(super) fn is_post(&self) -> bool {
        self.asked.method == "POST"
    }

    /// Returns a field of the form without the blanks around it; None if it is empty.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.form.get(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// Sends the browser to a page of the tenant.
    pub(super) fn go_to(&self, below: &str) -> Response {
        render::see_other(&format!("/console/{}/{below}", self.tenant))
    }
}

/// Returns the person of a request as the audit names them.
pub(super) fn by(visitor: &Visitor) -> By<'_> {
    By { person: &visitor.person, role: visitor.role.name() }
}

/// Returns the warning that these users went.
pub(super) fn departed(gone: &Departures, frame: &Frame) -> Banner {
    let shown = console::Departures { users: gone.users, of: gone.of, since: gone.since.0 };
    Banner::departures(&shown, &frame.base())
}

/// Returns the refusal of an address that is not a page, or not one that this person may see.
pub(super) fn no_page() -> Failure {
    ScimError::not_found("the console has no such page").into()
}
