//! Listings: order, pages, totals (RFC 7644 s3.4.2.4).

use serde_json::{Value, json};

use crate::harness::{Directory, GROUP, USER, list, meta, refusal};

fn users(directory: &Directory, count: usize) -> Vec<String> {
    (0..count).map(|at| directory.user(&format!("u{at}"))).collect()
}

fn plain(id: &str, at: i64) -> Value {
    json!({"schemas": [USER], "id": id, "userName": format!("u{at}"), "active": true, "meta": meta("User", id, 1, at, at)})
}

#[test]
fn an_empty_directory_is_an_empty_list() {
    let directory = Directory::new();
    assert_eq!(directory.get("/Users"), list(0, 1, json!([])));
    assert_eq!(directory.query("/Users", "userName eq \"nobody\""), list(0, 1, json!([])));
    assert_eq!(directory.get("/Groups?startIndex=7&count=3"), list(0, 7, json!([])));
}

#[test]
fn pages_are_in_the_order_of_creation() {
    let directory = Directory::new();
    let ids = users(&directory, 5);
    let page = |from: usize, to: usize| -> Value {
        ids.iter().enumerate().take(to).skip(from).map(|(at, id)| plain(id, at as i64)).collect()
    };
    assert_eq!(directory.get("/Users"), list(5, 1, page(0, 5)));
    assert_eq!(directory.get("/Users?count=2"), list(5, 1, page(0, 2)));
    assert_eq!(directory.get("/Users?startIndex=3&count=2"), list(5, 3, page(2, 4)));
    assert_eq!(directory.get("/Users?startIndex=5&count=2"), list(5, 5, page(4, 5)));
    assert_eq!(directory.get("/Users?startIndex=6&count=2"), list(5, 6, json!([])));
    assert_eq!(directory.get("/Users?startIndex=99999999999999999999").0, 200);
    assert_eq!(directory.get("/Users?count=0"), list(5, 1, json!([])));
    let filter = "filter=userName%20sw%20%22u%22";
    assert_eq!(directory.get(&format!("/Users?{filter}&startIndex=4&count=1")), list(5, 4, page(3, 4)));
    assert_eq!(directory.get(&format!("/Users?{filter}&count=0")), list(5, 1, json!([])));
}

#[test]
fn a_filter_on_an_attribute_keeps_the_order_of_creation() {
    let directory = Directory::new();
    for (name, title) in [("c", "x"), ("a", "y"), ("b", "x"), ("0", "x")] {
        directory.created("/Users", json!({"userName": name, "displayName": title, "externalId": title}));
    }
    for filter in [
        "displayName eq \"X\"",
        "externalId eq \"x\"",
        "userName eq \"0\" or userName eq \"B\" or userName eq \"c\"",
    ] {
        assert_eq!(directory.names("/Users", filter), "c b 0", "{filter}");
    }
}

#[test]
fn a_list_of_groups_shows_each_with_its_own_members() {
    let directory = Directory::new();
    let ids = users(&directory, 3);
    let one = directory.group("One", &[&ids[0], &ids[1]]);
    let two = directory.group("Two", &[]);
    let three = directory.group("Three", &[&ids[2], &one]);
    let ids_of = |body: &Value| -> Vec<Vec<String>> {
        let members = |group: &Value| {
            let members = group["members"].as_array().cloned().unwrap_or_default();
            members.iter().map(|member| member["value"].as_str().unwrap().to_string()).collect()
        };
        body["Resources"].as_array().unwrap().iter().map(members).collect()
    };
    let (_, body) = directory.get("/Groups");
    assert_eq!(
        ids_of(&body),
        [vec![ids[0].clone(), ids[1].clone()], vec![], vec![ids[2].clone(), one.clone()]]
    );
    let (_, body) = directory.get("/Groups?startIndex=3&count=1");
    assert_eq!(ids_of(&body), [vec![ids[2].clone(), one]]);
    let shown = json!([{
        "schemas": [GROUP], "id": two, "displayName": "Two", "meta": meta("Group", &two, 1, 4, 4),
    }]);
    let filtered = "/Groups?filter=displayName%20eq%20%22two%22&excludedAttributes=members";
    assert_eq!(directory.get(filtered), list(1, 1, shown));
    assert_eq!(directory.names("/Groups", &format!("members.value eq \"{}\"", ids[2])), "Three");
    assert_eq!(
        directory.names("/Groups", &format!("id eq \"{three}\" and members eq \"{}\"", ids[2])),
        "Three"
    );
}

#[test]
fn a_filter_that_is_none_is_refused() {
    let directory = Directory::new();
    let (status, body) = directory.query("/Users", "shoeSize eq 3");
    assert_eq!((status, body), refusal(400, "invalidFilter", "`shoeSize` is not an attribute of User"));
}
