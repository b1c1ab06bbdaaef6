//! The command line, and the client's configuration that it describes.

use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use gadget_request::{ClientConfig, HostPattern, Platform, ResolveOverride, Roots};

use crate::har::HarArgs;
use crate::{insecure, manual};

const REQUEST_EXAMPLES: &str = r#"Examples:
  gadget-devtools request '{"url":"http://open.feishu.cn","data":{"noncestr":123}}'
  gadget-devtools request --platform pc --pretty @options.json
  gadget-devtools request --bytes picture.png '{"url":"https://example.com","method":"POST"}'
  gadget-devtools request --config '{"timeout_ms":5000}' - < options.json
  gadget-devtools request --har out.har '{"url":"http://open.feishu.cn"}'
  gadget-devtools request --deny-private --resolve a.test:80:10.0.0.1 '{"url":"http://a.test"}'

Exit code: 0 success, 1 fail, 2 an error in the command line or a file."#;

const BATCH_EXAMPLES: &str = r#"Input lines (every line counts, from 1):
  {"options":{"url":"http://open.feishu.cn"}}       a request
  {"options_json":"{\"url\":\"…\"}"}                a request whose options are this exact text
  {"options":{…},"bytes_base64":"AAEC"}             with an ArrayBuffer as its data
  {"options":{…},"events":true}                     a request whose events are printed
  {"abort":1}                                       aborts the request of line 1
  {"host":"offline"}                                what a host app reports: offline, online,
                                                    network_changed, background, foreground or
                                                    shutdown
  {"host":{"proxy":"socks5://localhost:1080"}}      another proxy, or null for none; beside it may
                                                    be "proxy_bypass", a list of hosts
  {"counters":true}                                 prints how many are in flight and queued

Output lines, as the requests settle:
  {"line":1,"success":{…}}
  {"line":2,"fail":{…}}
  {"line":5,"headers":{…}}                          before its result: the head
  {"line":5,"chunk":"BASE64"}                       with enableChunked: a piece of the body
  {"line":9,"counters":{"in_flight":10,"queued":3}}

Exit code: 0 all succeeded, 1 a request failed, 2 a line has another form."#;

const COOKIES_EXAMPLES: &str = r#"Prints each cookie as a line of JSON: name, value, domain (with
a dot before it if hosts below it get the cookie, too), path, expires (milliseconds since 1970),
secure, httpOnly, sameSite.

Examples:
  gadget-devtools cookies --cookie-dir DIR --app-id ID
  gadget-devtools cookies --cookie-dir DIR --app-id ID --url https://www.example.com
  gadget-devtools cookies --cookie-dir DIR --app-id ID --import @cookies.json
  gadget-devtools cookies --cookie-dir DIR --app-id ID --clear --domain example.com"#;

const SERVE_EXAMPLES: &str = r#"The first line of output is {"http":URL,"https":URL,"ca":PATH}.
The file at PATH contains the certificate to trust. GET / lists the endpoints. The server runs until
it is interrupted.

Example:
  gadget-devtools serve --port 8080 &
  gadget-devtools request '{"url":"http://127.0.0.1:8080/echo"}'"#;

const INSPECT_EXAMPLES: &str = r#"The first line of output is {"url":URL}. Open it in a browser. The
page shows the calls of every client whose setting `inspector` is this URL without its last slash.
It runs until it is interrupted, and keeps nothing on disk.

For an app on a phone: adb reverse tcp:8018 tcp:8018, and the setting stays the same there.

A host app may also send the events itself: POST /clients/ID/events, where ID is its own choice,
with one JSON object per line. The first is {"client":{"appId":ID,"platform":NAME,"pid":NUMBER}},
the others are events. GET /har answers with all that is kept, as HAR 1.2.

Example:
  gadget-devtools inspect --port 8018 &
  gadget-devtools request --config '{"inspector":"http://127.0.0.1:8018"}' \
    '{"url":"http://open.feishu.cn"}'"#;

