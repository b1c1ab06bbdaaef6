//! `gadget_config`: settings, checked once.

use std::ffi::c_char;
use std::num::NonZeroUsize;

use gadget_request::ClientConfig;

use crate::guard::{bytes, guarded, put, put_message};
use crate::registry::Registry;
use crate::status::gadget_status::{self, *};

/// The settings of a client, checked. Can be used for any number of clients.
#[expect(non_camel_case_types, reason = "the name C sees")]
pub struct gadget_config {
    _opaque: [u8; 0],
}

pub(crate) static CONFIGS: Registry<ClientConfig> = Registry::new();

/// Reads the JSON document with the settings of a client (UTF-8; `{}` for the defaults) and puts a new object
/// into `*config`, to be freed by gadget_config_free.
///
/// GADGET_INVALID_CONFIG where the document is wrong; then `message`, if it is not NULL, gets a sentence that
/// names the field, NUL-terminated and cut to `message_size` bytes.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_config_new(
    json: *const u8,
    json_length: usize,
    config: *mut *mut gadget_config,
    message: *mut c_char,
    message_size: usize,
) -> gadget_status {
    guarded(|| {
        // SAFETY: the caller promises `json_length` readable bytes.
        let json = unsafe { bytes(json, json_length) }.ok_or(GADGET_NULL_ARGUMENT)?;
        if config.is_null() {
            return Err(GADGET_NULL_ARGUMENT);
        }
        let parsed = match std::str::from_utf8(json) {
            Ok(text) => ClientConfig::from_json(text).map_err(|error| error.to_string()),
            Err(_) => Err("not UTF-8".to_owned()),
        };
        match parsed {
            // SAFETY: the caller promises that `config` can be written to.
            Ok(parsed) => unsafe { put(config, CONFIGS.insert(parsed)) },
            Err(error) => {
                // SAFETY: the caller promises `message_size` writable bytes.
                unsafe { put_message(&error, message, message_size) };
                Err(GADGET_INVALID_CONFIG)
            }
        }
    })
}

/// Frees a configuration. Clients made with it go on. NULL and what was freed before: nothing happens.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_config_free(config: *mut gadget_config) {
    guarded(|| {
        CONFIGS.remove(config);
        Ok(())
    });
}

/// Sets how many threads run requests and completions for the whole process (default 2). Counts once, and only
/// before the first request: GADGET_TOO_LATE afterwards. GADGET_NOT_AVAILABLE for 0.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_set_worker_threads(threads: usize) -> gadget_status {
    guarded(|| {
        let threads = NonZeroUsize::new(threads).ok_or(GADGET_NOT_AVAILABLE)?;
        gadget_request::set_worker_threads(threads).map_err(|_| GADGET_TOO_LATE)
    })
}
