import Foundation
import Testing

@testable import GadgetRequest

@Suite("A configuration")
struct ConfigurationTests {
  typealias AppHeaders = ClientConfiguration.AppHeaders

  /// Makes a configuration in which no property has its default.
  static func complete() throws -> ClientConfiguration {
    var configuration = ClientConfiguration(
      platform: .harmony, appID: "cli_9dff7f6ae02ad104", appVersion: "1.2.0")
    configuration.referer = "https://example.com/{app_id}"
    configuration.userAgent = "Lark/7 \"iOS\""
    configuration.appHeaders = [
      .init(hosts: ["*.example.com", "[::1]:80"], headers: ["X-a": "1", "x-b": "2", "x-A": "ü"])
    ]
    configuration.extraMethods = [.patch, .options]
    configuration.deleteDataAsPost = true
    configuration.cookiePolicy = ClientConfiguration.CookiePolicy(
      callerHeader: .drop, jar: false, setCookie: .hidden)
    configuration.cookieDirectory = URL(fileURLWithPath: "/users/of äpps", isDirectory: true)
    configuration.allowedHosts = ["example.com:8443"]
    configuration.allowsCleartext = false
    configuration.allowsPrivateAddresses = false
    configuration.allowedPrivateNetworks = ["10.1.0.0/16", "::1"]
    configuration.maxRedirects = 0
    configuration.timeout = 1.001
    configuration.maxQueued = 5
    configuration.maxQueuedBytes = 1 << 20
    configuration.queueTimeout = 0.25
    configuration.profile = true
    configuration.inspector = "http://127.0.0.1:1"
    configuration.backgroundGrace = 0
    configuration.connectTimeout = 2
    configuration.idleTimeout = 0.003
    configuration.maxBodyBytes = 1 << 40
    configuration.maxTextBytes = 1 << 41
    configuration.maxStreamedBytes = 7
    configuration.maxCallerHeaderBytes = 2000
    configuration.maxIdleConnections = 0
    configuration.maxHeadBytes = 1000
    configuration.maxHeadFields = 100
    configuration.harExchanges = 8
    configuration.harBodyBytes = 9
    configuration.harSecrets = true
    configuration.resolve = ["example.com:80:[::1]"]
    configuration.proxy = "socks5h://user:secret@localhost:1"
    configuration.proxyBypass = ["*.example.com"]
    configuration.rootsPEM = try String(
      contentsOfFile: TestServer.variable("GADGET_CA"), encoding: .utf8)
    configuration.systemRoots = false
    configuration.pins = ["*.example.com=sha256/" + Data(count: 32).base64EncodedString()]
    configuration.crls = [try certificate("crl.pem")]
    configuration.clientCertificates = [
      .init(
        hosts: ["a.example"], certificatePEM: try certificate("client.pem"),
        keyPEM: try certificate("client-key.pem"))
    ]
    return configuration
  }

