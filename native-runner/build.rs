//! Builds the page in, where `cargo dev www` has made one or `NOISEFLOOR_PAGE` names one (empty: none).

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let named = env::var_os("NOISEFLOOR_PAGE");
    println!("cargo::rerun-if-env-changed=NOISEFLOOR_PAGE");
    let page = named.map_or_else(|| folder.join("../www/dist/offline.html"), PathBuf::from);
    if !page.as_os_str().is_empty() {
        println!("cargo::rerun-if-changed={}", page.display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    let html = fs::read_to_string(&page).unwrap_or_default();
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("page.html");
    if let Err(error) = fs::write(&out, html) {
        println!("cargo::error={}: {error}", out.display());
    }
}
