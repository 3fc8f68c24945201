//! One attribute of a schema and its characteristics (RFC 7643 s2.2, s7).

use serde::Deserialize;

/// The data type (RFC 7643 s2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AttributeType {
    /// Text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Decimal,
    /// A number without a fraction.
    Integer,
    /// xsd:dateTime.
    DateTime,
    /// base64 or base64url text.
    Binary,
    /// A URI.
    Reference,
    /// Sub-attributes, none of which is complex itself.
    Complex,
}

/// Whether and when a client may change the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mutability {
    /// The server alone.
    ReadOnly,
    /// The client, at any time.
    ReadWrite,
    /// The client, once.
    Immutable,
    /// The client, which never reads it back.
    WriteOnly,
}

/// When a response contains the attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Returned {
    /// In every response.
    Always,
    /// In none.
    Never,
    /// Unless it is excluded.
    Default,
    /// When `attributes` asks for it.
    Request,
}

/// Among which resources a value may occur only once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Uniqueness {
    /// Not unique.
    None,
    /// Within the endpoint and the tenant.
    Server,
    /// Everywhere.
    Global,
}

/// An attribute, or the sub-attribute of a complex one.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attribute {
    /// The name in the letter case that the schema gives it; compared without case (RFC 7643 s2.1).
    pub name: String,
    /// The data type.
    #[serde(rename = "type")]
    pub data_type: AttributeType,
    /// Whether the value is an array.
    pub multi_valued: bool,
    /// Whether a resource without it is refused.
    #[serde(default)]
    pub required: bool,
    /// Whether letter case counts when values are compared.
    #[serde(default)]
    pub case_exact: bool,
    /// Whether and when a client may change it.
    pub mutability: Mutability,
    /// When it is returned.
    pub returned: Returned,
    /// Among which resources its value is unique.
    #[serde(default = "not_unique")]
    pub uniqueness: Uniqueness,
    /// The names of the resource types that a reference may lead to.
    #[serde(default)]
    pub reference_types: Vec<String>,
    /// The sub-attributes of a complex attribute; empty for every other type.
    #[serde(default)]
    pub sub_attributes: Vec<Attribute>,
}

fn not_unique() -> Uniqueness {
    Uniqueness::None
}

impl Attribute {
    /// Returns whether `name` names this attribute.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Returns the sub-attribute of that name.
    pub fn sub_attribute(&self, name: &str) -> Option<&Attribute> {
        self.sub_attributes.iter().find(|sub| sub.is(name))
    }

    /// Returns whether the value has sub-attributes.
    pub fn is_complex(&self) -> bool {
        self.data_type == AttributeType::Complex
    }

    /// Returns whether a client may write it although it is never stored: `password` (RFC 7643 s4.1.1).
    pub fn is_write_only(&self) -> bool {
        self.mutability == Mutability::WriteOnly
    }
}
