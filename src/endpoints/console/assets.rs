//! The sheet, the script and the icon of the pages. Their names hold a hash of their contents, so that a browser may keep them for a year.

use std::sync::OnceLock;

use console::{ICON, SCRIPT, STYLE};
use database::Failure;
use scim::ScimError;
use tenants::Hash;

use super::console_request::ConsoleRequest;
use crate::http::{self, Caching, Response};

/// How many digits of the hash stand in a name: 64 bits.
const DIGITS: usize = 16;

struct Asset {
    name: String,
    media_type: &'static str,
    content: &'static str,
}

static ASSETS: OnceLock<[Asset; 3]> = OnceLock::new();

/// Returns the sheet, the script and the icon.
fn all() -> &'static [Asset; 3] {
    let files = [
        ("console", "css", "text/css; charset=utf-8", STYLE),
        ("console", "js", "text/javascript; charset=utf-8", SCRIPT),
        ("icon", "svg", "image/svg+xml", ICON),
    ];
    ASSETS.get_or_init(|| {
        files.map(|(name, extension, media_type, content)| {
            let hash: String = Hash::of(content).to_hex().chars().take(DIGITS).collect();
            Asset { name: format!("{name}-{hash}.{extension}"), media_type, content }
        })
    })
}

/// Returns the addresses of the sheet, of the script and of the icon.
pub(super) fn addresses() -> [String; 3] {
    all().each_ref().map(|asset| format!("/console/assets/{}", asset.name))
}

/// Answers with an asset, or with 304 if the browser has it.
///
/// # Errors
/// 404 if there is none of that name, 405 for a method other than GET.
pub(super) fn serve(asked: &ConsoleRequest<'_>, name: &str) -> Result<Response, Failure> {
    asked.named("asset");
    asked.only("GET")?;
    let asset = all().iter().find(|asset| asset.name == name);
    let asset = asset.ok_or_else(|| ScimError::not_found("there is no such file"))?;
    let tag = format!("\"{}\"", asset.name);
    let known = http::header(asked.request, "If-None-Match").unwrap_or_default();
    // A proxy that compresses makes the tag a weak one (RFC 9110 s13.1.2: the comparison is weak).
    let has_it = known.split(',').any(|each| each.trim().trim_start_matches("W/") == tag);
    let response = if has_it {
        Response::empty(304)
    } else {
        Response::of_type(200, asset.media_type, asset.content.to_string())
    };
    Ok(response.with("ETag", tag).cached(Caching::Immutable))
}
