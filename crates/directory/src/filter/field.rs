//! Where the values of a field are: a column, a place in the JSON of `search`, or rows of another table.

use scim::{Attribute, Field, Kind, Memberships, Schema};

use super::groups::{Way, display_of_group, endpoint_of_group};
use super::needs::Needs;

/// Where values are.
pub(super) enum Source {
    /// One value at most.
    Scalar(String),
    /// Any number of values: those of `value` over the rows of `from`. `kind` is the JSON type of a value if no
    /// schema declares it; `first` orders the rows so that the one to sort by is the first.
    Rows { from: String, value: String, kind: Option<String>, first: &'static str },
    /// The values of the groups `e` of a user.
    Groups(String),
}

/// The rows of a value path's elements, and how a sub-attribute is read from one of them.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Elements {
    /// Elements of a JSON array.
    Json,
    /// Members of the group `r`.
    Members,
    /// Groups that the user `r` is in, directly or indirectly.
    Groups(Way),
    /// URNs of the schemas of `r`.
    Schemas,
}

impl Elements {
    pub(super) fn of(kind: Kind, extension: bool, attribute: &Attribute) -> Elements {
        match kind.memberships() {
            Some(Memberships::Owner) if !extension && attribute.is("members") => Elements::Members,
            Some(Memberships::Member) if !extension && attribute.is("groups") => {
                Elements::Groups(Way::Direct)
            }
            _ if !extension && attribute.is("schemas") => Elements::Schemas,
            _ => Elements::Json,
        }
    }

    /// Returns the FROM that yields the elements as `e`.
    pub(super) fn from(self, path: &[&str], kind: Kind, needs: &mut Needs) -> String {
        match self {
            Elements::Json => format!("json_each(r.search, {}) AS e", needs.path(path)),
            Elements::Members => "memberships AS e".to_string(),
            Elements::Groups(_) => "resources AS e".to_string(),
            Elements::Schemas => schemas(kind),
        }
    }

    /// Returns the condition that joins `e` to `r`.
    pub(super) fn join(self) -> &'static str {
        match self {
            Elements::Members => "e.tenant = +?1 AND e.group_id = r.id AND ",
            Elements::Groups(_) => "e.tenant = +?1 AND e.type = 'Group' AND ",
            Elements::Json | Elements::Schemas => "",
        }
    }

    /// Returns the order in which the element to sort by comes first.
    fn first(self, attribute: &Attribute) -> &'static str {
        match self {
            Elements::Json if attribute.sub_attribute("primary").is_some() => {
                "coalesce(e.value->>'primary', 0) DESC, e.key"
            }
            Elements::Json => "e.key",
            Elements::Members => "e.member_id",
            Elements::Groups(_) => "e.id",
            Elements::Schemas => "e.value",
        }
    }

    /// Returns the value of a sub-attribute of `e`, or of `e` itself.
    pub(super) fn value(self, kind: Kind, sub: Option<&Attribute>, needs: &mut Needs) -> String {
        let name = sub.map(|sub| sub.name.as_str());
        match (self, name) {
            (Elements::Json, Some(name)) => format!("(e.value->>{})", needs.path(&[name])),
            (Elements::Json | Elements::Schemas, _) => "e.value".into(),
            (Elements::Members, Some("value")) => "e.member_id".into(),
            (Elements::Members, Some("type")) => "lower(e.member_type)".into(),
            (Elements::Members, Some("display")) => "(SELECT json_extract(named.search, '$.displayName') \
                FROM resources AS named WHERE named.tenant = +?1 AND named.type = e.member_type \
                AND named.id = e.member_id)"
                .into(),
            (Elements::Groups(_), Some("value")) => "e.id".into(),
            (Elements::Groups(way), Some("type")) => format!("'{}'", way.name()),
            (Elements::Groups(_), Some("display")) => format!("e.{}", display_of_group(kind)),
            // `$ref`: a URL, of which a row has only the path.
            (Elements::Members, _) => format!("('/' || {} || '/' || e.member_id)", endpoint_of_member(kind)),
            (Elements::Groups(_), _) => format!("('/{}/' || e.id)", endpoint_of_group(kind)),
        }
    }
}

/// Returns where the values of a field of `r` are, or those of a field of an element, as `elements` says.
pub(super) fn source(kind: Kind, field: &Field<'_>, elements: Elements, needs: &mut Needs) -> Source {
    match field {
        Field::Sub(sub) => Source::Scalar(elements.value(kind, Some(sub), needs)),
        Field::Itself(_) => Source::Scalar(elements.value(kind, None, needs)),
        Field::Undeclared { urn, name, sub } => undeclared(urn, name, sub.as_deref(), needs),
        Field::Declared { extension, attribute, sub } => {
            if extension.is_none()
                && let Some(column) = column(kind, attribute, *sub)
            {
                return Source::Scalar(column);
            }
            let path = path(*extension, attribute);
            let elements = Elements::of(kind, extension.is_some(), attribute);
            if !attribute.multi_valued {
                let path: Vec<&str> = path.into_iter().chain(sub.map(|sub| sub.name.as_str())).collect();
                return Source::Scalar(format!("(r.search->>{})", needs.path(&path)));
            }
            let value = elements.value(kind, *sub, needs);
            if let Elements::Groups(_) = elements {
                return Source::Groups(value);
            }
            let from = elements.from(&path, kind, needs);
            let from = format!("{from} WHERE {}", elements.join());
            Source::Rows { from, value, kind: None, first: elements.first(attribute) }
        }
    }
}

