//! Which attributes a response carries: `attributes` and `excludedAttributes` against the `returned`
//! characteristic (RFC 7644 s3.9, RFC 7643 s7).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::extension::Named;
use crate::object::object;
use crate::path::{AttrPath, ResolvedPath};
use crate::schema::{Attribute, ResourceType, Returned, Schema};
use crate::{Dialect, Kind, Memberships, ScimError, attribute_list};

/// What the client wants to see.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Projection {
    /// The attributes that are returned by default.
    #[default]
    Default,
    /// These, and those that are always returned.
    Only(Vec<AttrPath>),
    /// The default without these.
    Except(Vec<AttrPath>),
}

/// How much of an attribute is shown.
pub(crate) enum Visible<'l> {
    Whole,
    None,
    /// Only these sub-attributes if `shown` is true, otherwise all but these.
    Part {
        subs: &'l BTreeSet<&'l str>,
        shown: bool,
    },
}

impl Projection {
    /// Parses the two parameters; each is a list with commas between. Unknown names are ignored.
    ///
    /// # Errors
    /// 400 `invalidValue` if the dialect refuses a list.
    pub fn new(
        attributes: Option<&str>,
        excluded: Option<&str>,
        dialect: Dialect,
    ) -> Result<Projection, ScimError> {
        let given = |name, list: Option<&str>| {
            let list = list.filter(|list| !list.trim().is_empty());
            list.map(|list| attribute_list::read(name, list, dialect)).transpose()
        };
        Ok(match (given("attributes", attributes)?, given("excludedAttributes", excluded)?) {
            (Some(only), _) => Projection::Only(only),
            (_, Some(except)) => Projection::Except(except),
            _ => Projection::Default,
        })
    }

    /// Returns whether the client named attributes at all: the response to a PATCH has a body then (RFC 7644 s3.5.2).
    pub fn is_explicit(&self) -> bool {
        matches!(self, Projection::Only(_))
    }

    /// Returns whether the resource's memberships are shown, `members` of a group or `groups` of a user, so that they
    /// are read only if they are.
    pub fn includes_memberships(&self, kind: Kind) -> bool {
        let core = kind.schema();
        let Some(name) = kind.memberships().map(Memberships::attribute) else { return false };
        let is_core = |path: &AttrPath| path.to_string().eq_ignore_ascii_case(core);
        // The whole attribute, or a part of it.
        let names = |path: &AttrPath| match path.in_core(core) {
            Some((attribute, sub)) if attribute.eq_ignore_ascii_case(name) => Some(sub.is_none()),
            _ => is_core(path).then_some(true),
        };
        match self {
            Projection::Default => true,
            Projection::Only(paths) => paths.iter().any(|path| names(path).is_some()),
            Projection::Except(paths) => !paths.iter().any(|path| names(path) == Some(true)),
        }
    }

    /// Resolves the projection for the resources of one type.
    pub(crate) fn resolve<'r>(&self, of: &'r ResourceType) -> ResolvedProjection<'r> {
        let (rule, paths) = match self {
            Projection::Default => (Rule::Default, &[][..]),
            Projection::Only(paths) => (Rule::Only, paths.as_slice()),
            Projection::Except(paths) => (Rule::Except, paths.as_slice()),
        };
        let mut resolved =
            ResolvedProjection { of, rule, named: BTreeMap::new(), undeclared: BTreeSet::new() };
        for path in paths {
            resolved.add(path);
        }
        resolved
    }
}

/// A projection on one resource type: its paths are looked up once, however many resources are shown.
pub(crate) struct ResolvedProjection<'r> {
    of: &'r ResourceType,
    rule: Rule,
    /// What the projection names of an attribute, by the URN of its extension and its name. None for an attribute's
    /// name is the whole schema.
    named: BTreeMap<(Option<&'r str>, Option<&'r str>), Shown<'r>>,
    /// What the projection names of extensions that no schema declares, in lower case; None for the whole extension.
    undeclared: BTreeSet<(String, Option<String>)>,
}

#[derive(Clone, Copy)]
enum Rule {
    Default,
    Only,
    Except,
}

enum Shown<'r> {
    Whole,
    Part(BTreeSet<&'r str>),
}

