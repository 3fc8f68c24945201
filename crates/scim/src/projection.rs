//! Which attributes a response carries: `attributes` and `excludedAttributes` against the `returned`
//! characteristic (RFC 7644 s3.9, RFC 7643 s7).

use serde_json::{Map, Value};

use crate::path::{AttrPath, Target};
use crate::schema::{Attribute, ResourceType, Returned, Schema};
use crate::{Dialect, Kind};

/// What the client wants to see.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Projection {
    /// All that is returned by default.
    #[default]
    Default,
    /// These and what is always returned.
    Only(Vec<AttrPath>),
    /// The default less these.
    Except(Vec<AttrPath>),
}

/// How much of an attribute is shown.
#[derive(Debug, PartialEq)]
enum Extent {
    Whole,
    None,
    /// These sub-attributes only, or all but these.
    Part(Vec<String>, bool),
}

impl Projection {
    /// Reads the two parameters; each is a list with commas between. Names that name nothing select nothing.
    pub fn new(attributes: Option<&str>, excluded: Option<&str>) -> Projection {
        let paths =
            |list: &str| list.split(',').filter_map(|path| AttrPath::parse(path.trim())).collect::<Vec<_>>();
        match (attributes.map(paths), excluded.map(paths)) {
            (Some(only), _) if !only.is_empty() => Projection::Only(only),
            (_, Some(except)) if !except.is_empty() => Projection::Except(except),
            _ => Projection::Default,
        }
    }

    /// Whether the client named attributes at all: a PATCH is answered with them then (RFC 7644 s3.5.2).
    pub fn is_explicit(&self) -> bool {
        matches!(self, Projection::Only(_))
    }

    /// Whether the resource's relation to others is shown, `members` of a group or `groups` of a user, so that
    /// it is read only where it is.
    pub fn shows_relation(&self, kind: Kind) -> bool {
        let name = match kind {
            Kind::User => "groups",
            Kind::Group => "members",
        };
        let names = |path: &AttrPath| path.name.eq_ignore_ascii_case(name);
        match self {
            Projection::Default => true,
            Projection::Only(paths) => paths.iter().any(names),
            Projection::Except(paths) => !paths.iter().any(|path| names(path) && path.sub.is_none()),
        }
    }

    /// The value as the response shows it; None where it does not show it.
    pub(crate) fn apply(
        &self,
        of: &ResourceType,
        extension: Option<&Schema>,
        attribute: &Attribute,
        value: &Value,
    ) -> Option<Value> {
        match self.extent(of, extension, attribute) {
            Extent::Whole => Some(value.clone()),
            Extent::None => None,
            Extent::Part(subs, shown) => {
                let part = part(value, &|key| subs.iter().any(|sub| sub.eq_ignore_ascii_case(key)) == shown);
                Some(part).filter(|part| !is_empty(part))
            }
        }
    }

    /// The extension as the response shows it; None where nothing of it is shown.
    pub(crate) fn apply_extension(&self, of: &ResourceType, urn: &str, value: &Value) -> Option<Value> {
        let attributes = value.as_object()?;
        let mut shown = Map::new();
        for (name, value) in attributes {
            let kept = match of.extension(urn) {
                Some(schema) => self.apply(of, Some(schema), schema.attribute(name)?, value),
                None => self.shows_undeclared(of, urn, name).then(|| value.clone()),
            };
            shown.extend(kept.map(|value| (name.clone(), value)));
        }
        (!shown.is_empty()).then_some(Value::Object(shown))
    }

    fn extent(&self, of: &ResourceType, extension: Option<&Schema>, attribute: &Attribute) -> Extent {
        match (attribute.returned, self) {
            (Returned::Always, _) => Extent::Whole,
            (Returned::Never, _) => Extent::None,
            (Returned::Default, Projection::Default) => Extent::Whole,
            (Returned::Request, Projection::Default | Projection::Except(_)) => Extent::None,
            (_, Projection::Only(paths)) => match named(paths, of, extension, attribute) {
                Named::No => Extent::None,
                Named::Whole => Extent::Whole,
                Named::Part(subs) => Extent::Part(subs, true),
            },
            (_, Projection::Except(paths)) => match named(paths, of, extension, attribute) {
                Named::No => Extent::Whole,
                Named::Whole => Extent::None,
                Named::Part(subs) => Extent::Part(subs, false),
            },
        }
    }

    fn shows_undeclared(&self, of: &ResourceType, urn: &str, name: &str) -> bool {
        let names = |path: &AttrPath| match path.resolve(of, Dialect::Tolerant) {
            Ok(Target::UndeclaredExtension(other)) => other.eq_ignore_ascii_case(urn),
            Ok(Target::Undeclared { urn: other, name: other_name, .. }) => {
                other.eq_ignore_ascii_case(urn) && other_name.eq_ignore_ascii_case(name)
            }
            _ => false,
        };
        match self {
            Projection::Default => true,
            Projection::Only(paths) => paths.iter().any(names),
            Projection::Except(paths) => !paths.iter().any(names),
        }
    }
}

enum Named {
    No,
    Whole,
    Part(Vec<String>),
}

fn named(paths: &[AttrPath], of: &ResourceType, extension: Option<&Schema>, attribute: &Attribute) -> Named {
    let mut subs = Vec::new();
    for path in paths {
        match path.resolve(of, Dialect::Tolerant) {
            Ok(Target::Extension(schema)) if Some(schema) == extension => return Named::Whole,
            Ok(Target::Declared { extension: other, attribute: named, sub })
                if other == extension && named == attribute =>
            {
                match sub {
                    None => return Named::Whole,
                    Some(sub) => subs.push(sub.name.clone()),
                }
            }
            _ => {}
        }
    }
    if subs.is_empty() { Named::No } else { Named::Part(subs) }
}

/// The value with those sub-attributes only that `keep` takes.
fn part(value: &Value, keep: &dyn Fn(&str) -> bool) -> Value {
    match value {
        Value::Array(elements) => {
            elements.iter().map(|element| part(element, keep)).filter(|element| !is_empty(element)).collect()
        }
        Value::Object(members) => {
            let kept = members.iter().filter(|(key, _)| keep(key));
            Value::Object(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
        }
        other => other.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}
