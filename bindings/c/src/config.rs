//! `gadget_config`: settings, checked once.

use std::ffi::c_char;
use std::num::NonZeroUsize;

use gadget_request::ClientConfig;

use crate::guard::{guarded, parse, put};
use crate::registry::Registry;
use crate::slice::gadget_slice;
use crate::status::gadget_status::{self, *};

/// The settings of a client, already checked. Use it for any number of clients.
pub struct gadget_config {
    _opaque: [u8; 0],
}

pub(crate) static CONFIGS: Registry<ClientConfig> = Registry::new();

/// Reads the settings of a client from a JSON document (`{}` for the defaults)
/// and puts a new object into `*config`; free it with gadget_config_free.
///
/// Returns GADGET_INVALID_CONFIG if the document is wrong. Then `message`,
/// unless it is NULL, gets a sentence that names the field. It ends with a NUL
/// and is cut to `message_size` bytes.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_config_new(
    json: gadget_slice,
    config: *mut *mut gadget_config,
    message: *mut c_char,
    message_size: usize,
) -> gadget_status {
    guarded(|| {
        // SAFETY: the caller promises that the bytes can be read.
        let json = unsafe { json.required() }?;
        if config.is_null() {
            return Err(GADGET_NULL_ARGUMENT);
        }
        // SAFETY: the caller promises `message_size` writable bytes.
        let parsed = unsafe { parse(json, message, message_size, ClientConfig::from_json) };
        let parsed = parsed.ok_or(GADGET_INVALID_CONFIG)?;
        // SAFETY: the caller promises that `config` can be written to.
        unsafe { put(config, CONFIGS.insert(parsed)) }
    })
}

/// Frees a configuration. Clients made with it are not affected.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_config_free(config: *mut gadget_config) {
    guarded(|| {
        CONFIGS.remove(config);
        Ok(())
    });
}

/// Sets the number of threads that run requests and completions for the whole
/// process (default 2). It works once, before the first request: later it
/// returns GADGET_TOO_LATE. Returns GADGET_NOT_AVAILABLE for 0.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_set_worker_threads(threads: usize) -> gadget_status {
    guarded(|| {
        let threads = NonZeroUsize::new(threads).ok_or(GADGET_NOT_AVAILABLE)?;
        gadget_request::set_worker_threads(threads).map_err(|_| GADGET_TOO_LATE)
    })
}
