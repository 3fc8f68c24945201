//! One user or group: its attributes, memberships and history.

use askama::Template;

use super::room;
use crate::activity::HistoryRow;
use crate::filters;
use crate::frame::Frame;
use crate::reference::{Kind, Reference};
use crate::state::State;
use crate::text::{encode, query};

/// The page of one user or group. A user can be erased by a form that is sent to `erase` below its address (`confirm`: its
/// name).
#[derive(Template)]
#[template(path = "directory/resource.html")]
pub struct Resource {
    /// What surrounds the page.
    pub frame: Frame,
    /// Which it is.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// Its name: the userName of a user, the displayName of a group.
    pub name: String,
    /// `active`, `disabled`, or `deleted`.
    pub state: State,
    /// When it last changed.
    pub changed: Option<i64>,
    /// The attributes, each as a path and a value.
    pub attributes: Vec<(String, String)>,
    /// The groups of a user, or the members of a group.
    pub related: Vec<Reference>,
    /// How many there are of those beyond the ones above, in words: `over 900`.
    pub more_related: Option<String>,
    /// How many attributes, and groups or members, `cut` has left out.
    pub left_out: LeftOut,
    /// What changed, newest first.
    pub history: Vec<HistoryRow>,
    /// The cursor of older changes, if there are any.
    pub older: Option<String>,
    /// Why nothing was done, in words.
    pub problem: Option<String>,
}

/// How much a page had no room for.
#[derive(Debug, Clone, Copy, Default)]
pub struct LeftOut {
    /// Attributes.
    pub attributes: usize,
    /// Groups or members.
    pub related: usize,
}

impl Resource {
    /// Returns the page with as much as it has room for: it stays below 30 KB, whatever the resource holds.
    pub fn cut(mut self) -> Resource {
        let (left, attributes) = room::attributes(&mut self.attributes);
        let left = room::history(&mut self.history, left);
        let related = room::related(&mut self.related, left, &self.frame.base());
        Resource { left_out: LeftOut { attributes, related }, ..self }
    }

    fn is_user(&self) -> bool {
        self.kind == Kind::Users
    }

    fn address(&self) -> String {
        format!("{}/{}/{}", self.frame.base(), self.kind.path(), encode(&self.id))
    }

    fn older_page(&self) -> Option<String> {
        let query = |cursor: &String| query(&[("cursor", cursor)]);
        self.older.as_ref().map(|cursor| format!("{}{}#history", self.address(), query(cursor)))
    }
}

#[cfg(test)]
mod tests {
    use askama::Template;

    use super::{LeftOut, Resource};
    use crate::activity::{Difference, HistoryRow};
    use crate::frame::{Frame, Tenant};
    use crate::reference::{Kind, Reference};
    use crate::state::State;

    /// Returns a page whose every part is as long as it may be, of that text.
    fn filled(text: &str) -> Resource {
        let long = text.repeat(2_000);
        let of = |count: usize| std::iter::repeat_n(long.clone(), count);
        let change =
            |text: String| Difference { path: text.clone(), old: Some(text.clone()), new: Some(text) };
        let row = |actor: String| HistoryRow {
            id: "9007199254740991".to_string(),
            at: 0,
            operation: "updated".to_string(),
            actor,
            changes: of(300).map(change).collect(),
            left_out: 0,
            came: 1,
            went: 1,
        };
        let related =
            |name: String| Reference { kind: Some(Kind::Groups), id: "0".repeat(36), name: Some(name) };
        let tenant = Tenant { id: "a".repeat(63), name: long.clone() };
        Resource {
            frame: Frame {
                tenant: Some(tenant),
                person: Some(long.clone()),
                is_vendor: true,
                may_change: true,
                ..Frame::default()
            },
            kind: Kind::Users,
            id: "0".repeat(36),
            name: long.clone(),
            state: State::good("active"),
            changed: Some(0),
            attributes: of(301).map(|text| (text.clone(), text)).collect(),
            related: of(100).map(related).collect(),
            more_related: Some("over 900".to_string()),
            left_out: LeftOut::default(),
            history: of(20).map(row).collect(),
            older: Some("1".repeat(50)),
            problem: None,
        }
    }

    #[test]
    fn a_page_of_long_values_stays_below_30_kb_and_says_what_it_leaves_out() {
        for text in ["<", "@", "ä", "x", "𝕏", "&\u{202e}"] {
            let page = filled(text).cut();
            let LeftOut { attributes, related } = page.left_out;
            assert_eq!(
                (page.attributes.len() + attributes, page.related.len() + related),
                (301, 100),
                "{text}"
            );
            assert!(page.attributes.len() > 5 && page.related.len() > 5, "{text}");
            assert!(page.history.iter().all(|row| row.more() == 300 - row.changes.len()), "{text}");
            let html = page.render().unwrap();
            assert!(html.len() < 30_000, "{text}: {} bytes", html.len());
            assert!(
                html.contains(&format!(
                    "And {attributes} more, for which the page has no room. A SCIM client"
                ))
            );
            assert!(html.contains(&format!("And {related} more, for which the page has no room.</p>")));
        }
    }

    #[test]
    fn what_a_page_has_room_for_is_shown_whole() {
        let mut page = filled("x");
        page.attributes = vec![("userName".to_string(), "x".repeat(600))];
        page.related.iter_mut().for_each(|group| group.name = Some("Engineering".to_string()));
        page.related.truncate(50);
        page.history.iter_mut().for_each(|row| row.changes.clear());
        let page = page.cut();
        assert_eq!((page.attributes[0].1.len(), page.related.len()), (600, 50));
        assert!(!page.render().unwrap().contains("no room"));
    }
}
