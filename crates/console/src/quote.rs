//! Values within scripts that a person pastes into a terminal: each function returns one word of its language, whatever the
//! value holds.
//!
//! Characters that a terminal obeys, or that are not seen, are left out: control characters (a line feed would run the
//! half of a line), and the marks of direction, by which a script can look like another one.

/// Returns the value as a string of PowerShell, in single quotes.
///
/// PowerShell takes the four curly single quotes for straight ones (about_Quoting_Rules), so that they are doubled too.
pub fn powershell(value: &str) -> String {
    quoted(value, |character, quoted| {
        quoted.push(character);
        if matches!(character, '\'' | '\u{2018}'..='\u{201b}') {
            quoted.push(character);
        }
    })
}

/// Returns the value as a word of a POSIX shell, in single quotes.
pub fn shell(value: &str) -> String {
    quoted(value, |character, quoted| match character {
        '\'' => quoted.push_str(r"'\''"),
        other => quoted.push(other),
    })
}

/// Returns the value as a string of JSON, in double quotes.
pub fn json(value: &str) -> String {
    let mut quoted = String::from('"');
    for character in visible(value) {
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

fn quoted(value: &str, add: impl Fn(char, &mut String)) -> String {
    let mut quoted = String::from('\'');
    visible(value).for_each(|character| add(character, &mut quoted));
    quoted.push('\'');
    quoted
}

fn visible(value: &str) -> impl Iterator<Item = char> {
    let is_obeyed = |character: &char| {
        let is_mark = matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}');
        character.is_control() || is_mark || matches!(character, '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    value.chars().filter(move |character| !is_obeyed(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a'; rm -rf /; $(id) `id` \"$HOME\" \\ \u{2019}\u{202e}\r\nid\0\u{85}<";

    #[test]
    fn a_shell_reads_back_the_value() {
        assert_eq!(shell("it's"), r"'it'\''s'");
        let script = format!("printf %s {}", shell(HOSTILE));
        let printed =
            std::process::Command::new("sh").arg("-c").arg(script).output().expect("there is a shell");
        let visible: String = visible(HOSTILE).collect();
        assert_eq!(String::from_utf8_lossy(&printed.stdout), visible);
        assert!(printed.stderr.is_empty());
    }

    #[test]
    fn no_quote_ends_a_string_of_powershell() {
        assert_eq!(powershell("$x `n \"'"), "'$x `n \"'''");
        for quote in ['\'', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}'] {
            assert_eq!(powershell(&format!("a{quote}b")), format!("'a{quote}{quote}b'"));
        }
    }

    #[test]
    fn json_is_escaped() {
        assert_eq!(json("a\"b\\c\n"), r#""a\"b\\c""#);
    }

    #[test]
    fn what_a_terminal_obeys_is_left_out() {
        for quoted in [shell(HOSTILE), powershell(HOSTILE), json(HOSTILE)] {
            assert!(!quoted.chars().any(char::is_control), "{quoted:?}");
            assert!(!quoted.contains('\u{202e}'));
        }
    }
}
