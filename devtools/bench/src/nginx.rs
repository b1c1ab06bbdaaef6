//! The server: nginx on loopback, with a CA of its own.

use std::ffi::OsString;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;
use std::{fs, thread};

use async_compression::tokio::write::{BrotliEncoder, GzipEncoder};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType,
    date_time_ymd,
};
use tokio::io::AsyncWriteExt as _;

use crate::case::{SMALL_BYTES, Way};

/// Where Debian has the system's trust anchors.
const SYSTEM_ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";

/// nginx speaks HTTP/2 by `http2 on` since this version, and by `listen … http2` before.
const HTTP2_ON: [u32; 3] = [1, 25, 1];

/// A running nginx. It ends when this is dropped.
pub(crate) struct Nginx {
    child: Child,
    folder: PathBuf,
    ports: [u16; 3],
    /// Its name and version.
    pub(crate) name: String,
    /// The bytes of the JSON that is sent coded, before its coding.
    pub(crate) coded: usize,
}

impl Nginx {
    /// Starts it; `folder` gets its files.
    pub(crate) fn start(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let folder = folder.canonicalize()?;
        let name = version()?;
        let coded = write_bodies(&folder)?;
        write_certificates(&folder)?;
        let ports = free_ports()?;
        fs::write(folder.join("conf"), configuration(&folder, ports, is_new(&name)))?;
        let child = Command::new("nginx").arg("-c").arg(folder.join("conf")).spawn()?;
        let nginx = Self { child, folder, ports, name, coded };
        for _ in 0..500 {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, ports[2])).is_ok() {
                return Ok(nginx);
            }
            thread::sleep(Duration::from_millis(10));
        }
        Err(io::Error::other("nginx does not start"))
    }

    pub(crate) fn url(&self, way: Way, path: &str) -> String {
        let (scheme, port) = match way {
            Way::Http1 => ("http", self.ports[0]),
            Way::Tls1 => ("https", self.ports[1]),
            Way::Tls2 => ("https", self.ports[2]),
        };
        format!("{scheme}://127.0.0.1:{port}/{path}")
    }

    /// The system's trust anchors and the server's CA, as PEM.
    pub(crate) fn roots(&self) -> PathBuf {
        self.folder.join("roots.pem")
    }

    /// The JSON to be sent.
    pub(crate) fn body(&self) -> OsString {
        self.folder.join("body").into()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Such as `nginx/1.22.1`.
fn version() -> io::Result<String> {
    let missing = |_| io::Error::other("nginx is missing (nginx-light on Debian)");
    let output = Command::new("nginx").arg("-v").output().map_err(missing)?;
    let text = String::from_utf8_lossy(&output.stderr);
    Ok(text.trim().rsplit(": ").next().unwrap_or_default().to_owned())
}

fn is_new(name: &str) -> bool {
    let numbers = name.split(|c: char| !c.is_ascii_digit()).filter(|it| !it.is_empty());
    numbers.map_while(|it| it.parse::<u32>().ok()).take(3).ge(HTTP2_ON)
}

/// One process without a master, so that it ends when it is killed. What POST sends is read to its
/// end by `mirror` before the answer.
fn configuration(folder: &Path, ports: [u16; 3], is_new: bool) -> String {
    let folder = folder.display();
    let [http1, tls1, tls2] = ports;
    let (on_listen, on_server) = if is_new { ("", "http2 on;") } else { (" http2", "") };
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {folder}/temporary;"))
        .concat();
    format!(
        "daemon off; master_process off; pid {folder}/pid; error_log {folder}/error;
events {{ worker_connections 1000; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; keepalive_timeout 1h;
  default_type application/json; client_body_buffer_size 64k; {temporary}
  ssl_certificate {folder}/certificate.pem; ssl_certificate_key {folder}/key.pem;
  root {folder}/files;
  server {{ listen 127.0.0.1:{http1}; include {folder}/locations; }}
  server {{ listen 127.0.0.1:{tls1} ssl; include {folder}/locations; }}
  server {{ listen 127.0.0.1:{tls2} ssl{on_listen}; {on_server} include {folder}/locations; }}
}}
"
    )
}

/// The same for all ways. A file does not answer POST, so its error is the file.
const LOCATIONS: &str = "
location = /gzip { add_header content-encoding gzip; }
location = /br { add_header content-encoding br; }
location = /post { mirror /read; error_page 404 405 =200 /small; }
location = /read { internal; return 204; }
";

/// Returns the length of the JSON that is coded.
fn write_bodies(folder: &Path) -> io::Result<usize> {
    let files = folder.join("files");
    fs::create_dir_all(&files)?;
    fs::write(folder.join("locations"), LOCATIONS)?;
    let small = json_of(SMALL_BYTES);
    fs::write(files.join("small"), &small)?;
    fs::write(folder.join("body"), json_of(16 << 10))?;
    fs::write(files.join("mib"), vec![b'x'; 1 << 20])?;
    fs::write(files.join("large"), vec![b'x'; 100 << 20])?;

    let list = list();
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let (gzip, brotli) = runtime.block_on(async {
        let mut gzip = GzipEncoder::new(Vec::new());
        gzip.write_all(&list).await?;
        gzip.shutdown().await?;
        let mut brotli = BrotliEncoder::new(Vec::new());
        brotli.write_all(&list).await?;
        brotli.shutdown().await?;
        io::Result::Ok((gzip.into_inner(), brotli.into_inner()))
    })?;
    fs::write(files.join("gzip"), gzip)?;
    fs::write(files.join("br"), brotli)?;
    Ok(list.len())
}

/// A JSON object of this length.
fn json_of(length: usize) -> String {
    let (start, end) = (r#"{"data":""#, r#"","n":1}"#);
    format!("{start}{}{end}", "0".repeat(length - start.len() - end.len()))
}

/// About 64 KiB of JSON, as an API would list things.
fn list() -> Vec<u8> {
    let mut state = 1_u32;
    let mut random = || {
        // The constants of Numerical Recipes: the same list each time.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    let mut items = Vec::new();
    for id in 0..700 {
        let (name, price, stock) = (random(), random() % 100_000, random() % 50);
        let numbers = format!(r#""price":{price},"stock":{stock}"#);
        items.push(format!(r#"{{"id":{id},"name":"thing {name:x}",{numbers},"tags":["a","b"]}}"#));
    }
    format!("[{}]", items.join(",\n")).into_bytes()
}

/// A new CA and its certificate for loopback; the roots are the system's and this CA.
fn write_certificates(folder: &Path) -> io::Result<()> {
    let make = || {
        let mut ca = CertificateParams::default();
        ca.distinguished_name.push(DnType::CommonName, "gadget bench CA");
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate()?)?;
        let mut params = CertificateParams::default();
        params.subject_alt_names.push(SanType::IpAddress(Ipv4Addr::LOCALHOST.into()));
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2120, 1, 1);
        let key = KeyPair::generate()?;
        Ok((params.signed_by(&key, &ca)?.pem(), key.serialize_pem(), ca.pem()))
    };
    let made: Result<_, rcgen::Error> = make();
    let (certificate, key, ca) = made.map_err(io::Error::other)?;
    fs::write(folder.join("certificate.pem"), certificate)?;
    fs::write(folder.join("key.pem"), key)?;
    fs::write(folder.join("roots.pem"), fs::read_to_string(SYSTEM_ROOTS)? + &ca)
}

fn free_ports() -> io::Result<[u16; 3]> {
    let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let held = [bind()?, bind()?, bind()?];
    let [a, b, c] = held.map(|listener| listener.local_addr());
    Ok([a?.port(), b?.port(), c?.port()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http2_is_asked_for_as_the_version_of_nginx_wants_it() {
        assert!(!is_new("nginx/1.22.1"));
        assert!(!is_new("nginx/1.25.0 (Ubuntu)"));
        assert!(is_new("nginx/1.25.1"));
        assert!(is_new("nginx/2.0.0"));
    }

    #[test]
    fn a_body_has_the_length_that_its_case_says() {
        assert_eq!(json_of(SMALL_BYTES).len(), SMALL_BYTES);
    }
}
