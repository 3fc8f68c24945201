//! The frequent operations take as many steps of SQLite's virtual machine in a large directory as in a small one.

use serde_json::{Value, json};

use crate::harness::{Directory, members};

struct Sized {
    directory: Directory,
    /// A member of the large group, and a user who is not a member.
    member: String,
    other: String,
    large: String,
    small: String,
}

fn filled(users: usize, size: usize) -> Sized {
    let directory = Directory::new();
    let user = |at: usize| {
        let name = format!("user{at:06}");
        let body = json!({
            "userName": name, "displayName": name, "externalId": name,
            "emails": [{"value": format!("{name}@x.example"), "type": "work"}],
        });
        directory.created("/Users", body)
    };
    let ids: Vec<String> = (0..users).map(user).collect();
    let listed: Vec<&str> = ids.iter().take(size).map(String::as_str).collect();
    let large = directory.group("Large", &listed);
    let small = directory.group("Small", &[&ids[1]]);
    let (member, other) = (ids[1].clone(), ids[users - 1].clone());
    Sized { directory, member, other, large, small }
}

impl Sized {
    fn steps(&self, operation: &dyn Fn(&Sized) -> (u16, Value)) -> i64 {
        let before = self.directory.database.sqlite.steps();
        let (status, body) = operation(self);
        assert!(status < 300, "{body}");
        self.directory.database.sqlite.steps() - before
    }

    fn finds(&self, endpoint: &str, filter: &str) -> (u16, Value) {
        let filter = crate::harness::encoded(filter);
        // The members of the large group are not counted here.
        let answer = self.directory.get(&format!("{endpoint}?filter={filter}&excludedAttributes=members"));
        assert_eq!(answer.1["totalResults"], 1, "{}", answer.1);
        answer
    }
}

#[test]
fn the_frequent_operations_cost_the_same_in_a_large_directory() {
    let (small, large) = (filled(100, 10), filled(10_000, 9_990));
    type Operation = (&'static str, &'static dyn Fn(&Sized) -> (u16, Value));
    let find: [Operation; 10] = [
        ("userName", &|on| on.finds("/Users", "userName eq \"USER000005\"")),
        ("externalId", &|on| on.finds("/Users", "externalId eq \"user000005\"")),
        ("displayName", &|on| on.finds("/Users", "displayName eq \"user000005\"")),
        ("emails.value", &|on| on.finds("/Users", "emails.value eq \"user000005@x.example\"")),
        ("emails[]", &|on| on.finds("/Users", "emails[type eq \"work\"].value eq \"user000005@x.example\"")),
        ("id", &|on| on.finds("/Users", &format!("id eq \"{}\"", on.member))),
        ("group by name", &|on| on.finds("/Groups", "displayName eq \"large\"")),
        ("is a member", &|on| {
            on.finds("/Groups", &format!("id eq \"{}\" and members eq \"{}\"", on.large, on.member))
        }),
        ("first page", &|on| on.directory.get("/Users?count=10")),
        ("member of", &|on| {
            on.directory
                .query("/Groups", &format!("members.value eq \"{}\" and displayName eq \"small\"", on.member))
        }),
    ];
    let change: [Operation; 10] = [
        ("read", &|on| on.directory.get(&format!("/Users/{}", on.member))),
        ("add", &|on| {
            let add = json!([{"op": "add", "path": "members", "value": members(&[&on.other])}]);
            on.directory.patch(&format!("/Groups/{}", on.large), add)
        }),
        ("add again", &|on| {
            let add = json!([{"op": "add", "path": "members", "value": members(&[&on.other])}]);
            on.directory.patch(&format!("/Groups/{}", on.large), add)
        }),
        ("remove", &|on| {
            let remove = json!([{"op": "remove", "path": "members", "value": members(&[&on.other])}]);
            on.directory.patch(&format!("/Groups/{}", on.large), remove)
        }),
        ("rename a group", &|on| {
            let rename = json!([{"op": "replace", "path": "displayName", "value": "Largest"}]);
            on.directory.patch(&format!("/Groups/{}", on.large), rename)
        }),
        ("change a user", &|on| {
            let title = json!([{"op": "add", "path": "title", "value": "x"}]);
            on.directory.patch(&format!("/Users/{}", on.member), title)
        }),
        ("create a user", &|on| {
            on.directory.post("/Users", json!({"userName": "new", "emails": [{"value": "n@x"}]}))
        }),
        ("create a group", &|on| {
            on.directory.post("/Groups", json!({"displayName": "new", "members": members(&[&on.member])}))
        }),
        ("delete a user", &|on| on.directory.delete(&format!("/Users/{}", on.member))),
        ("delete a group", &|on| on.directory.delete(&format!("/Groups/{}", on.small))),
    ];
    for (name, operation) in find.iter().chain(&change) {
        let (few, many) = (small.steps(operation), large.steps(operation));
        assert!((few - many).abs() <= 60, "{name}: {few} steps in a small directory, {many} in a large one");
    }
}
