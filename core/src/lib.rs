//! The HTTP API `request` of mini programs, written once for every host.
//!
//! A host app makes one [`Client`] for each running mini program and hands it the options object that
//! the program's JavaScript passed to `request`. Back comes the [`Outcome`]: the object for `success`
//! or for `fail`, typed and as JSON, the same to the letter on every platform.
//!
//! ```
//! # let server = gadget_test_server::Server::start()?;
//! # let url = server.http();
//! use gadget_request::{Client, ClientConfig, Platform, RequestOptions};
//!
//! let client = Client::new(ClientConfig::new(Platform::Harmony, "cli_9dff7f6ae02ad104", "1.2.0"));
//!
//! let from_javascript = format!(r#"{{"url":"{url}/status/404","method":"post","data":{{"id":7}}}}"#);
//! let outcome = pollster::block_on(client.request(RequestOptions::from_json(from_javascript, None)));
//! assert!(outcome.json().starts_with(r#"{"statusCode":404,"header":{"#));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # What holds for every call
//!
//! - It has one outcome, and its completion is called once, whatever happens ([`Client::start`]).
//! - An HTTP status is a success, 404 and 500 too; an [`Error`] says what prevented an answer, with
//!   the [`Errno`] the mini program sees.
//! - Options are not trusted ([`RequestOptions`]): what is wrong with them is `errno` 104, names the
//!   field, and nothing is sent.
//! - Its [`Trace`] goes out with the request and comes back in the outcome.
//! - Limits hold while bytes stream in, not afterwards ([`ClientConfig`]).
//!
//! Errors hold no host, path, query, header value, cookie or body, and neither do the engine's own log
//! lines (crate `log`, targets `gadget_request…`). The libraries below it log too, some of them host names
//! at debug level: a host app lets only the engine's targets through, as the sinks of the bindings do.

#![forbid(unsafe_code)]

mod call;
mod cause;
mod client;
mod config;
mod cookies;
mod errno;
mod error;
mod head;
mod headers;
mod names;
mod options;
mod outcome;
mod policy;
mod redirect;
mod response;
mod runtime;
mod sync;
mod trace;
mod wire;

pub use call::task::RequestTask;
pub use cause::{Cause, CausePhase};
pub use client::{Client, ClientBuilder};
pub use config::settings::{
    AppHeaders, HeaderText, HostPattern, Network, Pin, Proxy, ResolveOverride, Roots,
};
pub use config::{ClientConfig, ConfigError, ExtraMethod, Platform};
pub use cookies::{
    CallerCookies, Cookie, CookieChange, CookieError, CookieJar, CookieListener, CookiePolicy,
    CookiePolicyOverrides, CookieStorage, SameSite, SetCookies,
};
pub use errno::Errno;
pub use error::{Error, Reason, TlsFailure};
pub use options::RequestOptions;
pub use options::data::Data;
pub use options::request::{Redirect, Request, ResponseType};
pub use outcome::Outcome;
pub use response::{Response, ResponseData};
pub use runtime::set_worker_threads;
pub use trace::Trace;
pub use wire::resolve::HostResolver;
#[cfg(target_os = "android")]
pub use wire::trust::android;
