//! The traffic of Entra and of Microsoft's test tools, and of Okta if it
//! resembles it.

use serde_json::json;

use crate::support::{ENTERPRISE, becomes, created, group_kind, leaves, message, patched, user_kind};

#[test]
fn an_op_is_read_in_every_letter_case() {
    for op in ["Add", "add", "ADD", "Replace", "replace", "rePlace"] {
        becomes(
            json!({}),
            json!([{"op": op, "path": "nickName", "value": "Babs"}]),
            json!({"nickName": "Babs"}),
        );
    }
    for op in ["Remove", "remove", "REMOVE"] {
        becomes(json!({"nickName": "Babs"}), json!([{"op": op, "path": "nickName"}]), json!({}));
    }
}

#[test]
fn every_form_of_disable_disables() {
    for operation in [
        json!({"op": "Replace", "path": "active", "value": false}),
        json!({"op": "Replace", "path": "active", "value": "False"}),
        json!({"op": "replace", "path": "active", "value": "false"}),
        json!({"op": "replace", "path": "active", "value": false}),
        json!({"op": "replace", "value": {"active": false}}),
        json!({"op": "Replace", "value": {"active": "False"}}),
        json!({"op": "Add", "path": "active", "value": "False"}),
        json!({"op": "replace", "path": "active", "value": ["False"]}),
    ] {
        for before in [json!({"active": true}), json!({"active": false}), json!({})] {
            becomes(before, json!([operation]), json!({"active": false}));
        }
    }
}

#[test]
fn every_form_of_enable_enables() {
    for operation in [
        json!({"op": "Replace", "path": "active", "value": "True"}),
        json!({"op": "replace", "path": "active", "value": true}),
        json!({"op": "replace", "value": {"active": "true"}}),
    ] {
        becomes(json!({"active": false}), json!([operation]), json!({"active": true}));
    }
}

