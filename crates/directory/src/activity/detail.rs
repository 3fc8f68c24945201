//! What is kept of the sentence of a refusal: all but what the client sent, so that it names no person and holds no secret.
//!
//! A sentence has what the client sent in backticks (CONTRIBUTING.md). Of it stay the words of SCIM and of this service's schemas,
//! ids, and small numbers: they say what is wrong and where. Everything else becomes `…`.

use scim::{Attribute, HttpRequest, Registry};

/// The longest sentence, in characters.
const LONGEST: usize = 500;
/// The longest quoted text that is looked at, in bytes.
const LONGEST_QUOTE: usize = 200;
/// The longest list of quoted texts of which each is looked at; more of them are cut.
const QUOTES: usize = 20;

/// Words of the protocol that may be in backticks beside the names of attributes.
const WORDS: &str = "get head post put patch delete options users groups bulk me schemas resourcetypes serviceproviderconfig \
    search eq ne co sw ew gt ge lt le pr and or not true false null add replace remove op path value values operations \
    failonerrors bulkid method data version filter count startindex cursor sortby sortorder ascending descending attributes \
    excludedattributes type primary display ref work home other mobile fax application json scim charset utf utf8 user group \
    urn ietf params core extension enterprise api messages patchop bulkrequest searchrequest listresponse content encoding gzip \
    deflate br identity if match none";

/// Returns the sentence as it is kept. `is_clear` says whether a backtick in it can only be one of this service:
/// otherwise the sentence ends at the first.
pub fn kept(detail: &str, registry: &Registry, is_clear: bool) -> String {
    let mut parts = detail.split('`');
    let mut kept = parts.next().unwrap_or_default().to_string();
    if !is_clear && kept.len() < detail.len() {
        return shortened(kept) + "…";
    }
    let mut quoted = true;
    for (place, part) in parts.enumerate() {
        if place > 2 * QUOTES {
            kept.push('…');
            break;
        }
        match quoted {
            true if is_known(part, registry) => kept.extend(["`", part, "`"]),
            true => kept.push_str("`…`"),
            false => kept.push_str(part),
        }
        quoted = !quoted;
    }
    shortened(kept)
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_string() + "…",
        None => text,
    }
}

/// Returns whether a sentence about the request could contain a backtick that the client sent.
pub fn may_quote_backticks(request: &HttpRequest<'_>) -> bool {
    let headers = [request.content_type, request.if_match, request.if_none_match];
    let texts =
        [request.method, request.path, request.query].into_iter().chain(headers.into_iter().flatten());
    let has = |text: &str| text.contains('`') || text.contains("%60");
    let in_body = |body: &[u8]| body.contains(&b'`') || body.windows(5).any(|part| part == b"u0060");
    texts.into_iter().any(has) || in_body(request.body)
}

/// Returns whether the text consists of known words alone.
fn is_known(text: &str, registry: &Registry) -> bool {
    let is_separator =
        |character: char| !character.is_ascii_alphanumeric() && !matches!(character, '-' | '_' | '$');
    let is_known =
        |word: &str| is_small_number(word) || is_id(word) || is_word(word) || is_attribute(word, registry);
    text.is_ascii()
        && text.len() <= LONGEST_QUOTE
        && text.split(is_separator).filter(|word| !word.is_empty()).all(is_known)
}

/// Returns whether the text has the form of an id of this service: a UUID.
pub(super) fn is_id(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_small_number(word: &str) -> bool {
    word.len() <= 3 && word.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_word(word: &str) -> bool {
    WORDS.split_ascii_whitespace().any(|known| known.eq_ignore_ascii_case(word))
}

/// Returns whether it is the name of an attribute or of a type, or a segment of the URN of a schema.
fn is_attribute(word: &str, registry: &Registry) -> bool {
    let is = |name: &str| name.eq_ignore_ascii_case(word);
    let names = |attributes: &[Attribute]| {
        attributes
            .iter()
            .any(|attribute| is(&attribute.name) || attribute.sub_attributes.iter().any(|sub| is(&sub.name)))
    };
    registry.kinds().any(|kind| {
        let of = registry.resource_type(kind);
        let schemas = std::iter::once(&of.schema).chain(&of.extensions);
        is(kind.name())
            || is(kind.endpoint())
            || names(&of.common)
            || schemas.into_iter().any(|schema| names(&schema.attributes) || schema.id.split(':').any(is))
    })
}

#[cfg(test)]
mod tests {
    use scim::{HttpRequest, Registry};

    use super::{kept, may_quote_backticks};

    #[test]
    fn what_a_client_sent_is_left_out_and_what_says_where_the_fault_is_stays() {
        let registry = Registry::load().unwrap();
        let id = "01998a5e-7b1c-7000-8000-000000000001";
        for (detail, expected) in [
            ("another User has the userName `ada@example.com`", "another User has the userName `…`"),
            (&format!("there is no User `{id}`"), &format!("there is no User `{id}`")),
            ("there is no User `ada`", "there is no User `…`"),
            ("`name.familyName` must be a text", "`name.familyName` must be a text"),
            ("`emails[type eq \"work\"].value` is not `Ada`", "`emails[type eq \"work\"].value` is not `…`"),
            (
                "`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department` is `ada`",
                "`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department` is `…`",
            ),
            ("`userName eq \"ada\"`", "`…`"),
            ("`count` is `12`, not `4911234567`", "`count` is `12`, not `…`"),
            ("no quotes", "no quotes"),
            ("open `secret", "open `…`"),
            ("`nickName` `größe` `$ref`", "`nickName` `…` `$ref`"),
        ] {
            assert_eq!(kept(detail, &registry, true), expected, "{detail}");
        }
        assert_eq!(kept("`a` secret `userName` and", &registry, false), "…");
        assert_eq!(kept("the value `a` secret `b", &registry, false), "the value …");
        assert_eq!(kept(&"x".repeat(600), &registry, true).chars().count(), 501);
        assert!(kept(&"`active`, ".repeat(90), &registry, true).ends_with('…'));
    }

    #[test]
    fn a_backtick_of_the_client_is_found_wherever_it_may_come_from() {
        let request = HttpRequest { method: "POST", path: "/Users", body: b"{}", ..HttpRequest::default() };
        assert!(!may_quote_backticks(&request));
        for other in [
            HttpRequest { path: "/Users/`", ..request },
            HttpRequest { query: "filter=%60", ..request },
            HttpRequest { if_match: Some("`"), ..request },
            HttpRequest { content_type: Some("`"), ..request },
            HttpRequest { body: b"{\"a\": \"`\"}", ..request },
            HttpRequest { body: b"{\"a\": \"\\u0060\"}", ..request },
        ] {
            assert!(may_quote_backticks(&other), "{other:?}");
        }
    }
}
