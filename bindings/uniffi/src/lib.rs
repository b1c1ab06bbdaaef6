//! The interface behind Kotlin and Swift: converts in, converts out, stops panics, nothing else.
//!
//! Both languages hide it: `dev.gadget.request` and `GadgetRequest` are what apps see.

#![forbid(unsafe_code)]

mod client;
mod cookies;
mod logging;
mod records;
mod resolver;

pub use client::{Client, Completion, InvokeCompletion, Task};
pub use cookies::{
    Cookie, CookieChange, CookieFailure, CookieListener, CookieObserver, CookieStorage, SameSite,
    StorageFailure, cookie_line,
};
pub use records::{
    ConfigFailure, Data, Header, InvokeResult, RequestRecord, ResponseRecord, Verdict,
};

pub use resolver::{HostResolver, ResolverFailure};

uniffi::setup_scaffolding!();
