//! The elements of `members` and `groups`, of which there may be many: they are written one by one, and are never all
//! in memory as JSON.

use serde::Serialize;
use serde::ser::Serializer;

use crate::Kind;
use crate::projection::Visible;
use crate::resource::{GroupRef, Member, Resource};

/// Which sub-attributes of the elements are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown {
    reference: bool,
    display: bool,
    type_name: bool,
    value: bool,
}

impl Shown {
    /// Returns the sub-attributes that the projection shows; None if it shows nothing.
    pub(super) fn new(visible: &Visible<'_>) -> Option<Shown> {
        let [reference, display, type_name, value] =
            ["$ref", "display", "type", "value"].map(|sub| visible.shows(sub));
        (reference || display || type_name || value).then_some(Shown { reference, display, type_name, value })
    }
}

/// An element of `members` or `groups`.
#[derive(Clone, Copy)]
pub(super) enum Element<'a> {
    Member(&'a Member),
    Group(&'a GroupRef),
}

/// Returns the elements of the memberships of a resource, as far as they were read.
pub(super) fn elements(resource: &Resource) -> impl Iterator<Item = Element<'_>> {
    let members = resource.members.iter().flatten().map(Element::Member);
    let groups = resource.groups.iter().flatten().map(Element::Group);
    members.chain(groups)
}

impl<'a> Element<'a> {
    pub(super) fn id(self) -> &'a str {
        match self {
            Element::Member(member) => &member.id,
            Element::Group(group) => &group.id,
        }
    }

    /// Returns the element of a resource of that type as it is shown; None if nothing of it is shown.
    pub(super) fn show(self, of: Kind, shown: Shown, base: &str) -> Option<Reference<'a>> {
        let (endpoint, type_name, display) = match self {
            Element::Member(member) => {
                (member.kind.endpoint(), member.kind.name(), member.display.as_deref())
            }
            Element::Group(group) => {
                let type_name = if group.direct { "direct" } else { "indirect" };
                (of.owner().map_or("", Kind::endpoint), type_name, group.display.as_deref())
            }
        };
        let reference = Reference {
            reference: shown.reference.then(|| format!("{base}/{endpoint}/{}", self.id())),
            display: display.filter(|_| shown.display),
            type_name: shown.type_name.then_some(type_name),
            value: shown.value.then_some(self.id()),
        };
        let has_any = shown.reference || shown.type_name || shown.value || reference.display.is_some();
        has_any.then_some(reference)
    }
}

/// An element as JSON.
#[derive(Serialize)]
pub(super) struct Reference<'a> {
    #[serde(rename = "$ref", skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display: Option<&'a str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    type_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
}

/// All elements that were read, as a JSON array.
pub(super) struct Elements<'a> {
    pub resource: &'a Resource,
    pub shown: Shown,
    pub base: &'a str,
}

impl Elements<'_> {
    fn references(&self) -> impl Iterator<Item = Reference<'_>> {
        elements(self.resource).filter_map(|element| element.show(self.resource.kind, self.shown, self.base))
    }

    /// Returns whether there is nothing to show.
    pub(super) fn is_empty(&self) -> bool {
        self.references().next().is_none()
    }
}

impl Serialize for Elements<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.references())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Element, Shown};
    use crate::Registry;
    use crate::resource::GroupRef;

    #[test]
    fn a_group_is_at_the_endpoint_of_its_own_type() {
        let schemas = ["user", "group"]
            .map(|name| std::fs::read_to_string(format!("../../schemas/{name}.json")).unwrap());
        let schemas = [("user.json", schemas[0].as_str()), ("group.json", schemas[1].as_str())];
        let of = |name: &str, endpoint: &str| {
            let schema = format!("urn:ietf:params:scim:schemas:core:2.0:{name}");
            json!({"name": name, "endpoint": endpoint, "schema": schema}).to_string()
        };
        let types = [("user.json", of("User", "/People")), ("group.json", of("Group", "/Teams"))];
        let types = types.each_ref().map(|(file, text)| (*file, text.as_str()));
        let registry = Registry::from_documents(&schemas, &types).unwrap();
        let shown = Shown { reference: true, display: true, type_name: true, value: true };
        let group = GroupRef { id: "g".into(), display: None, direct: true };
        let element = Element::Group(&group).show(registry.kind("User").unwrap(), shown, "https://h");
        let json = json!({"$ref": "https://h/Teams/g", "type": "direct", "value": "g"});
        assert_eq!(serde_json::to_value(element.unwrap()).unwrap(), json);
    }
}