const COMPLETIONS_EXAMPLES: &str = r#"Examples:
  source <(gadget-devtools completions bash)
  gadget-devtools completions zsh > ~/.zfunc/_gadget-devtools
  gadget-devtools completions fish > ~/.config/fish/completions/gadget-devtools.fish"#;

const MAN_EXAMPLES: &str = r#"Example:
  gadget-devtools man ~/.local/share/man/man1 && man gadget-devtools-request"#;

/// Makes the HTTP requests of mini programs from the command line, and serves a test server for
/// them.
#[derive(Parser)]
#[command(name = "gadget-devtools", version, long_version = manual::VERSION.as_str())]
#[command(arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Makes one request and prints the result object on one line.
    #[command(after_help = REQUEST_EXAMPLES)]
    Request(RequestArgs),
    /// Makes the requests on standard input, one JSON object per line, through one client.
    #[command(after_help = BATCH_EXAMPLES)]
    Batch(BatchArgs),
    /// Lists, sets or clears the cookies of an app in a folder.
    #[command(after_help = COOKIES_EXAMPLES)]
    Cookies(CookiesArgs),
    /// Serves the test server on loopback.
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(ServeArgs),
    /// Serves a page on loopback that shows the calls of all attached clients while they run.
    #[command(after_help = INSPECT_EXAMPLES)]
    Inspect(InspectArgs),
    /// Prints what a shell needs to complete the arguments of this program.
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions { shell: Shell },
    /// Writes the man pages into a folder, which must exist.
    #[command(after_help = MAN_EXAMPLES)]
    Man { folder: PathBuf },
}

#[derive(Args)]
pub(crate) struct RequestArgs {
    /// The options object of `request` as JSON text; @FILE reads it from a file, - from standard
    /// input.
    pub(crate) options: Option<String>,
    /// Sends the content of this file as `data`, as an ArrayBuffer.
    #[arg(long, value_name = "FILE")]
    pub(crate) bytes: Option<PathBuf>,
    /// Prints the result object on several lines, for people.
    #[arg(long)]
    pub(crate) pretty: bool,
    #[command(flatten)]
    pub(crate) har: HarArgs,
    #[command(flatten)]
    pub(crate) client: ClientArgs,
}

#[derive(Args)]
pub(crate) struct BatchArgs {
    #[command(flatten)]
    pub(crate) har: HarArgs,
    #[command(flatten)]
    pub(crate) client: ClientArgs,
}

#[derive(Args)]
pub(crate) struct ClientArgs {
    /// The platform whose rules apply [default: devtools].
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(
        Platform::ALL.map(Platform::as_str)).map(|name| platform(&name)))]
    platform: Option<Platform>,
    /// The mini program's id.
    #[arg(long, value_name = "ID")]
    app_id: Option<String>,
    /// The mini program's version.
    #[arg(long, value_name = "VERSION")]
    app_version: Option<String>,
    /// Saves cookies in this folder, for the next run.
    #[arg(long, value_name = "DIR")]
    cookie_dir: Option<PathBuf>,
    /// Also trusts the certificates in this PEM file.
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// Takes any certificate of a server, for tests; pins have no effect. Warns on standard error.
    #[arg(long)]
    insecure: bool,
    /// Connects to ADDR (IP or IP:PORT) for this host and port; may be repeated.
    #[arg(long, value_name = "HOST:PORT:ADDR")]
    resolve: Vec<String>,
    /// Allows only this host: HOST or *.HOST, optionally with https:// or :PORT; may be repeated.
    #[arg(long, value_name = "HOST")]
    allow_host: Vec<String>,
    /// Does not allow http without TLS.
    #[arg(long)]
    deny_cleartext: bool,
    /// Does not allow loopback, private and other addresses that are not public.
    #[arg(long)]
    deny_private: bool,
    /// Follows at most this many redirects [default: 20].
    #[arg(long, value_name = "COUNT")]
    max_redirects: Option<u32>,
    /// All other settings, as JSON text; @FILE reads it from a file. Flags override it.
    #[arg(long, value_name = "JSON|@FILE")]
    config: Option<String>,
}

