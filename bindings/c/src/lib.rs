//! The C interface: it converts values and stops panics. All `unsafe` code is here; HTTP is in
//! core.

#![allow(non_camel_case_types, reason = "C sees these names")]

// The header has the functions in the order of these groups.
mod slice;
mod status;

mod config;

mod client;
mod events;
mod proxy_selector;
mod start;
mod task;

mod result;

mod response;

mod timing;

mod cookies;
mod observer;

mod call_observer;

mod bridge;

mod log_sink;

mod context;
mod cookie_storage;
mod errno;
mod guard;
#[cfg(windows)]
mod pin;
mod registry;
mod resolver;
#[cfg(test)]
mod tests;

pub use bridge::*;
pub use call_observer::*;
pub use client::*;
pub use config::*;
pub use context::gadget_destroy;
pub use cookie_storage::gadget_cookie_storage;
pub use cookies::*;
pub use errno::*;
pub use events::*;
pub use log_sink::*;
pub use observer::*;
pub use proxy_selector::*;
pub use resolver::gadget_resolver;
pub use response::*;
pub use result::*;
pub use slice::*;
pub use start::*;
pub use status::*;
pub use task::*;
pub use timing::*;

/// The version of this interface. It changes only if a program that was
/// compiled for the old version would break.
pub const GADGET_ABI_VERSION: u32 = 1;

/// Returns the version of the loaded library's interface. Compare it with
/// GADGET_ABI_VERSION, and do not use the library if they differ.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_abi_version() -> u32 {
    GADGET_ABI_VERSION
}
