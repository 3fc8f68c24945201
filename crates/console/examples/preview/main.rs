//! Writes every page of the console into a folder, with realistic, empty and hostile values: for designing, and for
//! looking at it with axe. `cargo run -p console --example preview -- /tmp/preview`

mod samples;

use samples::{Kind, Page, Sample, pages};
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let Some(folder) = env::args().nth(1) else {
        return Err(io::Error::other(
            "into which folder? `cargo run -p console --example preview -- <folder>`",
        ));
    };
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    fs::write(folder.join("console.css"), console::STYLE)?;
    fs::write(folder.join("console.js"), console::SCRIPT)?;
    fs::write(folder.join("icon.svg"), console::ICON)?;
    for (name, page) in all() {
        println!("{:>6} bytes  {name}", page.len());
        fs::write(folder.join(format!("{name}.html")), page)?;
    }
    Ok(())
}

/// Returns every page with values of every kind.
fn all() -> Vec<Page> {
    let kinds = [(Kind::Real, ""), (Kind::Empty, "-empty"), (Kind::Hostile, "-hostile")];
    let of = |(kind, suffix)| {
        let pages = pages(Sample { rows: 12, ..Sample::of(kind) });
        pages.into_iter().map(move |(name, page)| (format!("{name}{suffix}"), page)).collect()
    };
    let all: Vec<Vec<Page>> = kinds.into_iter().map(of).collect();
    all.concat()
}
