//! Prints the C header: `scripts/gen-header`.

use std::io::Write as _;
use std::path::Path;

fn main() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_root_or_default(here);
    // It finds the modules from lib.rs.
    let builder = cbindgen::Builder::new().with_config(config).with_src(here.join("src/lib.rs"));
    let mut header = Vec::new();
    builder.generate().expect("the sources have a C interface").write(&mut header);
    let header = String::from_utf8(header).expect("the sources are UTF-8");
    // Readers of C find these sections of Rust's docs at the head.
    let safety = " *\n * # Safety\n *\n * See the rules at the head of the header.\n";
    let header = header.replace(safety, "");
    assert!(!header.contains("# Safety"), "a safety section has other words");
    let long = header.lines().find(|line| line.chars().count() > 80);
    assert_eq!(long, None, "a line has over 80 columns");
    std::io::stdout().write_all(header.as_bytes()).expect("standard output");
}
