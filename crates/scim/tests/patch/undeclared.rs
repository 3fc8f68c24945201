//! Extensions that no schema declares: what is sent is kept, and the kept values show what the attributes are.

use scim::ScimType;
use serde_json::{Value, json};

use crate::support::{ENTERPRISE, becomes, leaves, refuses};

const CUSTOM: &str = "urn:ietf:params:scim:schemas:extension:Contoso:2.0:User";

fn at(path: &str) -> String {
    format!("{CUSTOM}:{path}")
}

fn with(attributes: Value) -> Value {
    json!({CUSTOM: attributes})
}

#[test]
fn an_attribute_is_set_replaced_and_removed_under_its_urn() {
    for op in ["Add", "Replace"] {
        for value in [json!("7"), json!(7), json!(true), json!(["a"])] {
            becomes(
                json!({}),
                json!([{"op": op, "path": at("badge"), "value": value}]),
                with(json!({"badge": value})),
            );
        }
        becomes(
            with(json!({"badge": "7", "floor": 1})),
            json!([{"op": op, "path": at("badge"), "value": "8"}]),
            with(json!({"badge": "8", "floor": 1})),
        );
    }
    becomes(
        with(json!({"floor": 1})),
        json!([{"op": "add", "path": at("badge"), "value": {"a": {"b": 1}}}]),
        with(json!({"badge": {"a": {"b": 1}}, "floor": 1})),
    );
    becomes(
        with(json!({"badge": "7", "floor": 1})),
        json!([{"op": "Remove", "path": at("badge")}]),
        with(json!({"floor": 1})),
    );
    becomes(
        with(json!({"badge": "7"})),
        json!([{"op": "Remove", "path": at("badge"), "value": "7"}]),
        json!({}),
    );
}

#[test]
fn the_letter_case_of_urn_and_name_counts_for_nothing() {
    becomes(
        with(json!({"Badge": "7"})),
        json!([{"op": "replace", "path": at("BADGE").replace("Contoso", "CONTOSO"), "value": "8"}]),
        with(json!({"Badge": "8"})),
    );
}

#[test]
fn a_path_less_value_sets_it_by_urn_and_as_a_whole() {
    for operation in [
        json!({"op": "replace", "value": {at("badge"): "8"}}),
        json!({"op": "replace", "value": {CUSTOM: {"badge": "8"}}}),
        json!({"op": "add", "path": CUSTOM, "value": {"badge": "8"}}),
    ] {
        becomes(
            with(json!({"badge": "7", "floor": 1})),
            json!([operation]),
            with(json!({"badge": "8", "floor": 1})),
        );
    }
}

#[test]
fn the_whole_of_it_is_removed() {
    for operation in [
        json!({"op": "remove", "path": CUSTOM}),
        json!({"op": "remove", "path": CUSTOM.to_uppercase()}),
        json!({"op": "replace", "path": CUSTOM, "value": null}),
        json!({"op": "replace", "value": {CUSTOM: ""}}),
    ] {
        becomes(with(json!({"badge": "7"})), json!([operation]), json!({}));
        leaves(json!({}), json!([operation]));
    }
}

#[test]
fn it_is_cleared_like_any_other_attribute() {
    for value in [json!(""), json!(null), json!([]), json!({}), json!([""]), json!({"a": null})] {
        let operations = json!([{"op": "replace", "path": at("badge"), "value": value}]);
        becomes(with(json!({"badge": "7"})), operations.clone(), json!({}));
        leaves(json!({}), operations);
        leaves(with(json!({"badge": "7"})), json!([{"op": "add", "path": at("badge"), "value": value}]));
    }
}

#[test]
fn an_addition_appends_to_several_values_and_a_replacement_replaces_them() {
    let before = with(json!({"tags": ["a", "b"]}));
    becomes(
        before.clone(),
        json!([{"op": "add", "path": at("tags"), "value": ["b", "c", "c"]}]),
        with(json!({"tags": ["a", "b", "c"]})),
    );
    becomes(
        before.clone(),
        json!([{"op": "add", "path": at("tags"), "value": "c"}]),
        with(json!({"tags": ["a", "b", "c"]})),
    );
    leaves(before.clone(), json!([{"op": "add", "path": at("tags"), "value": "a"}]));
    becomes(
        before,
        json!([{"op": "replace", "path": at("tags"), "value": ["c"]}]),
        with(json!({"tags": ["c"]})),
    );
}

