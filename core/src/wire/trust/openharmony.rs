//! The trust anchors that OpenHarmony shows an app, as the system's own network stack reads them.

use std::path::Path;

use rustls::RootCertStore;
use rustls_native_certs::load_certs_from_paths;

/// The system's trust anchors, a file for each.
const SYSTEM_FOLDER: &str = "etc/security/certificates";
/// The same in one file, for an app that must not list the folder.
const SYSTEM_FILE: &str = "etc/ssl/certs/cacert.pem";
/// The certificates that were installed on the device, in a folder for each user.
const INSTALLED: &str = "data/certificates/user_cacerts";
/// The folder of what an administrator installed for all users.
const ALL_USERS: u32 = 0;
/// The user of an app is its uid, divided by this.
const UIDS_OF_A_USER: u32 = 200_000;

/// Reads the trust anchors below `root`: the system's, or Mozilla's list if the app sees none, and
/// those that were installed for the user of this `uid` and for all users.
pub(super) fn trust_anchors(root: &Path, uid: Option<u32>) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    add_folder(&mut roots, &root.join(SYSTEM_FOLDER));
    if roots.is_empty() {
        add(&mut roots, Some(&root.join(SYSTEM_FILE)), None);
    }
    // Before what was installed is read: that alone would leave no public server trusted.
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    let own = uid.map(|uid| uid / UIDS_OF_A_USER).filter(|user| *user != ALL_USERS);
    for user in [Some(ALL_USERS), own].into_iter().flatten() {
        add_folder(&mut roots, &root.join(INSTALLED).join(user.to_string()));
    }
    roots
}

fn add_folder(roots: &mut RootCertStore, folder: &Path) {
    add(roots, None, Some(folder));
}

/// A file or a folder that is missing or closed to the app has no trust anchors.
fn add(roots: &mut RootCertStore, file: Option<&Path>, folder: Option<&Path>) {
    let found = load_certs_from_paths(file, folder);
    for error in &found.errors {
        log::debug!("a file of trust anchors cannot be read: {error}");
    }
    let (added, ignored) = roots.add_parsable_certificates(found.certs);
    log::debug!("{added} trust anchors, {ignored} ignored");
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::net::TcpStream;
    use std::sync::Arc;

    use gadget_test_server::Server;
    use rustls::crypto::ring;
    use rustls::{ClientConfig, ClientConnection};

    use super::*;

    const MOZILLA: usize = webpki_roots::TLS_SERVER_ROOTS.len();
    /// The uid of an app of user 100.
    const UID: u32 = 20_010_042;

    /// A file system that has only these files.
    struct Root(std::path::PathBuf);

    impl Root {
        fn with(files: &[(&str, &str)]) -> Self {
            let name = format!("gadget-anchors-{}-{}", std::process::id(), fastrand::u64(..));
            let root = Self(std::env::temp_dir().join(name));
            fs::create_dir_all(&root.0).unwrap();
            for (path, text) in files {
                let path = root.0.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            root
        }
    }

    impl Drop for Root {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    fn servers() -> [Server; 2] {
        [(); 2].map(|()| Server::start().expect("loopback has free ports"))
    }

    /// Whether a TLS connection to this server comes about.
    fn trusts(roots: &RootCertStore, server: &Server) -> bool {
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots.clone())
            .with_no_client_auth();
        let name = "localhost".try_into().unwrap();
        let mut tls = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut tcp = TcpStream::connect(("127.0.0.1", server.https_port())).unwrap();
        let written = rustls::Stream::new(&mut tls, &mut tcp).write_all(b"GET / HTTP/1.1\r\n");
        written.is_ok()
    }

    #[test]
    fn the_trust_anchors_of_the_system_are_trusted_and_no_others() {
        let [known, other] = servers();
        for file in ["etc/security/certificates/0f5dc4f3.0", "etc/ssl/certs/cacert.pem"] {
            let root = Root::with(&[(file, known.ca_pem())]);
            let roots = trust_anchors(&root.0, Some(UID));
            assert_eq!(roots.len(), 1, "{file}: Mozilla's list is not added");
            assert!(trusts(&roots, &known) && !trusts(&roots, &other), "{file}");
        }
    }

    #[test]
    fn mozillas_list_is_trusted_if_the_system_shows_nothing() {
        let [server, _] = servers();
        let roots = trust_anchors(&Root::with(&[]).0, None);
        assert_eq!(roots.len(), MOZILLA);
        assert!(!trusts(&roots, &server));
        let root = Root::with(&[("etc/security/certificates/0f5dc4f3.0", "no certificate")]);
        assert_eq!(trust_anchors(&root.0, None).len(), MOZILLA);
    }

    #[test]
    fn certificates_that_this_user_or_an_administrator_installed_are_trusted_too() {
        let [by_user, by_administrator] = servers();
        let root = Root::with(&[
            ("data/certificates/user_cacerts/100/9a8b7c6d.0", by_user.ca_pem()),
            ("data/certificates/user_cacerts/0/1a2b3c4d.0", by_administrator.ca_pem()),
        ]);
        let roots = trust_anchors(&root.0, Some(UID));
        assert_eq!(roots.len(), MOZILLA + 2);
        assert!(trusts(&roots, &by_user) && trusts(&roots, &by_administrator));
    }

    #[test]
    fn certificates_that_another_user_installed_are_not_trusted() {
        let [server, _] = servers();
        let root =
            Root::with(&[("data/certificates/user_cacerts/101/9a8b7c6d.0", server.ca_pem())]);
        for uid in [Some(UID), None] {
            let roots = trust_anchors(&root.0, uid);
            assert_eq!(roots.len(), MOZILLA);
            assert!(!trusts(&roots, &server));
        }
    }
}
