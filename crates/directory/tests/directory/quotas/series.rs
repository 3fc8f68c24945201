//! Totals follow any series of writes, and the removal of a tenant.

use scim::Dialect;
use serde_json::json;
use tenants::NewTenant;

use super::{bulk, group_of, import, line, totals_are_exact, user};
use crate::harness::{Directory, members};

/// Returns the next number of a series by xorshift: less than `most`.
fn next(random: &mut u64, most: usize) -> usize {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    (*random % most as u64) as usize
}

/// Writes something of that kind, whether it is refused or not.
fn write(directory: &Directory, kind: usize, random: &mut u64) {
    let (users, groups) = (directory.ids("/Users"), directory.ids("/Groups"));
    let mut next = |most: usize| next(random, most);
    let name = |n: usize| format!("n{n}-é");
    let any: Vec<&str> = users.iter().chain(&groups).map(String::as_str).collect();
    let some: Vec<&str> = any.into_iter().filter(|_| next(3) == 0).collect();
    let group = groups.get(next(groups.len().max(1))).cloned().unwrap_or("none".into());
    let some: Vec<&str> = some.into_iter().filter(|id| **id != group).collect();
    let path = format!("/Groups/{group}");
    let change = |op: &str| json!([{"op": op, "path": "members", "value": members(&some)}]);
    match kind {
        2 => drop(directory.patch(&path, change("add"))),
        3 => drop(directory.patch(&path, change("remove"))),
        5 => drop(directory.delete(&path)),
        6 => drop(users.get(next(9)).map(|id| directory.delete(&format!("/Users/{id}")))),
        7 => {
            let users = [user(&name(next(30))), user(&name(next(30)))];
            let groups = [group_of(&name(next(9)), "b1"), group_of("b1", &name(next(9)))];
            drop(bulk(directory, users.into_iter().chain(groups).collect()));
        }
        1 | 4 => {
            let group = json!({"displayName": name(next(9)), "members": members(&some)});
            drop(if kind == 1 { directory.post("/Groups", group) } else { directory.put(&path, group) });
        }
        0 | 8 => {
            let user = json!({"userName": name(next(30)), "title": "t".repeat(next(40))});
            match users.get(next(9)) {
                Some(id) if kind == 8 => drop(directory.put(&format!("/Users/{id}"), user)),
                _ => drop(directory.post("/Users", user)),
            }
        }
        _ => {
            let user = line("User", &format!("i{}", next(9)), &[]);
            drop(import(directory, &[user, line("Group", &format!("g{}", next(4)), &some)]));
        }
    }
}

#[test]
fn totals_follow_any_series_of_writes() {
    let directory = Directory::new();
    let mut random = 88_172_645_463_325_252_u64;
    for step in 0..600 {
        let tenant = directory.of_tenant(["default", "acme"][next(&mut random, 2)]);
        let kind = next(&mut random, 10);
        write(&tenant, kind, &mut random);
        totals_are_exact(&directory, &format!("step {step}, a write of kind {kind}"));
    }
    let removed = directory.run(async |database, context| {
        let acme = NewTenant {
            id: "acme".into(),
            name: "Acme".into(),
            dialect: Dialect::TOLERANT,
            log_retention_days: 1,
        };
        tenants::create(database, acme, context.now).await?;
        tenants::remove(database, "acme", None, directory::empty("acme"), context.now).await
    });
    removed.unwrap();
    totals_are_exact(&directory, "the removal of a tenant");
}
