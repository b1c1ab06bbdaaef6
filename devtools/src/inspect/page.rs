//! The files of the page. They are in the program, so that it needs no folder and no network.

/// A file: its path, its type, its text.
pub(super) struct File(pub(super) &'static str, pub(super) &'static str, pub(super) &'static str);

macro_rules! files {
    ($($path:literal is $file:literal: $kind:ident,)+) => {
        &[$(File($path, $kind, include_str!(concat!("page/", $file))),)+]
    };
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

const FILES: &[File] = files! {
    "/" is "index.html": HTML,
    "/style.css" is "style.css": CSS,
    "/icon.svg" is "icon.svg": SVG,
    "/calls.js" is "calls.js": SCRIPT,
    "/curl.js" is "curl.js": SCRIPT,
    "/detail.js" is "detail.js": SCRIPT,
    "/dom.js" is "dom.js": SCRIPT,
    "/format.js" is "format.js": SCRIPT,
    "/gates.js" is "gates.js": SCRIPT,
    "/list.js" is "list.js": SCRIPT,
    "/main.js" is "main.js": SCRIPT,
    "/search.js" is "search.js": SCRIPT,
    "/waterfall.js" is "waterfall.js": SCRIPT,
};

/// The page loads its own files only, and no text becomes HTML or script: what it shows comes from
/// servers.
pub(super) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

pub(super) fn file(path: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.0 == path)
}
