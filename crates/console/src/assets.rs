//! The sheet, the script and the icon of every page.

/// The style sheet.
pub const STYLE: &str = include_str!("../assets/console.css");
/// The script: copy buttons and ticks that go on by themselves. Every page works without it.
pub const SCRIPT: &str = include_str!("../assets/console.js");
/// The icon of the browser's tab, in a colour that is seen on light and on dark ones.
pub const ICON: &str = include_str!("../assets/icon.svg");
