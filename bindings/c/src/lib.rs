//! The C interface: the home of `unsafe`, and of nothing else. No rule of HTTP is here.

mod client;
mod config;
mod context;
mod cookie_storage;
mod cookies;
mod errno;
mod guard;
mod log_sink;
#[cfg(windows)]
mod pin;
mod registry;
mod resolver;
mod result;
mod status;
mod task;
#[cfg(test)]
mod tests;

pub use client::*;
pub use config::*;
pub use context::gadget_destroy;
pub use cookie_storage::gadget_cookie_storage;
pub use cookies::*;
pub use errno::*;
pub use log_sink::*;
pub use resolver::gadget_resolver;
pub use result::*;
pub use status::*;
pub use task::*;

/// The version of this interface. It changes only where a program built for the old one would break.
pub const GADGET_ABI_VERSION: u32 = 1;

/// The version of the library's interface. A program compares it with GADGET_ABI_VERSION, with which it was
/// compiled, and does not go on where they differ.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_abi_version() -> u32 {
    GADGET_ABI_VERSION
}
