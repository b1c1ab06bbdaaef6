//! The HTTP API `request` of mini programs, written once for all platforms.
//!
//! A host app makes one [`Client`] for each running mini program, and gives it the options object
//! that the program's JavaScript passed to `request`. It gets an [`Outcome`]: the object for
//! `success` or for `fail`, typed and as JSON, the same to the letter on every platform.
//!
//! ```
//! # let server = gadget_test_server::Server::start()?;
//! # let url = server.http();
//! use gadget_request::{Client, ClientConfig, Platform, RequestOptions};
//!
//! let client = Client::new(ClientConfig::new(Platform::Harmony, "cli_9dff7f6ae02ad104", "1.2.0"));
//!
//! let json = format!(r#"{{"url":"{url}/status/404","method":"post","data":{{"id":7}}}}"#);
//! let outcome = pollster::block_on(client.request(RequestOptions::from_json(json, None)));
//! assert!(outcome.json().starts_with(r#"{"statusCode":404,"header":{"#));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # What every call guarantees
//!
//! - It has one outcome, and its completion is called once, whatever happens ([`Client::start`]).
//! - Every HTTP status is a success, 404 and 500 too. An [`Error`] says why there is no answer. It
//!   has the [`Errno`] that the mini program sees.
//! - Options are not trusted ([`RequestOptions`]). If they are wrong, `errno` is 104, the message
//!   names the field, and nothing is sent.
//! - Its [`Trace`] is sent with the request and is part of the outcome.
//! - Limits are checked while bytes stream in, not afterwards ([`ClientConfig`]).
//!
//! Errors and the engine's own log lines (crate `log`, targets `gadget_request…`) never hold a
//! host, path, query, header value, cookie or body. The libraries below the engine log too, and
//! some log host names at debug level. So a host app lets only the engine's targets through, as the
//! log sinks of the bindings do.

#![forbid(unsafe_code)]

mod bridge;
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
mod observe;
mod options;
mod outcome;
mod outgoing;
mod policy;
mod redirect;
mod response;
mod runtime;
mod sync;
mod timing;
mod trace;
mod wire;

pub use bridge::{Bridge, BridgeConfig, BridgeReply, OriginPattern};
pub use call::task::RequestTask;
pub use cause::{Cause, CausePhase};
pub use client::Client;
pub use client::builder::ClientBuilder;
pub use config::ClientConfig;
pub use config::cookie_policy::{CallerCookies, CookiePolicy, CookiePolicyOverrides, SetCookies};
pub use config::error::ConfigError;
pub use config::headers::{AppHeaders, HeaderText};
pub use config::hosts::{HostPattern, ResolveOverride};
pub use config::inspector::InspectorUrl;
pub use config::network::{Network, Proxy};
pub use config::platform::{ExtraMethod, Platform};
pub use config::tls::client_certificate::ClientCertificate;
pub use config::tls::{Crl, Pin, Roots};
pub use cookies::{
    Cookie, CookieChange, CookieError, CookieJar, CookieListener, CookieStorage, SameSite,
};
pub use errno::Errno;
pub use error::{Error, Field, TlsFailure};
#[cfg(feature = "inspector")]
pub use observe::wait_for_inspectors;
pub use observe::{CallEvent, CallStep, Observer, SentRequest};
pub use options::RequestOptions;
pub use options::choices::{Redirect, ResponseType};
pub use options::data::Data;
pub use options::request::Request;
pub use outcome::Outcome;
pub use response::events::{Demand, EventListener};
pub use response::response_head::ResponseHead;
pub use response::{Response, ResponseData};
pub use runtime::set_worker_threads;
pub use timing::{CallMoment, Timing};
pub use trace::Trace;
pub use wire::proxies::ProxySelector;
pub use wire::resolve::HostResolver;
#[cfg(target_os = "android")]
pub use wire::trust::android;