#[test]
fn several_attributes_change_in_one_request() {
    becomes(
        json!({"emails": [{"type": "work", "value": "old", "primary": true}], "name": {"familyName": "L", "givenName": "A"}}),
        json!([
            {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "Ada.L@contoso.example"},
            {"op": "Replace", "path": "name.familyName", "value": "King"},
            {"op": "Replace", "path": "userName", "value": "ada.king"},
            {"op": "Add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "value": "R&D"},
        ]),
        json!({"userName": "ada.king", "emails": [{"type": "work", "value": "Ada.L@contoso.example", "primary": true}],
            "name": {"familyName": "King", "givenName": "A"}, ENTERPRISE: {"department": "R&D"}}),
    );
}

#[test]
fn the_flag_form_sets_dotted_and_urn_keys_as_paths() {
    becomes(
        json!({"displayName": "Ada", "name": {"familyName": "L"}}),
        json!([
            {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "a@x"},
            {"op": "replace", "value": {
                "displayName": "Ada King",
                "name.givenName": "Ada",
                "name.familyName": "King",
                "urn:ietf:params:scim:schemas:core:2.0:User:title": "Countess",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber": "1815",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager": "m1"}},
        ]),
        json!({"displayName": "Ada King", "title": "Countess", "name": {"givenName": "Ada", "familyName": "King"},
            "emails": [{"type": "work", "value": "a@x"}], ENTERPRISE: {"employeeNumber": "1815", "manager": {"value": "m1"}}}),
    );
}

#[test]
fn a_key_of_a_path_less_value_may_be_a_value_path() {
    becomes(
        json!({"emails": [{"type": "work", "value": "old"}], "contacts": []}),
        json!([{"op": "replace", "value": {
            "emails[type eq \"work\"].value": "new", "phoneNumbers[type eq \"fax\"].value": "1",
            "emails[primary eq true].value": "p"}}]),
        json!({"emails": [{"type": "work", "value": "new"}, {"primary": true, "value": "p"}], "phoneNumbers": [{"type": "fax", "value": "1"}]}),
    );
}

#[test]
fn a_path_less_value_holds_objects_arrays_and_whole_extensions() {
    becomes(
        json!({"name": {"familyName": "F"}, "emails": [{"type": "work", "value": "w"}], ENTERPRISE: {"division": "D"}}),
        json!([{"op": "replace", "value": {"name": {"givenName": "G"}, "emails": [{"type": "home", "value": "h"}],
            ENTERPRISE: {"department": "R"}}}]),
        json!({"name": {"familyName": "F", "givenName": "G"}, "emails": [{"type": "home", "value": "h"}],
            ENTERPRISE: {"division": "D", "department": "R"}}),
    );
}

#[test]
fn the_letter_case_of_a_path_counts_for_nothing() {
    becomes(
        json!({"emails": [{"type": "work", "value": "old"}]}),
        json!([
            {"op": "Replace", "path": "DisplayName", "value": "D"},
            {"op": "Replace", "path": "Name.GivenName", "value": "G"},
            {"op": "Replace", "path": "Emails[Type eq \"WORK\"].Value", "value": "new"},
            {"op": "Add", "path": "URN:ietf:params:scim:schemas:extension:Enterprise:2.0:User:Department", "value": "DD"},
            {"op": "Add", "path": "addresses[type eq \"other\"].Formatted", "value": "Room 1"},
        ]),
        json!({"displayName": "D", "name": {"givenName": "G"}, "emails": [{"type": "work", "value": "new"}],
            "addresses": [{"type": "other", "formatted": "Room 1"}], ENTERPRISE: {"department": "DD"}}),
    );
}

#[test]
fn the_letter_case_of_a_message_s_own_names_counts_for_nothing() {
    let before = created(user_kind(), &json!({"userName": "ada"}));
    let body = json!({"operations": [{"Op": "Replace", "Path": "title", "Value": "T"}]});
    let after = patched(scim::Dialect::TOLERANT, user_kind(), &before, &body).unwrap();
    assert_eq!(after, json!({"userName": "ada", "title": "T"}));
}

#[test]
fn what_else_stands_in_a_message_is_ignored() {
    let before = created(user_kind(), &json!({"userName": "ada"}));
    let operation = json!({"name": "editUser", "op": "Replace", "path": "title", "value": "T"});
    let body = json!({"id": "x", "Operations": [operation]});
    let after = patched(scim::Dialect::TOLERANT, user_kind(), &before, &body).unwrap();
    assert_eq!(after, json!({"userName": "ada", "title": "T"}));
}

#[test]
fn no_operations_change_nothing() {
    leaves(json!({"title": "T"}), json!([]));
}

#[test]
fn a_single_value_in_an_array_is_that_value() {
    becomes(
        json!({}),
        json!([{"op": "replace", "path": "displayName", "value": ["X"]}, {"op": "add", "value": {"title": ["T"]}}]),
        json!({"displayName": "X", "title": "T"}),
    );
}

#[test]
fn a_single_element_without_its_array_is_that_element() {
    for value in [json!({"type": "work", "value": "e"}), json!([{"type": "work", "value": "e"}])] {
        let operations = json!([{"op": "replace", "path": "emails", "value": value}]);
        becomes(json!({"emails": ["old"]}), operations, json!({"emails": [{"type": "work", "value": "e"}]}));
    }
    becomes(
        json!({}),
        json!([{"op": "add", "path": "emails", "value": "e"}]),
        json!({"emails": [{"value": "e"}]}),
    );
}

#[test]
fn values_are_stored_as_they_were_sent() {
    let user = json!({"userName": "Ada@Contoso.Example", "locale": "RJWNTUNNOHNZ", "profileUrl": "BAPNQLJSRQGD",
        "addresses": [{"type": "work", "country": "Sierra Leone", "postalCode": "zl48 3xh"}],
        "phoneNumbers": [{"type": "work", "value": " 56-357-7743"}]});
    becomes(json!({}), json!([{"op": "replace", "value": user}]), user);
}

#[test]
fn roles_come_in_every_form_that_entra_maps_them_to() {
    let json_text = r#"{"id":"06b0","value":"25","displayName":"Role1234"}"#;
    for (value, role) in [
        (json!([{"value": json_text}]), json!({"value": json_text})),
        (
            json!([{"value": "A", "displayName": "Admin", "primary": "false"}]),
            json!({"value": "A", "display": "Admin", "primary": false}),
        ),
        (
            json!([{"value": "A", "display": "Admin", "type": "WindowsAzureActiveDirectoryRole"}]),
            json!({"value": "A", "display": "Admin", "type": "WindowsAzureActiveDirectoryRole"}),
        ),
        (
            json!([{"value": "A", "display": "kept", "displayName": "dropped"}]),
            json!({"value": "A", "display": "kept"}),
        ),
        (json!(["A"]), json!({"value": "A"})),
    ] {
        becomes(
            json!({"roles": [{"value": "old"}]}),
            json!([{"op": "Add", "path": "roles", "value": value}]),
            json!({"roles": [{"value": "old"}, role]}),
        );
        becomes(
            json!({"roles": [{"value": "old"}]}),
            json!([{"op": "replace", "path": "roles", "value": value}]),
            json!({"roles": [role]}),
        );
    }
}

#[test]
fn the_single_role_is_the_primary_one_and_created_if_there_is_none() {
    let operations = json!([
        {"op": "replace", "path": "roles[primary eq \"True\"].display", "value": "Admin"},
        {"op": "replace", "path": "roles[primary eq \"True\"].type", "value": "T"},
        {"op": "replace", "path": "roles[primary EQ \"true\"].value", "value": "A"},
    ]);
    let role = json!({"primary": true, "display": "Admin", "type": "T", "value": "A"});
    becomes(json!({}), operations.clone(), json!({"roles": [role]}));
    becomes(json!({"roles": [role]}), operations.clone(), json!({"roles": [role]}));
    becomes(json!({"roles": ["other"]}), operations, json!({"roles": [{"value": "other"}, role]}));
}

#[test]
fn the_display_name_of_a_role_is_its_display_in_a_path_too() {
    becomes(
        json!({"roles": [{"primary": true, "value": "A"}]}),
        json!([{"op": "Add", "path": "roles[primary eq \"True\"].displayName", "value": "Admin"}]),
        json!({"roles": [{"primary": true, "value": "A", "display": "Admin"}]}),
    );
}

#[test]
fn a_replaced_role_keeps_what_the_request_does_not_name() {
    becomes(
        json!({"roles": [{"primary": "True", "display": "D", "value": "V", "type": "T"}]}),
        json!([{"op": "replace", "path": "roles[primary eq \"True\"].value", "value": "NEW"}]),
        json!({"roles": [{"primary": true, "display": "D", "value": "NEW", "type": "T"}]}),
    );
}

#[test]
fn what_only_the_server_writes_is_passed_over_in_a_path_less_value() {
    becomes(
        json!({"displayName": "old"}),
        json!([{"op": "replace", "value": {"id": "x", "displayName": "new", "schemas": ["urn:x"], "groups": [{"value": "g"}],
            "meta": {"resourceType": "User"}, "meta.version": "1", "urn:ietf:params:scim:schemas:core:2.0:User:id": "x"}}]),
        json!({"displayName": "new"}),
    );
}

#[test]
fn okta_renames_a_group_with_its_id_beside_the_name() {
    let before = created(group_kind(), &json!({"displayName": "old", "externalId": "e"}));
    let operations = json!([{"op": "replace", "value": {"id": "x", "displayName": "new"}}]);
    let after = patched(scim::Dialect::TOLERANT, group_kind(), &before, &message(&operations)).unwrap();
    assert_eq!(after, json!({"displayName": "new", "externalId": "e"}));
}

#[test]
fn a_password_is_taken_and_not_stored() {
    for operation in [
        json!({"op": "replace", "path": "password", "value": "t1meMa$heen"}),
        json!({"op": "replace", "value": {"password": "t1meMa$heen"}}),
        json!({"op": "remove", "path": "password"}),
    ] {
        leaves(json!({"title": "T"}), json!([operation]));
    }
}

#[test]
fn a_misspelt_sub_attribute_loses_itself_and_not_the_operations_beside_it() {
    becomes(
        json!({"displayName": "D0", "name": {"familyName": "F"}}),
        json!([
            {"op": "Replace", "path": "displayName", "value": "D1"},
            {"op": "Replace", "path": "name.giveName", "value": "G"},
            {"op": "Replace", "path": "emails[type eq \"work\"].vlaue", "value": "e"},
            {"op": "Replace", "value": {"name": {"giveName": "G", "middleName": "M"}}},
        ]),
        json!({"displayName": "D1", "name": {"familyName": "F", "middleName": "M"}}),
    );
}

#[test]
fn an_unknown_attribute_loses_itself_and_not_the_operations_beside_it() {
    for unknown in [
        json!({"op": "Add", "path": "shoeSize", "value": 41}),
        json!({"op": "Add", "value": {"shoeSize": 41, "shoe.size": 41}}),
        json!({"op": "Add", "path": "shoes[type eq \"left\"].size", "value": 41}),
        json!({"op": "Remove", "path": "shoeSize"}),
        json!({"op": "Add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:shoeSize", "value": 41}),
        json!({"op": "Add", "path": ENTERPRISE, "value": {"shoeSize": 41}}),
    ] {
        let good = json!({"op": "Replace", "path": "title", "value": "T"});
        becomes(json!({}), json!([unknown, good]), json!({"title": "T"}));
        becomes(json!({}), json!([good, unknown]), json!({"title": "T"}));
    }
}
