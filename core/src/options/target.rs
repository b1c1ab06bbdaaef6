//! The URL a request goes to, from the options or a Location: the URL Standard's, and one that HTTP
//! can carry.

use http::Uri;
use url::Url;

use crate::error::{Error, Field};

/// The network stack takes no longer URL (`http::Uri`).
pub(crate) const MAX_BYTES: usize = 65_534;

/// Parses a URL, relative to a base where there is one, and drops its fragment. Whatever comes of
/// it is also a [`Uri`].
pub(crate) fn parse(text: &str, base: Option<&Url>) -> Result<Url, Error> {
    let parsed = Url::options().base_url(base).parse(text);
    let mut url = parsed.map_err(|_| Field::Url.invalid("not an absolute URL"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Field::Url.invalid("neither http nor https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Field::Url.invalid("with user name or password"));
    }
    url.set_fragment(None);
    if url.path().contains('^') {
        // The URL Standard has it so since 2025; to be dropped when the `url` crate does it.
        url.set_path(&url.path().replace('^', "%5E"));
    }
    // A very long one, or with a host that the URL Standard allows and HTTP's own grammar does not.
    Uri::try_from(url.as_str()).map_err(|_| Error::RefusedByNetworkStack)?;
    Ok(url)
}
