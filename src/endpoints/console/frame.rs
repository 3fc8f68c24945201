//! What surrounds every page.

use console::Frame;

use super::assets;
use crate::visitors::Visitor;

/// Returns what surrounds a page before the sign-in.
pub(super) fn closed(title: &str) -> Frame {
    let (style, script) = assets::addresses();
    Frame { title: title.to_string(), style, script, ..Frame::default() }
}

/// Returns what surrounds a page of that person.
pub(super) fn open(title: &str, section: &'static str, visitor: &Visitor) -> Frame {
    Frame {
        section,
        person: Some(visitor.person.clone()),
        is_vendor: visitor.role.is_vendor(),
        may_change: visitor.role.may_change(),
        form_token: visitor.form_token.clone(),
        ..closed(title)
    }
}
