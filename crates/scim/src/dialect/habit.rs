//! The habits of clients, by name: what each client sends against the RFC, how it is read, and what the strict
//! dialect says. The code that reads such a value is in `dialect`, or in the file that asks
//! `dialect.takes(Habit::X)`.
//!
//! The table in the documents is generated from this list, and a test demands that each named case exists:
//! `tests/habits.rs`.

/// A habit as the documents describe it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HabitFacts {
    /// What is sent.
    pub sent: &'static str,
    /// How the tolerant dialect reads it.
    pub read: &'static str,
    /// Which clients do so, or which project reports it.
    pub clients: &'static str,
    /// The clause that it violates, and what the strict dialect says.
    pub strict: &'static str,
    /// The wire case that shows it: a file below `tests/cases`.
    pub shown: &'static str,
}

macro_rules! habits {
    ($($name:ident { sent: $sent:literal, read: $read:literal, clients: $clients:literal, strict: $strict:literal, shown: $shown:literal })*) => {
        /// Something that clients send against the RFC.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Habit {
            $(
                #[doc = concat!($sent, " (", $clients, ") is read as: ", $read, ". Strict: ", $strict, ".")]
                $name,
            )*
        }

        impl Habit {
            /// All habits, in the order of the table.
            pub const ALL: &'static [Habit] = &[$(Habit::$name),*];

            /// Returns the habit as the documents describe it.
            pub fn facts(self) -> HabitFacts {
                match self {
                    $(Habit::$name => HabitFacts { sent: $sent, read: $read, clients: $clients, strict: $strict, shown: $shown },)*
                }
            }
        }
    };
}

