//! Conditional requests (RFC 7644 s3.14, RFC 9110 s13.1).

/// What `If-Match` or `If-None-Match` lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// `*`: any version.
    Any,
    /// These entity tags, without their `W/`: versions are compared weakly (RFC 9110 s8.8.3.2).
    Tags(Vec<String>),
}

impl Precondition {
    /// Reads the header's value.
    pub fn parse(header: &str) -> Precondition {
        if header.trim() == "*" {
            return Precondition::Any;
        }
        let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_string();
        Precondition::Tags(header.split(',').map(opaque).filter(|tag| !tag.is_empty()).collect())
    }

    /// The versions that are listed; None where every one is. Tags that no version makes list nothing.
    pub fn versions(&self) -> Option<Vec<i64>> {
        let version = |tag: &String| tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok();
        match self {
            Precondition::Any => None,
            Precondition::Tags(tags) => Some(tags.iter().filter_map(version).collect()),
        }
    }

    /// Whether the resource's version is one of those listed.
    pub fn lists(&self, version: i64) -> bool {
        match self {
            Precondition::Any => true,
            Precondition::Tags(tags) => tags.iter().any(|tag| *tag == format!("\"{version}\"")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Precondition;

    #[test]
    fn tags_are_compared_weakly_and_the_asterisk_lists_every_version() {
        let tags = Precondition::parse("W/\"7\", \"8\"");
        assert!(tags.lists(7) && tags.lists(8) && !tags.lists(9));
        assert!(Precondition::parse(" * ").lists(3));
        assert!(!Precondition::parse("").lists(1));
    }
}
