//! Sends log lines to the host app's log.

use std::ffi::c_void;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::context::{Callbacks, gadget_destroy};
use crate::guard::guarded;
use crate::slice::gadget_slice;
use crate::status::gadget_status::{self, *};

/// Receives the log lines of the library.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gadget_log_sink {
    /// The functions get it as their first argument.
    pub context: *mut c_void,
    /// Gets a line and its level: 1 (error), 2 (warning), 3 (info) or 4
    /// (debug). It is called from any thread, one call at a time. Must not call
    /// this library.
    pub log: Option<extern "C" fn(context: *mut c_void, level: u32, line: gadget_slice)>,
    /// Is called once, after the last `log` has returned. Can be NULL.
    pub destroy: gadget_destroy,
}

type Target = Callbacks<extern "C" fn(*mut c_void, u32, gadget_slice)>;

struct Sink(Mutex<Option<Target>>);

impl Sink {
    fn lock(&self) -> MutexGuard<'_, Option<Target>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

static SINK: Sink = Sink(Mutex::new(None));

/// Sends the log of the whole process to `sink`, in place of the one before, up
/// to `level` (4: all of it). With NULL logging ends. A line holds nothing of a
/// request except its trace and names of headers.
///
/// Returns GADGET_TOO_LATE if the program has already set another logger for
/// Rust's `log`.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_log_to(sink: *const gadget_log_sink, level: u32) -> gadget_status {
    guarded(|| {
        // SAFETY: the caller promises that it can be read unless it is NULL.
        let sink = unsafe { sink.as_ref() }
            .map(|sink| Callbacks::new(sink.context, sink.log, sink.destroy))
            .transpose()?;
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
        let replaced = mem::replace(&mut *SINK.lock(), sink);
        log::set_max_level(filter);
        drop(replaced); // outside the lock: its `destroy` can call this library
        Ok(())
    })
}

impl Log for Sink {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // The libraries below may log what is in a request; only the engine's own lines pass.
        metadata.target().starts_with("gadget_request") && metadata.level() <= Level::Debug
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let line = record.args().to_string();
        if let Some(target) = &*self.lock() {
            let line = gadget_slice::of(line.as_bytes());
            (target.functions)(target.context(), record.level() as u32, line);
        }
    }

    fn flush(&self) {}
}

#[cfg(test)]
mod tests {
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

    extern "C" fn is_destroyed(context: *mut c_void) {
        // SAFETY: it is the test's flag.
        unsafe { *context.cast::<bool>() = true };
    }

    #[test]
    fn a_sink_that_comes_too_late_is_destroyed_and_not_kept() {
        log::set_logger(&Other).expect("no test sets another");
        let mut destroyed = false;
        let sink = gadget_log_sink {
            context: (&raw mut destroyed).cast(),
            log: Some(no_line),
            destroy: Some(is_destroyed),
        };
        // SAFETY: the sink can be read.
        assert_eq!(unsafe { gadget_log_to(&raw const sink, 4) }, GADGET_TOO_LATE);
        assert!(destroyed && SINK.lock().is_none());
    }
}
