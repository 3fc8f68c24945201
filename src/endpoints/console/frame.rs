//! What surrounds every page.

use console::{Frame, Tenant};

use super::assets;
use super::console_request::ConsoleRequest;
use crate::context::RequestContext;
use crate::visitors::Visitor;

/// Returns what surrounds a page before the sign-in.
pub(super) fn closed(title: &str, context: &RequestContext) -> Frame {
    let [style, script, icon] = assets::addresses();
    Frame { title: title.to_string(), style, script, icon, now: context.now.0, ..Frame::default() }
}

/// Returns what surrounds a page of that person.
pub(super) fn open(
    title: &str,
    section: &'static str,
    asked: &ConsoleRequest<'_>,
    visitor: &Visitor,
) -> Frame {
    Frame {
        section,
        person: Some(visitor.person.clone()),
        is_vendor: visitor.role.is_vendor(),
        may_change: visitor.role.may_change(),
        form_token: visitor.form_token.clone(),
        ..closed(title, asked.context)
    }
}

/// Returns what surrounds a page of a tenant.
pub(super) fn of_tenant(
    title: &str,
    section: &'static str,
    asked: &ConsoleRequest<'_>,
    visitor: &Visitor,
    (id, name): (&str, &str),
) -> Frame {
    let tenant = Some(Tenant { id: id.to_string(), name: name.to_string() });
    Frame { tenant, ..open(title, section, asked, visitor) }
}
