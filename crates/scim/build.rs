//! Lists the documents of `schemas/` and `resource-types/` for `include_str!`, so that one is added by adding a file.

use std::{env, error::Error, fmt::Write, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    for folder in ["schemas", "resource-types"] {
        list(folder)?;
    }
    Ok(())
}

/// Writes `$OUT_DIR/<folder>.rs`: the names and texts of the folder's documents.
fn list(name: &str) -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../..").join(name).canonicalize()?;
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files.sort();
    let mut list = String::from("[\n");
    for path in files {
        println!("cargo::rerun-if-changed={}", path.display());
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        writeln!(list, "({:?}, include_str!({:?})),", name, path.display().to_string())?;
    }
    list.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join(format!("{name}.rs")), list)?;
    Ok(())
}
