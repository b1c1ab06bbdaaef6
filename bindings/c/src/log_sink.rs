//! Log lines on their way to the host's own log.

use std::ffi::c_void;
use std::sync::{Mutex, PoisonError};

use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::guard::guarded;
use crate::result::gadget_slice;
use crate::status::gadget_status::{self, *};

/// Gets a line of the log: level 1 (error), 2 (warning), 3 (info) or 4 (debug), and its text, valid during the call.
/// It comes from any thread, one at a time, and must not call this library.
#[expect(non_camel_case_types, reason = "the name C sees")]
pub type gadget_log = Option<extern "C" fn(context: *mut c_void, level: u32, line: gadget_slice)>;

struct Sink(Mutex<Option<Target>>);

#[derive(Clone, Copy)]
struct Target {
    log: extern "C" fn(*mut c_void, u32, gadget_slice),
    context: *mut c_void,
}

// SAFETY: the header says that lines come from any thread: the context is made for it.
unsafe impl Send for Target {}

static SINK: Sink = Sink(Mutex::new(None));

/// Sends the log of the whole process's engine to `log`, up to a level (4: all of it); NULL ends it. No line
/// holds anything of a request but its trace and the names of headers. `context` must live until another call of
/// this has returned.
///
/// GADGET_TOO_LATE where the program has another logger for Rust's `log` already; `context` is not kept then.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_log_to(
    log: gadget_log,
    context: *mut c_void,
    level: u32,
) -> gadget_status {
    guarded(|| {
        let filter = match level {
            0 => LevelFilter::Off,
            1 => LevelFilter::Error,
            2 => LevelFilter::Warn,
            3 => LevelFilter::Info,
            _ => LevelFilter::Debug,
        };
        static INSTALLED: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
        if !INSTALLED.get_or_init(|| log::set_logger(&SINK).is_ok()) {
            return Err(GADGET_TOO_LATE);
        }
        *SINK.0.lock().unwrap_or_else(PoisonError::into_inner) =
            log.map(|log| Target { log, context });
        log::set_max_level(filter);
        Ok(())
    })
}

impl Log for Sink {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // The libraries below may log what is in a request; only the engine's own words are let through.
        metadata.target().starts_with("gadget_request") && metadata.level() <= Level::Debug
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let line = record.args().to_string();
        let target = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Target { log, context }) = *target {
            log(context, record.level() as u32, gadget_slice::of(line.as_bytes()));
        }
    }

    fn flush(&self) {}
}

#[cfg(test)]
mod tests {
    use std::ptr;

    use super::*;

    struct Other;

    impl Log for Other {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            false
        }

        fn log(&self, _: &Record<'_>) {}

        fn flush(&self) {}
    }

    extern "C" fn no_line(_: *mut c_void, _: u32, _: gadget_slice) {}

    #[test]
    fn a_log_that_comes_too_late_is_not_kept() {
        log::set_logger(&Other).expect("no test sets another");
        assert_eq!(gadget_log_to(Some(no_line), ptr::null_mut(), 4), GADGET_TOO_LATE);
        assert!(SINK.0.lock().unwrap().is_none());
    }
}