#[derive(Args)]
pub(crate) struct CookiesArgs {
    /// Lists the cookies that a request to this URL sends, in their order.
    #[arg(long, value_name = "URL", conflicts_with_all = ["import", "clear"])]
    pub(crate) url: Option<String>,
    /// Sets the cookies of this JSON array; @FILE reads it from a file.
    #[arg(long, value_name = "JSON|@FILE", conflicts_with = "clear")]
    pub(crate) import: Option<String>,
    /// Deletes all cookies, or the cookies of --domain.
    #[arg(long)]
    pub(crate) clear: bool,
    /// With --clear: deletes the cookies of this domain and of all domains below it.
    #[arg(long, value_name = "DOMAIN", requires = "clear")]
    pub(crate) domain: Option<String>,
    #[command(flatten)]
    pub(crate) client: ClientArgs,
}

#[derive(Args)]
pub(crate) struct ServeArgs {
    /// The port for HTTP; 0 chooses a free one.
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// The port for HTTPS; 0 chooses a free one.
    #[arg(long, default_value_t = 0)]
    pub(crate) https_port: u16,
}

#[derive(Args)]
pub(crate) struct InspectArgs {
    /// The port; 0 chooses a free one.
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
}

impl ClientArgs {
    /// Returns the configuration that the flags describe.
    pub(crate) fn config(&self) -> Result<ClientConfig, String> {
        let mut config = match &self.config {
            Some(argument) => {
                let text = text_or_file(argument)?;
                ClientConfig::from_json(&text).map_err(|error| format!("--config: {error}"))?
            }
            None => ClientConfig::default(),
        };
        config.platform = self.platform.unwrap_or(config.platform);
        config.app_id = self.app_id.clone().unwrap_or(config.app_id);
        config.app_version = self.app_version.clone().unwrap_or(config.app_version);
        config.cookie_dir = self.cookie_dir.clone().or(config.cookie_dir);
        for entry in &self.resolve {
            let parsed: Result<ResolveOverride, _> = entry.parse();
            config.resolve.push(parsed.map_err(|error| format!("--resolve {entry}: {error}"))?);
        }
        for pattern in &self.allow_host {
            let parsed: Result<HostPattern, _> = pattern.parse();
            let parsed = parsed.map_err(|error| format!("--allow-host {pattern}: {error}"))?;
            config.allowed_hosts.get_or_insert_default().push(parsed);
        }
        config.allow_cleartext &= !self.deny_cleartext;
        config.allow_private_addresses &= !self.deny_private;
        config.max_redirects = self.max_redirects.unwrap_or(config.max_redirects);
        if let Some(path) = &self.cacert {
            let pem = read_text(path)?;
            let roots: Result<Roots, _> = pem.parse();
            let roots = roots.map_err(|error| format!("--cacert {}: {error}", path.display()))?;
            config.roots_pem.extend(roots);
        }
        if self.insecure {
            insecure::allow(&mut config)?;
        }
        Ok(config)
    }
}

/// Returns the platform with this name, which the command line has checked.
fn platform(name: &str) -> Platform {
    let found = Platform::ALL.into_iter().find(|platform| platform.as_str() == name);
    found.expect("it is one of the names above")
}

/// Returns an argument's text, or the text of the file that it names after `@`.
pub(crate) fn text_or_file(argument: &str) -> Result<String, String> {
    argument
        .strip_prefix('@')
        .map_or_else(|| Ok(argument.to_owned()), |path| read_text(Path::new(path)))
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn read_text(path: &Path) -> Result<String, String> {
    String::from_utf8(read(path)?).map_err(|_| format!("{} is not UTF-8", path.display()))
}
