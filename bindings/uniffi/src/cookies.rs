//! The cookie jar of a client, for the host app.

use std::sync::Arc;

use crate::client::Client;
use crate::cookie::{Cookie, CookieChange, CookieFailure};
use crate::cookie_storage::StorageFailure;

/// Gets the changes of a jar, after they are made, on the thread that makes them. It must not
/// block.
#[uniffi::export(with_foreign)]
pub trait CookieObserver: Send + Sync {
    /// A cookie has changed.
    fn changed(&self, change: CookieChange);
}

/// A registered observer. It gets changes until this is dropped.
#[derive(uniffi::Object)]
pub struct CookieListener {
    _listener: gadget_request::CookieListener,
}

#[uniffi::export]
impl Client {
    /// All cookies, or the ones that a request to `url` sends, in the order in which it sends
    /// them.
    pub fn cookies(&self, url: Option<String>) -> Vec<Cookie> {
        let jar = self.client.cookies();
        let cookies = url.map_or_else(|| jar.list(), |url| jar.list_for(&url));
        cookies.into_iter().map(Cookie::from).collect()
    }

    /// Sets cookies, all or none.
    pub fn set_cookies(&self, cookies: Vec<Cookie>) -> Result<(), CookieFailure> {
        let cookies = cookies.into_iter().map(gadget_request::Cookie::from);
        self.client.cookies().set(cookies).map_err(CookieFailure::from)
    }

    /// Takes a Set-Cookie line as if a response from `url` had set it. Returns true if the jar
    /// has changed.
    pub fn set_cookie_line(&self, url: String, line: String) -> bool {
        self.client.cookies().set_line(&url, line)
    }

    /// Deletes a cookie. Returns true if the jar had it.
    pub fn delete_cookie(&self, name: String, domain: String, path: String) -> bool {
        self.client.cookies().delete(&name, &domain, &path)
    }

    /// Deletes the cookies of a domain and of all its subdomains; all cookies, if `domain` is
    /// none.
    pub fn clear_cookies(&self, domain: Option<String>) {
        let jar = self.client.cookies();
        domain.map_or_else(|| jar.clear(), |domain| jar.clear_domain(&domain));
    }

    /// All cookies as JSON.
    pub fn export_cookies(&self) -> String {
        self.client.cookies().export_json()
    }

    /// Sets the cookies of JSON that `export_cookies` has made, all or none.
    pub fn import_cookies(&self, json: String) -> Result<(), CookieFailure> {
        self.client.cookies().import_json(&json).map_err(CookieFailure::from)
    }

    /// Saves all changes, now and on this thread.
    pub fn save_cookies(&self) -> Result<(), StorageFailure> {
        self.client.cookies().save().map_err(|_| StorageFailure::Failed)
    }

    /// Reports changes to `observer` until the returned listener is dropped.
    pub fn on_cookie_change(&self, observer: Arc<dyn CookieObserver>) -> Arc<CookieListener> {
        let listener = self.client.cookies().on_change(move |change| {
            observer.changed(change.clone().into());
        });
        Arc::new(CookieListener { _listener: listener })
    }
}
