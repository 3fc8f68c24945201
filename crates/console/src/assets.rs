//! The sheet and the script of every page.

/// The style sheet.
pub const STYLE: &str = include_str!("../assets/console.css");
/// The script: copy buttons and ticks that go on by themselves. Every page works without it.
pub const SCRIPT: &str = include_str!("../assets/console.js");
