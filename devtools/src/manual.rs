//! What this program says of itself: to shells, to `man`, and with `--version`.

use std::env::consts::{ARCH, OS};
use std::path::Path;
use std::sync::LazyLock;

use clap::CommandFactory as _;
use clap_complete::Shell;
use gadget_request::Platform;

use crate::cli::Cli;
use crate::{SUCCESS, print};

/// The version and what the engine in this program can do.
pub(crate) static VERSION: LazyLock<String> = LazyLock::new(|| {
    let version = env!("CARGO_PKG_VERSION");
    let platforms = Platform::ALL.map(Platform::as_str).join(", ");
    let lines = [
        format!("{version} for {OS}, {ARCH}"),
        format!("Platforms: {platforms}"),
        "HTTP: 1.1, 2".to_owned(),
        "TLS: 1.2, 1.3 (rustls, ring)".to_owned(),
        "Content codings: gzip, deflate, br, zstd".to_owned(),
    ];
    lines.join("\n")
});

/// Prints the completions of a shell.
pub(crate) fn completions(shell: Shell) -> Result<u8, String> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "gadget-devtools", &mut script);
    let script = String::from_utf8(script).expect("the names and helps are UTF-8");
    print::line(script.trim_end())?;
    Ok(SUCCESS)
}

/// Writes a page for the program and one for each of its commands.
pub(crate) fn man(folder: &Path) -> Result<u8, String> {
    clap_mangen::generate_to(Cli::command(), folder)
        .map_err(|error| format!("cannot write into {}: {error}", folder.display()))?;
    Ok(SUCCESS)
}