impl<'r> ResolvedProjection<'r> {
    fn add(&mut self, path: &AttrPath) {
        match path.resolve(self.of, Dialect::TOLERANT) {
            Some(ResolvedPath::Core) => {
                self.named.insert((None, None), Shown::Whole);
            }
            Some(ResolvedPath::Extension(schema)) => {
                self.named.insert((Some(&schema.id), None), Shown::Whole);
            }
            Some(ResolvedPath::Declared { extension, attribute, sub }) => {
                let key = (extension.map(|schema| schema.id.as_str()), Some(attribute.name.as_str()));
                match (self.named.get_mut(&key), sub) {
                    (Some(Shown::Part(subs)), Some(sub)) => {
                        subs.insert(&sub.name);
                    }
                    (None, Some(sub)) => {
                        self.named.insert(key, Shown::Part(BTreeSet::from([sub.name.as_str()])));
                    }
                    (Some(Shown::Whole), Some(_)) => {}
                    (_, None) => {
                        self.named.insert(key, Shown::Whole);
                    }
                }
            }
            // Only the resource shows which of the two the text names; a resource that has both is shown with both.
            Some(ResolvedPath::Undeclared(path)) => {
                self.undeclared.extend(path.readings(Dialect::TOLERANT).map(|named| match named {
                    Named::Extension(urn) => (urn.to_ascii_lowercase(), None),
                    Named::Attribute { urn, name, .. } => {
                        (urn.to_ascii_lowercase(), Some(name.to_ascii_lowercase()))
                    }
                }));
            }
            None => {}
        }
    }

    /// Returns how much of an attribute the response shows.
    pub(crate) fn visible(&self, extension: Option<&'r Schema>, attribute: &'r Attribute) -> Visible<'_> {
        match (attribute.returned, self.rule) {
            (Returned::Always, _) => return Visible::Whole,
            (Returned::Never, _) => return Visible::None,
            (Returned::Default, Rule::Default) => return Visible::Whole,
            (Returned::Request, Rule::Default | Rule::Except) => return Visible::None,
            (_, Rule::Only | Rule::Except) => {}
        }
        let urn = extension.map(|schema| schema.id.as_str());
        let whole = self.named.get(&(urn, None));
        let named = self.named.get(&(urn, Some(attribute.name.as_str())));
        match (self.rule, whole.or(named)) {
            (Rule::Only, None) | (Rule::Except, Some(Shown::Whole)) => Visible::None,
            (Rule::Only, Some(Shown::Part(subs))) => Visible::Part { subs, shown: true },
            (Rule::Except, Some(Shown::Part(subs))) => Visible::Part { subs, shown: false },
            _ => Visible::Whole,
        }
    }

    /// Returns the extension as the response shows it; None if nothing of it is shown.
    pub(crate) fn extension<'v>(&self, urn: &str, value: &'v Value) -> Option<Cow<'v, Value>> {
        let attributes =
            value.as_object().filter(|attributes| !attributes.is_empty() && self.of.keeps(urn))?;
        let schema = self.of.extension(urn);
        let visible = |name: &str| match schema {
            Some(schema) => schema
                .attribute(name)
                .map_or(Visible::None, |attribute| self.visible(Some(schema), attribute)),
            None if self.shows_undeclared(urn, name) => Visible::Whole,
            None => Visible::None,
        };
        if attributes.keys().all(|name| matches!(visible(name), Visible::Whole)) {
            return Some(Cow::Borrowed(value));
        }
        let shown = |(name, value): (&String, &Value)| Some((name.clone(), visible(name).of(value.clone())?));
        let shown = object(attributes.iter().filter_map(shown));
        (!shown.is_empty()).then_some(Cow::Owned(Value::Object(shown)))
    }

    fn shows_undeclared(&self, urn: &str, name: &str) -> bool {
        let named = || {
            let urn = urn.to_ascii_lowercase();
            let name = Some(name.to_ascii_lowercase());
            self.undeclared.contains(&(urn.clone(), name)) || self.undeclared.contains(&(urn, None))
        };
        match self.rule {
            Rule::Default => true,
            Rule::Only => named(),
            Rule::Except => !named(),
        }
    }
}

impl Visible<'_> {
    /// Returns the shown part of the value; None if nothing is shown. An empty value is shown as it is, if any part
    /// of it would be.
    pub(crate) fn of(&self, value: Value) -> Option<Value> {
        match self {
            Visible::Whole => Some(value),
            Visible::None => None,
            Visible::Part { .. } if is_empty(&value) => Some(value),
            Visible::Part { .. } => {
                Some(part(value, &|key: &str| self.shows(key))).filter(|part| !is_empty(part))
            }
        }
    }

    /// Returns whether a sub-attribute of that name is shown.
    pub(crate) fn shows(&self, sub: &str) -> bool {
        match self {
            Visible::Whole => true,
            Visible::None => false,
            Visible::Part { subs, shown } => {
                subs.iter().any(|named| named.eq_ignore_ascii_case(sub)) == *shown
            }
        }
    }
}

/// Returns the value with those sub-attributes only that `keep` accepts.
fn part(value: Value, keep: &dyn Fn(&str) -> bool) -> Value {
    match value {
        Value::Array(elements) => {
            let parts = elements.into_iter().map(|element| part(element, keep));
            parts.filter(|element| !is_empty(element)).collect()
        }
        Value::Object(mut members) => {
            members.retain(|key, _| keep(key));
            Value::Object(members)
        }
        other => other,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}
