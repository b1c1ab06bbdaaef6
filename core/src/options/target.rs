//! The URL of a request, from the options or a Location. It follows the URL Standard, and HTTP can
//! carry it.

use http::Uri;
use url::Url;

use crate::error::{Error, Field};

/// The longest URL that the network stack can send (`http::Uri`).
pub(crate) const MAX_BYTES: usize = 65_534;

/// Parses a URL, relative to `base` if there is one, and drops its fragment. Returns it in both
/// forms: a [`Uri`] is what HTTP takes, and to make one means to parse it again.
pub(crate) fn parse(text: &str, base: Option<&Url>) -> Result<(Url, Uri), Error> {
    let parsed = Url::options().base_url(base).parse(text);
    let mut url = parsed.map_err(|_| Field::Url.invalid("not an absolute URL"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Field::Url.invalid("neither http nor https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Field::Url.invalid("has a user name or password"));
    }
    url.set_fragment(None);
    if url.path().contains('^') {
        // The URL Standard encodes it since 2025. Delete this when the `url` crate does it.
        url.set_path(&url.path().replace('^', "%5E"));
    }
    // It fails for a URL that is too long, or whose host is valid for the URL Standard and not for
    // HTTP.
    let uri = Uri::try_from(url.as_str()).map_err(|_| Error::RefusedByNetworkStack)?;
    Ok((url, uri))
}
