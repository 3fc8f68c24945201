//! Writes every page of the console into a folder, with realistic, empty and hostile values: for designing, and for
//! looking at it with axe. `cargo run -p console --example preview -- /tmp/preview`

mod samples;

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
    for (name, page) in samples::all() {
        println!("{:>6} bytes  {name}", page.len());
        fs::write(folder.join(format!("{name}.html")), page)?;
    }
    Ok(())
}
