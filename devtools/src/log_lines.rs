//! What the engine warns of, on standard error.

use log::{LevelFilter, Log, Metadata, Record};

struct Lines;

/// Only the engine's own warnings: the libraries below may log what is in a request.
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
