//! Prints the C header: `scripts/gen-header`.

use std::io::Write as _;
use std::path::Path;

fn main() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_root_or_default(here);
    // The modules of lib.rs are found from there.
    let builder = cbindgen::Builder::new().with_config(config).with_src(here.join("src/lib.rs"));
    let mut header = Vec::new();
    builder.generate().expect("the sources are C's").write(&mut header);
    let header = String::from_utf8(header).expect("made of UTF-8");
    // What Rust's readers want to hear about safety, C's have heard at the head.
    let safety = " *\n * # Safety\n *\n * See the rules at the head of the header.\n";
    let header = header.replace(safety, "");
    assert!(!header.contains("# Safety"), "a safety section of other words");
    std::io::stdout().write_all(header.as_bytes()).expect("standard output");
}
