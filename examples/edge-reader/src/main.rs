//! Reads people out of a dump of Workers KV: the keys and values as one JSON object on the standard input. Each argument is
//! `tenant=userName`, `tenant#id` or `tenant!externalId`; each line of the output is a person with all roles, or null. By this a test runs the
//! reader natively, on what the Worker has written.

use std::io::{Read, stdin};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use edge_reader::{Kv, Who, all_roles, read};
use serde_json::{Map, Value};

struct Dump(Map<String, Value>);

impl Kv for Dump {
    async fn get(&self, key: &str) -> Option<String> {
        self.0.get(key).and_then(Value::as_str).map(str::to_string)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut text = String::new();
    stdin().read_to_string(&mut text)?;
    let dump = Dump(serde_json::from_str(&text)?);
    for argument in std::env::args().skip(1) {
        let at = argument.find(['=', '#', '!']).ok_or("an argument names nobody")?;
        let (tenant, who) = argument.split_at_checked(at).ok_or("an argument names nobody")?;
        let name = who.get(1..).unwrap_or_default();
        let who = match who.chars().next() {
            Some('#') => Who::Id(name),
            Some('!') => Who::ExternalId(name),
            _ => Who::UserName(name),
        };
        // A dump answers at once.
        let found = pin!(async {
            let mut person = read(&dump, tenant, who).await?;
            let roles = all_roles(&dump, tenant, &person).await;
            person.as_object_mut()?.insert("roles".to_string(), roles.into());
            Some(person)
        });
        match found.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(found) => println!("{}", found.unwrap_or_default()),
            Poll::Pending => return Err("the dump does not answer".into()),
        }
    }
    Ok(())
}
