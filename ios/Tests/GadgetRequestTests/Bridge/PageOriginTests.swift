import Testing

@testable import GadgetRequest

@Suite("The origin of a document")
struct PageOriginTests {
  @Test(
    "It is scheme, host and port",
    arguments: [
      ("https", "example.com", 0, "https://example.com"),
      ("http", "example.com", 8080, "http://example.com:8080"),
      ("app", "local", 0, "app://local"),
      ("http", "::1", 80, "http://[::1]:80"),
      ("http", "[::1]", 0, "http://[::1]"),
    ])
  func text(_ scheme: String, _ host: String, _ port: Int, _ expected: String) {
    #expect(PageOrigin.text(scheme: scheme, host: host, port: port) == expected)
  }

  @Test(
    "Without a host or a scheme it is null",
    arguments: [("", "", 0), ("file", "", 0), ("about", "", 0), ("", "example.com", 443)])
  func none(_ scheme: String, _ host: String, _ port: Int) {
    #expect(PageOrigin.text(scheme: scheme, host: host, port: port) == "null")
  }
}