  /// Reads a certificate, a key or a list that the test server's crate has for its clients.
  static func certificate(_ name: String) throws -> String {
    let folder = URL(fileURLWithPath: #filePath + "/../../../../../devtools/server/certificates")
    return try String(contentsOf: folder.standardized.appendingPathComponent(name), encoding: .utf8)
  }

  @Test("The properties make a document that the engine accepts")
  func document() throws {
    var configuration = try Self.complete()
    _ = try GadgetClient(configuration: configuration)
    configuration.rootsPEM = "PEM"
    configuration.crls = ["CRL"]
    configuration.clientCertificates = [
      .init(hosts: ["a.example"], certificatePEM: "C", keyPEM: "K")
    ]
    let expected = #"""
      {"allow_cleartext":false,"allow_private_addresses":false,
      "allowed_hosts":["example.com:8443"],"allowed_private_networks":["10.1.0.0\/16","::1"],
      "app_headers":[{"headers":{"x-A":"ü","x-b":"2"},"hosts":["*.example.com","[::1]:80"]}],
      "app_id":"cli_9dff7f6ae02ad104","app_version":"1.2.0","background_grace_ms":0,
      "client_certificates":[{"certificate_pem":"C","hosts":["a.example"],"key_pem":"K"}],
      "connect_timeout_ms":2000,"cookie_dir":"\/users\/of äpps",
      "cookie_policy":{"caller_header":"drop","jar":false,"set_cookie":"hidden"},
      "crls":["CRL"],"delete_data_as_post":true,"extra_methods":["PATCH","OPTIONS"],
      "har_body_bytes":9,"har_exchanges":8,"har_secrets":true,
      "idle_timeout_ms":3,"inspector":"http:\/\/127.0.0.1:1",
      "max_body_bytes":1099511627776,"max_caller_header_bytes":2000,
      "max_head_bytes":1000,"max_head_fields":100,"max_idle_connections":0,
      "max_queued":5,"max_queued_bytes":1048576,"max_redirects":0,"max_streamed_bytes":7,
      "max_text_bytes":2199023255552,
      "pins":["*.example.com=sha256\/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="],
      "platform":"harmony","profile":true,"proxy":"socks5h:\/\/user:secret@localhost:1",
      "proxy_bypass":["*.example.com"],"queue_timeout_ms":250,
      "referer":"https:\/\/example.com\/{app_id}","resolve":["example.com:80:[::1]"],
      "roots_pem":"PEM","system_roots":false,"timeout_ms":1001,
      "user_agent":"Lark\/7 \"iOS\""}
      """#.replacingOccurrences(of: "\n", with: "")
    #expect(try configuration.json() == expected)
  }

  @Test("Every field of the engine's ClientConfig has a property")
  func fields() throws {
    let core = URL(fileURLWithPath: #filePath + "/../../../../../core/src/config.rs").standardized
    let source = try String(contentsOf: core, encoding: .utf8)
    let start = try #require(source.range(of: "pub struct ClientConfig {")).upperBound
    let body = try #require(source[start...].components(separatedBy: "\n}").first)
    var names: Set<String> = []
    var renamed: String?
    for line in body.components(separatedBy: "\n") {
      let line = line.trimmingCharacters(in: .whitespaces)
      if let name = line.components(separatedBy: "rename = \"").dropFirst().first {
        renamed = name.components(separatedBy: "\"").first
      } else if line.hasPrefix("pub "), let name = line.dropFirst(4).split(separator: ":").first {
        names.insert(renamed ?? String(name))
        renamed = nil
      }
    }
    let document = Data(try Self.complete().json().utf8)
    let ours = try #require(JSONSerialization.jsonObject(with: document) as? [String: Any])
    #expect(Set(ours.keys) == names)
  }

  @Test("The settings reach the server")
  func effect() async throws {
    var configuration = ClientConfiguration(appID: "cli_1", appVersion: "2")
    configuration.userAgent = "Lark/7"
    let client = try GadgetClient(configuration: configuration)
    let response = try await client.request(RequestOptions(TestServer.url("/echo")))
    let received = try JSONDecoder().decode(TestServer.Received.self, from: response.body)
    #expect(received.values(of: "user-agent") == ["Lark/7"])
    #expect(
      received.values(of: "referer")
        == ["https://tmaservice.developer.toutiao.com/?appid=cli_1&version=2"])
  }

  @Test("The settings of TLS and of proxies reach the engine")
  func network() async throws {
    let pem = try Self.certificate("client.pem")
    var configuration = ClientConfiguration(appID: "", appVersion: "")
    let certificate = ClientConfiguration.ClientCertificate(
      hosts: ["a.example"], certificatePEM: pem, keyPEM: pem)
    #expect("\(certificate)" == #"ClientCertificate(hosts: ["a.example"])"#)
    configuration.clientCertificates = [certificate]
    #expect(throws: GadgetConfigurationError.self) {
      try GadgetClient(configuration: configuration)
    }
    configuration.clientCertificates = nil
    configuration.proxy = "socks5h://127.0.0.1:1"
    configuration.proxyBypass = ["127.0.0.1"]
    let client = try GadgetClient(configuration: configuration)
    let response = try await client.request(RequestOptions(TestServer.url("/echo")))
    #expect(response.status == 200)
    let options = RequestOptions("http://elsewhere.test/")
    try await failure(.networkFailure, "proxy failed", of: options, by: client)
  }

  @Test("A setting that is not valid is an error that names the field")
  func wrong() {
    let seconds: [TimeInterval] = [0, -5, .nan, .infinity, -.infinity, 1e300, 5_000_000]
    let times: [(WritableKeyPath<ClientConfiguration, TimeInterval?>, String)] = [
      (\.timeout, "timeout_ms"), (\.connectTimeout, "connect_timeout_ms"),
      (\.idleTimeout, "idle_timeout_ms"), (\.queueTimeout, "queue_timeout_ms"),
      (\.backgroundGrace, "background_grace_ms"),
    ]
    for (property, field) in times {
      // A grace period of zero is valid.
      for wrong in seconds where wrong != 0 || field != "background_grace_ms" {
        var configuration = ClientConfiguration(appID: "", appVersion: "")
        configuration[keyPath: property] = wrong
        expectError(configuration, naming: field)
      }
    }
    var configuration = ClientConfiguration(appID: "", appVersion: "")
    let counts: [(WritableKeyPath<ClientConfiguration, Int?>, String)] = [
      (\.maxQueued, "max_queued"), (\.maxQueuedBytes, "max_queued_bytes"),
      (\.maxTextBytes, "max_text_bytes"),
      (\.maxStreamedBytes, "max_streamed_bytes"),
      (\.maxCallerHeaderBytes, "max_caller_header_bytes"),
      (\.maxIdleConnections, "max_idle_connections"),
    ]
    for (property, field) in counts {
      var configuration = ClientConfiguration(appID: "", appVersion: "")
      configuration[keyPath: property] = -1
      expectError(configuration, naming: field + ": ")
    }
    configuration.pins = ["example.com"]
    expectError(configuration, naming: "pins")
    configuration.pins = nil
    for (change, field) in wrongPolicies() {
      var wrong = configuration
      change(&wrong)
      expectError(wrong, naming: field)
    }
    configuration.cookieDirectory = URL(string: "https://example.com/cookies")
    expectError(configuration, naming: "cookie_dir")
    expectError(ClientConfiguration(document: #"{"colour":1}"#), naming: "colour")
    expectError(ClientConfiguration(document: ""), naming: "not a JSON object")
    var unreadable = ClientConfiguration(document: "[]")
    unreadable.timeout = 1
    expectError(unreadable, naming: "not a JSON object")
  }

  /// Settings for hosts, redirects and headers that are not valid, with their errors.
  private func wrongPolicies() -> [((inout ClientConfiguration) -> Void, String)] {
    func headers(_ fields: Headers, for host: String = "a.com") -> [AppHeaders] {
      [AppHeaders(hosts: ["b.com", host], headers: fields)]
    }
    let hosts = "not HOST or *.HOST, with https:// or :PORT or without"
    return [
      ({ $0.allowedHosts = ["a.com", "ftp://a.com"] }, "allowed_hosts[1]: " + hosts),
      ({ $0.allowedHosts = [""] }, "allowed_hosts[0]: " + hosts),
      (
        { $0.allowedPrivateNetworks = ["10.0.0.0/33"] },
        "allowed_private_networks[0]: not ADDRESS or ADDRESS/BITS"
      ),
      ({ $0.maxRedirects = -1 }, "max_redirects: invalid value"),
      ({ $0.maxRedirects = 1 << 32 }, "max_redirects: invalid value"),
      ({ $0.appHeaders = headers([:], for: "*") }, "app_headers[0].hosts[1]: " + hosts),
      (
        { $0.appHeaders = headers(["Cookie": "a"]) },
        "app_headers[0].headers: Cookie: must be set in the cookie jar"
      ),
      (
        { $0.appHeaders = headers(["host": "a"]) },
        "app_headers[0].headers: host: belongs to the connection"
      ),
      (
        { $0.appHeaders = headers(["a b": "s3cr3t"]) },
        "app_headers[0].headers: a name is not an HTTP token"
      ),
      (
        { $0.appHeaders = headers(["a": "s3cr3t\n"]) },
        "app_headers[0].headers: a: not a header value"
      ),
    ]
  }

  @Test("A printed configuration shows no setting, and printed app headers show no value")
  func silent() {
    var configuration = ClientConfiguration(
      document: #"{"proxy":"http://user:s3cr3t@localhost:1"}"#)
    let headers = AppHeaders(hosts: ["a.com"], headers: ["x-token": "s3cr3t"])
    configuration.appHeaders = [headers]
    configuration.proxy = "http://user:s3cr3t@localhost:1"
    var dumped = ""
    dump((configuration, [configuration], headers, configuration.appHeaders), to: &dumped)
    let texts = [
      "\(configuration)", "\([configuration])", String(reflecting: configuration),
      "\(headers)", "\(configuration.appHeaders as Any)", String(reflecting: headers), dumped,
    ]
    for text in texts { #expect(!text.contains("s3cr3t")) }
    #expect("\(configuration)" == "ClientConfiguration")
    #expect("\(headers)" == #"AppHeaders(hosts: ["a.com"], headers: ["x-token"])"#)
    #expect(dumped.contains("x-token"))
  }

  @Test("A document goes to the engine unchanged, and a property wins over its field")
  func base() throws {
    let document =
      #"{ "system_roots": false, "timeout_ms":5, "max_body_bytes": 9007199254740993 }"#
    var configuration = ClientConfiguration(document: document)
    #expect(try configuration.json() == document)
    configuration.timeout = 6
    configuration.platform = .pc
    let expected =
      #"{"max_body_bytes":9007199254740993,"platform":"pc","system_roots":false,"timeout_ms":6000}"#
    let written = try configuration.json()
    #expect(written == expected)
    _ = try GadgetClient(configuration: configuration)
  }

  @Test("The engine accepts every cookie policy, and a rule that is not set is not written")
  func cookiePolicies() throws {
    var configuration = ClientConfiguration(document: "{}")
    let caller = ClientConfiguration.CallerCookies.allCases
    let set = ClientConfiguration.SetCookies.allCases
    for policy in caller.map({ ClientConfiguration.CookiePolicy(callerHeader: $0) })
      + set.map({ ClientConfiguration.CookiePolicy(setCookie: $0) })
    {
      configuration.cookiePolicy = policy
      _ = try GadgetClient(configuration: configuration)
    }
    configuration.cookiePolicy = ClientConfiguration.CookiePolicy(jar: true)
    #expect(try configuration.json() == #"{"cookie_policy":{"jar":true}}"#)
  }

  @Test("The engine accepts every platform", arguments: ClientConfiguration.Platform.allCases)
  func platform(_ platform: ClientConfiguration.Platform) throws {
    let configuration = ClientConfiguration(platform: platform, appID: "", appVersion: "")
    _ = try GadgetClient(configuration: configuration)
  }

  @Test("A time is rounded down to whole milliseconds")
  func times() {
    #expect(milliseconds(0.0019) == 1)
    #expect(milliseconds(1.001) == 1001)
    #expect(milliseconds(59.9999) == 59999)
    #expect(milliseconds(0) == 0)
    #expect(milliseconds(.nan) < 0)
  }

  private func expectError(
    _ configuration: ClientConfiguration, naming field: String,
    at location: SourceLocation = #_sourceLocation
  ) {
    do {
      _ = try GadgetClient(configuration: configuration)
      Issue.record("\(field) was accepted", sourceLocation: location)
    } catch let error as GadgetConfigurationError {
      #expect(error.description.contains(field), sourceLocation: location)
      #expect(!error.description.contains("s3cr3t"), sourceLocation: location)
      #expect(error.localizedDescription == error.reason, sourceLocation: location)
    } catch {
      Issue.record("another error: \(error)", sourceLocation: location)
    }
  }
}
