//! Which requests an identity provider sends to test its connection. They are recognized by their form alone.

/// Returns whether it is such a request: Entra looks up a user and a group whose name is a random GUID, and Okta and Google ask for
/// the first one or two users. A lookup by `externalId` is not one: a GUID is what Entra has there for every person.
pub fn tests_connection(method: &str, path: &str, query: &str) -> bool {
    if method != "GET" || !matches!(path, "/Users" | "/Groups") {
        return false;
    }
    let parameters: Vec<(&str, &str)> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let value = |name: &str| {
        let found = parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.replace('+', " ").replace("%20", " ").replace("%22", "\""))
    };
    match value("filter") {
        Some(filter) => looks_up_an_unknown_person(&filter),
        None => {
            let is_page = parameters.iter().all(|(name, _)| ["count", "startIndex"].contains(name));
            path == "/Users" && is_page && value("count").is_some_and(|count| count == "1" || count == "2")
        }
    }
}

/// Returns whether a filter asks for a name that is a GUID.
fn looks_up_an_unknown_person(filter: &str) -> bool {
    let words: Vec<&str> = filter.trim().rsplitn(3, ' ').collect();
    let [value, operator, attribute] = words.as_slice() else { return false };
    let name = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or_default();
    let is_name = ["userName", "displayName"].iter().any(|name| attribute.eq_ignore_ascii_case(name))
        || attribute.to_ascii_lowercase().starts_with("emails");
    operator.eq_ignore_ascii_case("eq") && is_name && is_guid(name)
}

fn is_guid(text: &str) -> bool {
    text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::tests_connection;

    #[test]
    fn a_test_of_the_connection_is_told_from_a_lookup() {
        let guid = "f3a1c2d4-0000-4b5c-9d6e-7f8091a2b3c4";
        let filter = |filter: &str| format!("filter={}", filter.replace(' ', "+").replace('"', "%22"));
        for (path, query, expected) in [
            ("/Users", filter(&format!("userName eq \"{guid}\"")), true),
            ("/Users", filter(&format!("emails[type eq \"work\"].value eq \"{guid}\"")), true),
            (
                "/Groups",
                format!("excludedAttributes=members&{}", filter(&format!("displayName eq \"{guid}\""))),
                true,
            ),
            ("/Users", "startIndex=1&count=1".to_string(), true),
            ("/Users", "count=2&startIndex=1".to_string(), true),
            ("/Users", filter(&format!("externalId eq \"{guid}\"")), false),
            ("/Users", filter("userName eq \"ada@example.com\""), false),
            ("/Users", "startIndex=1&count=100".to_string(), false),
            ("/Users", "count=1&attributes=id".to_string(), false),
            ("/Groups", "count=1".to_string(), false),
            ("/Users/1", "count=1".to_string(), false),
            ("/Users", String::new(), false),
        ] {
            assert_eq!(tests_connection("GET", path, &query), expected, "{path}?{query}");
        }
        assert!(!tests_connection("POST", "/Users", "count=1"));
    }
}