#[test]
fn values_that_a_removal_lists_are_all_that_goes() {
    let before = with(json!({"tags": ["a", "b"]}));
    becomes(
        before.clone(),
        json!([{"op": "remove", "path": at("tags"), "value": ["b", "c"]}]),
        with(json!({"tags": ["a"]})),
    );
    becomes(
        before.clone(),
        json!([{"op": "remove", "path": at("tags"), "value": "b"}]),
        with(json!({"tags": ["a"]})),
    );
    becomes(before.clone(), json!([{"op": "remove", "path": at("tags"), "value": ["b", "a"]}]), json!({}));
    becomes(before.clone(), json!([{"op": "remove", "path": at("tags")}]), json!({}));
    for nothing in [json!([]), json!([""]), json!({}), json!({"value": ""}), json!([{"value": null}])] {
        leaves(before.clone(), json!([{"op": "remove", "path": at("tags"), "value": nothing}]));
    }
}

#[test]
fn an_object_merges_into_the_object_that_is_there() {
    for op in ["add", "replace"] {
        becomes(
            with(json!({"desk": {"Floor": 1, "room": "a"}})),
            json!([{"op": op, "path": at("desk"), "value": {"floor": 2, "seat": 9}}]),
            with(json!({"desk": {"Floor": 2, "room": "a", "seat": 9}})),
        );
    }
}

#[test]
fn a_sub_attribute_is_set_and_removed() {
    for op in ["add", "replace"] {
        becomes(
            json!({}),
            json!([{"op": op, "path": at("desk.floor"), "value": 2}]),
            with(json!({"desk": {"floor": 2}})),
        );
        becomes(
            with(json!({"desk": {"Floor": 1, "room": "a"}})),
            json!([{"op": op, "path": at("DESK.floor"), "value": 2}]),
            with(json!({"desk": {"Floor": 2, "room": "a"}})),
        );
    }
    for operation in [
        json!({"op": "remove", "path": at("desk.floor")}),
        json!({"op": "replace", "path": at("desk.floor"), "value": ""}),
    ] {
        becomes(
            with(json!({"desk": {"floor": 1, "room": "a"}})),
            json!([operation]),
            with(json!({"desk": {"room": "a"}})),
        );
        becomes(with(json!({"desk": {"floor": 1}})), json!([operation]), json!({}));
        leaves(json!({}), json!([operation]));
    }
}

#[test]
fn a_sub_attribute_of_several_values_is_set_and_removed_in_all_of_them() {
    let before = with(json!({"desks": [{"floor": 1, "room": "a"}, {"floor": 2}]}));
    becomes(
        before.clone(),
        json!([{"op": "replace", "path": at("desks.floor"), "value": 3}]),
        with(json!({"desks": [{"floor": 3, "room": "a"}, {"floor": 3}]})),
    );
    becomes(
        before.clone(),
        json!([{"op": "remove", "path": at("desks.floor")}]),
        with(json!({"desks": [{"room": "a"}]})),
    );
    becomes(
        with(json!({"desks": [{"floor": 2}]})),
        json!([{"op": "remove", "path": at("desks.floor")}]),
        json!({}),
    );
}

#[test]
fn removing_a_sub_attribute_of_what_has_none_leaves_it() {
    for desk in [json!("a"), json!(7), json!(["a", "b"])] {
        leaves(with(json!({"desk": desk})), json!([{"op": "remove", "path": at("desk.floor")}]));
        leaves(
            with(json!({"desk": desk})),
            json!([{"op": "replace", "path": at("desk.floor"), "value": null}]),
        );
    }
}

#[test]
fn a_filter_on_what_no_schema_declares_as_an_attribute_is_refused() {
    for path in [at("desks[floor eq 1].room"), format!("{ENTERPRISE}[department eq \"D\"]")] {
        refuses(
            json!({}),
            json!([{"op": "replace", "path": path, "value": "a"}]),
            ScimType::InvalidPath,
            &format!("Operations[0]: `{path}`: only an attribute that a schema declares takes a filter"),
        );
    }
}
