//! Prints the engine's warnings on standard error.

use log::{LevelFilter, Log, Metadata, Record};

struct Lines;

/// Installs a logger for the engine's own warnings only: the libraries that it uses may log parts
/// of requests.
pub(crate) fn install() {
    if log::set_logger(&Lines).is_ok() {
        log::set_max_level(LevelFilter::Warn);
    }
}

impl Log for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("gadget_request")
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            eprintln!("gadget-devtools: {}", record.args());
        }
    }

    fn flush(&self) {}
}