habits! {
    CapitalisedOp {
        sent: "`\"op\": \"Replace\"`, `\"ADD\"`", read: "lower case", clients: "Entra without `aadOptscim062020`",
        strict: "RFC 7644 s3.5.2: 400 invalidSyntax", shown: "entra/entra-19-disable-string-False.json"
    }
    TypedAsText {
        sent: "`\"False\"`, `\"True\"`, numbers as text", read: "the boolean, the number",
        clients: "Entra, the SCIM validator, Saviynt", strict: "RFC 7643 s2.3: 400 invalidValue",
        shown: "report/report-saviynt-string-booleans-on-create.json"
    }
    QuotedBoolean {
        sent: "`roles[primary eq \"True\"]`", read: "a boolean", clients: "Entra",
        strict: "RFC 7644 s3.4.2.2: 400 invalidFilter or invalidPath", shown: "entra/entra-31-roles-primary-string.json"
    }
    UnquotedText {
        sent: "`externalId eq jyoung`, `[type eq work]`", read: "text, if the attribute is text",
        clients: "Microsoft's documents, RFC 9865's examples", strict: "RFC 7644 s3.4.2.2: 400 invalidFilter",
        shown: "interop/interop-47-unquoted-text-in-filter.json"
    }
    ReferenceByUrl {
        sent: "`manager` or a member with a `$ref` alone; the path `manager.$ref` of a PATCH", read: "the id that the URL ends with", clients: "scim-patch users",
        strict: "RFC 7643 s2.4: a `$ref` is not a `value`; members are 400 invalidValue",
        shown: "interop/interop-48-reference-by-url.json"
    }
    LooseArrays {
        sent: "a single value in an array; a single element without one", read: "the value; an array of one",
        clients: "the SCIM validator, OneLogin", strict: "RFC 7643 s2.4: 400 invalidValue",
        shown: "entra/entra-36-manager-doc-array.json"
    }
    WrappedObject {
        sent: "an object of attributes, or an extension, in an array of one", read: "the object", clients: "SCIM-SDK #968",
        strict: "RFC 7643 s3.3, RFC 7644 s3.5.2: 400 invalidValue", shown: "report/report-array-wrapped-objects.json"
    }
    UrnSeparators {
        sent: "`URN.name`, `URN.name.sub`, `URN:name:sub`", read: "`URN:name`, `URN:name.sub`",
        clients: "directory-scimple, WSO2, scim-patch", strict: "RFC 7644 s3.10: unknown attribute",
        shown: "report/report-dotted-urn-deactivation.json"
    }
    NestedCore {
        sent: "core attributes in an object under the core URN", read: "the resource's own attributes",
        clients: "laravel-scim-server", strict: "RFC 7643 s3: 400 invalidSyntax", shown: "report/report-nested-core-urn.json"
    }
    JsonText {
        sent: "a complex value as the text of its JSON",
        read: "the value; `roles` and `entitlements` keep one within `value`", clients: "SCIM-SDK #201",
        strict: "RFC 7643 s2.3.8: 400 invalidValue", shown: "report/report-json-text-as-element.json"
    }
    ListedPlainValues {
        sent: "remove with `[{\"value\": \"C\"}]` on a list of plain texts", read: "the text `C` is removed",
        clients: "Entra, for extension attributes", strict: "RFC 7644 s3.5.2.2: the value is ignored",
        shown: "interop/interop-51-listed-plain-values.json"
    }
    BareReference {
        sent: "`manager`, a member or a role as a bare text", read: "`{\"value\": \"..\"}`", clients: "Entra, the SCIM validator",
        strict: "RFC 7643 s2.3.8: 400 invalidValue", shown: "interop/interop-10-bare-string-member.json"
    }
    EmptyText {
        sent: "`\"\"`", read: "no value: cleared, or not stored", clients: "Entra and its gallery test",
        strict: "RFC 7643 s2.5: a value like others", shown: "entra/entra-37-manager-clear-object-empty.json"
    }
    UnqualifiedExtension {
        sent: "`manager` without its URN", read: "the extension's attribute", clients: "Entra",
        strict: "RFC 7644 s3.10: unknown attribute", shown: "entra/entra-13-reference-check-manager.json"
    }
    DisplayNameForDisplay {
        sent: "`displayName` in roles", read: "`display`", clients: "Entra's mapping of roles",
        strict: "RFC 7643 s2.4: unknown sub-attribute", shown: "interop/interop-45-roles-displayname-string-false.json"
    }
    ListedRemoval {
        sent: "remove with a `value`", read: "remove these, not all", clients: "Entra, JumpCloud",
        strict: "RFC 7644 s3.5.2.2: the path alone decides", shown: "interop/interop-01-jumpcloud-remove-members.json"
    }
    CreatedByFilter {
        sent: "a value path that selects nothing, on add or replace", read: "create the element that it describes",
        clients: "Entra", strict: "RFC 7644 s3.5.2.3: 400 noTarget", shown: "entra/entra-27-add-valuepath-missing.json"
    }
    ClearedValue {
        sent: "`phoneNumbers[type eq \"mobile\"].value` cleared", read: "the element goes, type and all", clients: "Entra",
        strict: "RFC 7644 s3.5.2.2: the other sub-attributes stay", shown: "interop/interop-24-remove-with-valuepath-subattr.json"
    }
    RemovedTwice {
        sent: "remove or clear of what is not there", read: "no change", clients: "Entra, Okta",
        strict: "RFC 7644 s3.5.2.2: 400 noTarget for a filter", shown: "interop/interop-25-remove-valuepath-nomatch.json"
    }
    PathsAsKeys {
        sent: "keys that are paths: `name.givenName`, `urn:..:User:department`", read: "paths", clients: "Entra, OneLogin",
        strict: "RFC 7643 s3: 400 invalidSyntax", shown: "interop/interop-37-dotted-literal-keys-never-stored.json"
    }
    ServerAttributes {
        sent: "`id`, `meta`, `schemas` within a path-less PATCH; `schemas` as the path", read: "ignored", clients: "Okta, authentik",
        strict: "RFC 7644 s3.5.2: 400 mutability", shown: "okta/okta-07-group-pathless-rename-with-id.json"
    }
    MessageWithoutUrn {
        sent: "a PATCH, search or bulk without its URN in `schemas`", read: "taken", clients: "several (interop reports)",
        strict: "RFC 7644 s3.5.2, s3.4.3, s3.7: 400 invalidSyntax", shown: "interop/interop-06-patch-without-schemas.json"
    }
    EmptyOperations {
        sent: "a PATCH with no operations", read: "no change", clients: "several (interop reports)",
        strict: "RFC 7644 s3.5.2: 400 invalidSyntax", shown: "interop/interop-12-empty-operations.json"
    }
    UndeclaredSchemas {
        sent: "`schemas` missing, or without the core schema's URN",
        read: "taken; the URNs with values are returned. Empty, or naming another type alone: 400", clients: "Entra, Google Workspace",
        strict: "RFC 7643 s3: 400 invalidSyntax", shown: "interop/interop-49-schemas-missing.json"
    }
    FilteredAttributeList {
        sent: "a filter within `attributes`: `emails[type eq \"work\"].value`", read: "the path without it", clients: "Entra",
        strict: "RFC 7644 s3.9: 400 invalidValue", shown: "interop/interop-50-filter-in-attributes.json"
    }
    UnknownAttributes {
        sent: "attributes that no schema has", read: "dropped; see the decisions", clients: "misspelt mappings of any client",
        strict: "RFC 7644 s3.12: 400 invalidSyntax or invalidPath",
        shown: "interop/interop-46-misspelled-subattribute-in-multi-op.json"
    }
    AnyDateTime {
        sent: "a dateTime that is not one", read: "stored as sent", clients: "Entra's mappings of dates",
        strict: "RFC 7643 s2.3.5: 400 invalidValue", shown: "interop/interop-52-date-in-another-form.json"
    }
}
