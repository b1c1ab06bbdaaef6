import Foundation
import GadgetRequest
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

@Suite("Options from a request of Foundation")
struct URLRequestTests {
  @Test("URL, method, headers, body and timeout are taken over")
  func all() throws {
    var request = URLRequest(url: try #require(URL(string: "https://example.com/a?b=c")))
    request.httpMethod = "PUT"
    request.setValue("2", forHTTPHeaderField: "X-Two")
    request.setValue("1", forHTTPHeaderField: "X-One")
    request.httpBody = Data([0, 255])
    request.timeoutInterval = 2.5
    var expected = RequestOptions(
      "https://example.com/a?b=c", method: "PUT", headers: ["X-One": "1", "X-Two": "2"],
      data: .bytes(Data([0, 255])))
    expected.timeout = 2.5
    #expect(try RequestOptions(request) == expected)
  }

  @Test("What it leaves open stays open: the method is GET, and the client has the timeout")
  func defaults() throws {
    let url = try #require(URL(string: "/a", relativeTo: URL(string: "https://example.com")))
    #expect(try RequestOptions(URLRequest(url: url)) == RequestOptions("https://example.com/a"))
    #expect(RequestOptions(url) == RequestOptions("https://example.com/a"))
  }

  @Test("It is sent as it is")
  func sent() async throws {
    var request = URLRequest(url: try #require(URL(string: TestServer.url("/echo"))))
    request.httpMethod = "POST"
    request.setValue("text/plain", forHTTPHeaderField: "Content-Type")
    request.httpBody = Data("hello".utf8)
    let received = try await TestServer.echo(RequestOptions(request))
    #expect(received.method == "POST")
    #expect(received.values(of: "content-type") == ["text/plain"])
    #expect(received.body == Data("hello".utf8))
  }

  @Test("A stream is an error that names the field, and no URL is errno 104")
  func refused() async throws {
    var request = URLRequest(url: try #require(URL(string: "https://example.com")))
    request.httpBodyStream = InputStream(data: Data([1]))
    #expect {
      try RequestOptions(request)
    } throws: { error in
      (error as? GadgetConfigurationError)?.reason
        == "httpBodyStream: not supported, set httpBody"
    }
    request.httpBodyStream = nil
    request.url = nil
    try await failure(.invalidParameter, "invalid url: missing", of: RequestOptions(request))
  }
}
