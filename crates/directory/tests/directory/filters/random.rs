//! Random users and random filters on them, of few and similar values, so that they often match.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::harness::{ENTERPRISE, USER};

pub const PROPS: &str = "urn:example:props:2.0:User";
const FREE: &str = "urn:example:free:2.0:User";

fn text() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "a",
        "A",
        "b",
        "B",
        "ä",
        "Ä",
        "A\u{308}",
        "ß",
        "ss",
        " ",
        "\u{0}",
        "%",
        "_",
        "\"",
        "\\",
        "'",
        "1",
        "\u{10ffff}",
        "\u{d7ff}",
        "\u{e000}",
        "😀",
        "$",
        ".",
    ]);
    prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

fn integer() -> impl Strategy<Value = i64> {
    select(vec![-1, 0, 1, 2, 10, 9_007_199_254_740_992, 9_007_199_254_740_993, i64::MIN, i64::MAX])
}

fn decimal() -> impl Strategy<Value = f64> {
    select(vec![-1.5, 0.0, 0.1, 0.3, 1.0, 2.0, 1e-7, 1e18, 1e300, -1.0])
}

fn time() -> impl Strategy<Value = &'static str> {
    select(vec![
        "2026-01-01T00:00:00Z",
        "2026-01-01T01:00:00+01:00",
        "2026-01-01T00:00:00.001Z",
        "2026-01-01T00:00:00",
        "1969-12-31T23:59:59.999Z",
        "1970-01-01T00:00:00Z",
    ])
}

/// Returns what is stored as a time: also a text that is not a time, which the tolerant dialect accepts.
fn stored_time() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => time(), 1 => Just("soon")]
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![integer().prop_map(Value::from), decimal().prop_map(Value::from)]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        text().prop_map(Value::from),
        number(),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        time().prop_map(Value::from)
    ]
}

/// Returns objects of some of these members.
fn object(members: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let member = |(name, value): (&'static str, BoxedStrategy<Value>)| {
        prop::option::of(value).prop_map(move |value| value.map(|value| (name.to_string(), value)))
    };
    let members: Vec<_> = members.into_iter().map(member).collect();
    members.prop_map(|members| Value::Object(members.into_iter().flatten().collect())).boxed()
}

fn texts() -> BoxedStrategy<Value> {
    text().prop_map(Value::from).boxed()
}

fn booleans() -> BoxedStrategy<Value> {
    any::<bool>().prop_map(Value::from).boxed()
}

fn integers() -> BoxedStrategy<Value> {
    integer().prop_map(Value::from).boxed()
}

fn times() -> BoxedStrategy<Value> {
    stored_time().prop_map(Value::from).boxed()
}

fn list(element: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    prop::collection::vec(element, 0..3).prop_map(Value::Array).boxed()
}

fn free() -> BoxedStrategy<Value> {
    let leaf = scalar().boxed();
    let nested = object(vec![("b", leaf.clone())]);
    let any = prop_oneof![leaf.clone(), nested, list(leaf.clone())].boxed();
    let inner = object(vec![("sub", any.clone()), ("other", leaf.clone())]);
    prop_oneof![leaf.clone(), inner.clone(), list(prop_oneof![leaf, inner, list(any)].boxed())].boxed()
}

/// Returns a user without its userName.
pub fn user() -> BoxedStrategy<Value> {
    let pair = |kind| object(vec![("value", kind), ("type", texts()), ("display", texts())]);
    let props = object(vec![
        ("level", integers()),
        ("score", decimal().prop_map(Value::from).boxed()),
        ("on", booleans()),
        ("when", times()),
        ("tags", list(texts())),
        ("codes", list(texts())),
        ("times", list(times())),
        ("ranks", list(integers())),
        ("place", object(vec![("name", texts()), ("floor", integers()), ("since", times())])),
        (
            "items",
            list(object(vec![
                ("value", texts()),
                ("count", integers()),
                ("done", booleans()),
                ("at", times()),
            ])),
        ),
    ]);
    object(vec![
        ("displayName", texts()),
        ("title", texts()),
        ("externalId", texts()),
        ("profileUrl", texts()),
        ("active", booleans()),
        ("name", object(vec![("givenName", texts()), ("familyName", texts())])),
        ("emails", list(pair(texts()))),
        ("photos", list(pair(texts()))),
        (ENTERPRISE, object(vec![("department", texts()), ("manager", object(vec![("value", texts())]))])),
        (PROPS, props),
        (FREE, object(vec![("free", free()), ("more", free())])),
    ])
}

/// Returns the user as a request names it, with a name that no other user has.
pub fn named(mut user: Value, at: usize) -> Value {
    user["userName"] = format!("User{at}").into();
    user["schemas"] = json!([USER]);
    user
}