/// Returns the FROM that yields everything within a value in the JSON of `search`, if the value may be more than a
/// text or a number.
pub(super) fn nodes(kind: Kind, field: &Field<'_>, needs: &mut Needs) -> Option<String> {
    match field {
        Field::Declared { extension, attribute, sub: None } if attribute.is_complex() => {
            let in_json = Elements::of(kind, extension.is_some(), attribute) == Elements::Json;
            let in_json = in_json && (extension.is_some() || !attribute.is("meta"));
            in_json.then(|| format!("json_tree(r.search, {})", needs.path(&path(*extension, attribute))))
        }
        Field::Undeclared { urn, name, sub: None } => {
            Some(format!("json_tree(r.search, {})", undeclared_path(urn, name, needs)))
        }
        Field::Undeclared { urn, name, sub: Some(sub) } => {
            let elements = undeclared_elements(urn, name, needs);
            let path = needs.path(&[&sub.to_ascii_lowercase()]);
            Some(format!("{elements} CROSS JOIN json_tree(iif(e.type = 'object', e.value, '{{}}'), {path})"))
        }
        _ => None,
    }
}

/// Returns SQL of the endpoint of the member `e`.
fn endpoint_of_member(kind: Kind) -> String {
    let case = |kind: Kind| format!("WHEN '{}' THEN '{}' ", kind.name(), kind.endpoint());
    format!("CASE e.member_type {}END", kind.member_types().map(case).collect::<String>())
}

/// Returns the column of an attribute that has one.
fn column(kind: Kind, attribute: &Attribute, sub: Option<&Attribute>) -> Option<String> {
    let sub = sub.map(|sub| sub.name.as_str());
    let column = match (attribute.name.as_str(), sub) {
        (name, _) if kind.unique() == Some(name) => "r.unique_key",
        ("displayName", _) => "r.display_key",
        ("id", _) => "r.id",
        ("externalId", _) => "r.external_id",
        ("meta", Some("created")) => "r.created",
        ("meta", Some("lastModified")) => "r.last_modified",
        ("meta", Some("version")) => "('W/\"' || r.version || '\"')",
        // A URL, of which a row has only the path.
        ("meta", Some("location")) => return Some(format!("('/{}/' || r.id)", kind.endpoint())),
        ("meta", _) => "r.type",
        _ => return None,
    };
    Some(column.to_string())
}

/// Returns the URNs of `schemas`, folded: the resource type's own, and those of the extensions that have values.
fn schemas(kind: Kind) -> String {
    let core = kind.schema();
    format!(
        "(SELECT lower('{core}') AS value UNION ALL SELECT lower(own.key) FROM json_each(r.search) AS own \
         WHERE substr(lower(own.key), 1, 4) = 'urn:') AS e"
    )
}

/// Returns the values of an undeclared attribute; only the value shows whether it has several.
fn undeclared(urn: &str, name: &str, sub: Option<&str>, needs: &mut Needs) -> Source {
    let from = format!("{} WHERE ", undeclared_elements(urn, name, needs));
    let (value, kind) = match sub {
        None => ("e.value".into(), "e.type".into()),
        Some(sub) => {
            let path = needs.path(&[&sub.to_ascii_lowercase()]);
            let of_object =
                |function: &str| format!("iif(e.type = 'object', {function}(e.value, {path}), NULL)");
            (of_object("json_extract"), of_object("json_type"))
        }
    };
    Source::Rows { from, value, kind: Some(kind), first: "e.key" }
}

fn undeclared_path(urn: &str, name: &str, needs: &mut Needs) -> String {
    needs.path(&[&urn.to_ascii_lowercase(), &name.to_ascii_lowercase()])
}

fn undeclared_elements(urn: &str, name: &str, needs: &mut Needs) -> String {
    let path = undeclared_path(urn, name, needs);
    format!(
        "json_each(iif(json_type(r.search, {path}) = 'array', r.search->{path}, json_array(r.search->{path}))) AS e"
    )
}

/// Returns the keys that lead to an attribute.
pub(super) fn path<'p>(extension: Option<&'p Schema>, attribute: &'p Attribute) -> Vec<&'p str> {
    extension.map(|schema| schema.id.as_str()).into_iter().chain([attribute.name.as_str()]).collect()
}
