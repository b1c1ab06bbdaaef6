//! The interface behind Kotlin and Swift: it converts values and stops panics, nothing else.
//!
//! Both languages hide it. Host apps see `dev.gadget.request` and `GadgetRequest`.

#![deny(unsafe_code)] // only jvm/callbacks.rs has some

mod bridge;
mod call_event;
mod call_observer;
mod client;
mod clients;
mod cookie;
mod cookie_storage;
mod cookies;
mod events;
mod held;
#[cfg(any(target_os = "android", target_os = "linux", target_os = "macos"))]
mod jvm;
mod logging;
mod options;
mod parts;
mod plain;
mod proxy_selector;
mod records;
mod resolver;
mod texts;
mod timing;

pub use bridge::{Bridge, Reply};
pub use call_event::{CallEvent, CallFailure, CallStep};
pub use call_observer::CallObserver;
pub use client::{Client, Completion, InvokeCompletion, Task};
pub use cookie::{Cookie, CookieChange, CookieFailure, SameSite, cookie_line};
pub use cookie_storage::{CookieStorage, StorageFailure};
pub use cookies::{CookieListener, CookieObserver};
pub use events::Events;
pub use held::held_objects;
pub use plain::{PlainCompletion, PlainInvokeCompletion};
pub use proxy_selector::{ProxySelector, SelectorFailure};
pub use records::{
    ConfigFailure, Data, Header, InvokeResult, Outcome, RequestRecord, ResponseRecord,
};
pub use resolver::{HostResolver, ResolverFailure};

uniffi::setup_scaffolding!();