const TEXT_PATHS: [&str; 22] = [
    "userName",
    "displayName",
    "title",
    "externalId",
    "profileUrl",
    "name.givenName",
    "name.familyName",
    "emails",
    "emails.value",
    "emails.type",
    "photos.value",
    "photos.display",
    "E:department",
    "manager",
    "E:manager.value",
    "P:tags",
    "P:codes",
    "P:place.name",
    "P:items",
    "P:items.value",
    "F:free",
    "F:FREE.sub",
];
const NUMBER_PATHS: [&str; 7] =
    ["P:level", "P:score", "P:ranks", "P:place.floor", "P:items.count", "F:free", "F:free.Sub"];
const BOOLEAN_PATHS: [&str; 5] = ["active", "P:on", "P:items.done", "F:more", "F:free.sub"];
const TIME_PATHS: [&str; 4] = ["P:when", "P:times", "P:place.since", "P:items.at"];
const WHOLE_PATHS: [&str; 7] = ["name", "emails", "E:manager", "P:place", "P:items", "F:free", "F:none"];

fn comparison(
    text: &'static [&'static str],
    number: &'static [&'static str],
    boolean: &'static [&'static str],
    time: &'static [&'static str],
) -> BoxedStrategy<String> {
    let any_op = || select(vec!["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]);
    let order = || select(vec!["eq", "ne", "gt", "ge", "lt", "le"]);
    let all: Vec<&str> = [text, number, boolean, time].concat();
    let mut kinds: Vec<BoxedStrategy<String>> = vec![
        (select(text), any_op(), self::text())
            .prop_map(|(path, op, value)| format!("{path} {op} {}", Value::from(value)))
            .boxed(),
        select(all.clone()).prop_map(|path| format!("{path} pr")).boxed(),
        (select(all), select(vec!["eq", "ne"])).prop_map(|(path, op)| format!("{path} {op} null")).boxed(),
    ];
    if !number.is_empty() {
        let number = (select(number), order(), self::number());
        kinds.push(number.prop_map(|(path, op, value)| format!("{path} {op} {value}")).boxed());
    }
    if !boolean.is_empty() {
        let boolean = (select(boolean), select(vec!["eq", "ne"]), any::<bool>());
        kinds.push(boolean.prop_map(|(path, op, value)| format!("{path} {op} {value}")).boxed());
    }
    if !time.is_empty() {
        let time = (select(time), order(), self::time());
        kinds.push(time.prop_map(|(path, op, value)| format!("{path} {op} \"{value}\"")).boxed());
    }
    prop::strategy::Union::new(kinds).boxed()
}

/// Returns terms with `and`, `or`, `not` and parentheses.
fn logic(term: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let nested = |inner: BoxedStrategy<String>| {
        let list = || prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            list().prop_map(|terms| terms.join(" and ")),
            list().prop_map(|terms| terms.join(" or ")),
            list().prop_map(|terms| format!("({})", terms.join(" or "))),
            inner.prop_map(|term| format!("not ({term})")),
        ]
    };
    term.prop_recursive(3, 12, 3, nested).boxed()
}

fn element() -> BoxedStrategy<String> {
    let within = |path: &'static str, terms: BoxedStrategy<String>| {
        logic(terms).prop_map(move |terms| format!("{path}[{terms}]")).boxed()
    };
    let items = || comparison(&["value"], &["count"], &["done"], &["at"]);
    let emails = || comparison(&["value", "type", "display"], &[], &[], &[]);
    let value = || comparison(&["value"], &[], &[], &[]);
    let sub = (within("emails", emails()), select(vec!["eq", "ne", "co"]), text())
        .prop_map(|(path, op, value)| format!("{path}.value {op} {}", Value::from(value)));
    prop_oneof![
        within("emails", emails()),
        within("photos", emails()),
        within("P:items", items()),
        within("P:tags", value()),
        within("P:codes", value()),
        within("title", value()),
        within("userName", value()),
        within("name", comparison(&["givenName", "familyName"], &[], &[], &[])),
        within("P:place", comparison(&["name"], &["floor"], &[], &["since"])),
        within("E:manager", value()),
        sub,
    ]
    .boxed()
}

/// Returns a filter on users; the caller must expect that some are refused.
pub fn filter() -> BoxedStrategy<String> {
    let terms = prop_oneof![
        4 => comparison(&TEXT_PATHS, &NUMBER_PATHS, &BOOLEAN_PATHS, &TIME_PATHS),
        2 => element(),
        1 => select(&WHOLE_PATHS).prop_map(|path| format!("{path} pr")),
    ];
    let urns = [("P:", PROPS), ("F:", FREE), ("E:", ENTERPRISE)];
    logic(terms.boxed())
        .prop_map(move |filter| {
            urns.iter().fold(filter, |filter, (short, urn)| {
                let filter = filter.replace(&format!(" {short}"), &format!(" {urn}:"));
                let filter = filter.replace(&format!("({short}"), &format!("({urn}:"));
                match filter.strip_prefix(short) {
                    Some(rest) => format!("{urn}:{rest}"),
                    None => filter,
                }
            })
        })
        .boxed()
}
