//! The cost of a full jar for a request: `scripts/bench cookies`.

use gadget_request::{Client, Cookie};

/// As many cookies as a jar takes, thirty for each of a hundred hosts.
const HOSTS: usize = 100;
const COOKIES_EACH: usize = 30;

fn main() {
    divan::main();
}

fn full_jar() -> Client {
    let client = Client::default();
    let cookies = (0..HOSTS * COOKIES_EACH).map(|number| {
        let domain = format!(".host{}.example.com", number % HOSTS);
        let mut cookie = Cookie::new(format!("name{number}"), "0123456789abcdef", domain);
        cookie.path = ["/", "/a", "/a/b", "/other"][number / HOSTS % 4].to_owned();
        cookie
    });
    client.cookies().set(cookies).expect("they can be");
    assert_eq!(client.cookies().list().len(), HOSTS * COOKIES_EACH);
    client
}

/// Finds, orders and copies the cookies of one request from 3000.
#[divan::bench(sample_count = 200, sample_size = 100)]
fn cookies_for_one_request(bencher: divan::Bencher<'_, '_>) {
    let client = full_jar();
    assert_eq!(client.cookies().list_for("https://www.host50.example.com/a/b/c").len(), 23);
    bencher.bench_local(|| client.cookies().list_for("https://www.host50.example.com/a/b/c"));
}

/// The same for a host without cookies.
#[divan::bench(sample_count = 200, sample_size = 100)]
fn no_cookies_for_one_request(bencher: divan::Bencher<'_, '_>) {
    let client = full_jar();
    assert!(client.cookies().list_for("https://nowhere.example.org/").is_empty());
    bencher.bench_local(|| client.cookies().list_for("https://nowhere.example.org/"));
}

/// A hostile server sets as many lines as a head may have, each as long as a line may be.
#[divan::bench(
    args = [Jar::Empty, Jar::Neighbours, Jar::Strangers, Jar::Twins],
    sample_count = 10,
    sample_size = 1,
)]
fn two_thousand_lines_of_four_kib(bencher: divan::Bencher<'_, '_>, jar: Jar) {
    let value = "v".repeat(4000);
    let lines: Vec<String> =
        (0..2000).map(|number| format!("name{number}={value}; Domain=example.com")).collect();
    let url = if jar == Jar::Twins { "http://a.example.com/" } else { "https://a.example.com/" };
    bencher.with_inputs(|| jar.client()).bench_local_refs(|client| {
        for line in &lines {
            client.cookies().set_line(url, line);
        }
    });
}

/// One request gets all cookies of a full jar.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn three_thousand_cookies_for_one_request(bencher: divan::Bencher<'_, '_>) {
    let client = Client::default();
    let labels = (0..HOSTS).map(|number| format!("h{number}")).collect::<Vec<_>>();
    let host = |depth: usize| format!("{}.example.com", labels[depth..].join("."));
    let cookies = (0..HOSTS * COOKIES_EACH).map(|number| {
        let name = format!("name{number}");
        let domain = format!(".{}", host(HOSTS - 1 - number % 60));
        Cookie::new(name, "v".repeat(4000), domain)
    });
    client.cookies().set(cookies).expect("they can be");
    let url = format!("https://{}/", host(40));
    assert_eq!(client.cookies().list_for(&url).len(), HOSTS * COOKIES_EACH);
    bencher.bench_local(|| client.cookies().list_for(&url));
}

/// The content of the jar before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Jar {
    Empty,
    /// Full of cookies for hosts below the same domain.
    Neighbours,
    Strangers,
    /// Full of secure cookies, each of which must be compared.
    Twins,
}

impl Jar {
    fn client(self) -> Client {
        let client = Client::default();
        let domain = match self {
            Self::Empty => return client,
            Self::Neighbours | Self::Twins => "example.com",
            Self::Strangers => "example.org",
        };
        let cookies = (0..HOSTS * COOKIES_EACH).map(|number| {
            let host = format!("host{}.{domain}", number % HOSTS);
            let mut cookie =
                Cookie::new(format!("name{}", number % 2000), "0123456789abcdef", host);
            (cookie.path, cookie.secure) = (format!("/{number}"), self == Self::Twins);
            cookie
        });
        client.cookies().set(cookies).expect("they can be");
        client
    }
}
