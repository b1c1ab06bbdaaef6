//! `gadget-devtools cookies`: lists and changes the cookies of an app.

use gadget_request::Client;

use crate::cli::{CookiesArgs, text_or_file};
use crate::{FAIL, SUCCESS, print};

pub(crate) fn run(arguments: &CookiesArgs) -> Result<u8, String> {
    let config = arguments.client.config()?;
    if config.cookie_dir.is_none() {
        return Err("cookies: no folder is named. Give --cookie-dir DIR".to_owned());
    }
    let client = Client::new(config);
    let jar = client.cookies();
    match (&arguments.import, arguments.clear, &arguments.domain) {
        (Some(json), ..) => {
            let json = text_or_file(json)?;
            jar.import_json(&json).map_err(|error| format!("--import: {error}"))?;
        }
        (None, true, Some(domain)) => jar.clear_domain(domain),
        (None, true, None) => jar.clear(),
        (None, false, _) => {
            let cookies =
                arguments.url.as_ref().map_or_else(|| jar.list(), |url| jar.list_for(url));
            for cookie in cookies {
                let json = serde_json::to_string(&cookie).map_err(|error| error.to_string())?;
                print::line(&json)?;
            }
            return Ok(SUCCESS);
        }
    }
    Ok(if keep(&client) { SUCCESS } else { FAIL })
}

/// Saves a client's cookies before the program ends, because the engine's threads end with it.
/// Returns false, and prints the error on standard error, if that fails.
pub(crate) fn keep(client: &Client) -> bool {
    let saved = client.cookies().save();
    if let Err(error) = &saved {
        eprintln!("gadget-devtools: cookies cannot be saved: {error}");
    }
    saved.is_ok()
}
