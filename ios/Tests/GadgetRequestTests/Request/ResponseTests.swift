import Foundation
import GadgetRequest
import Testing

@Suite("A response")
struct ResponseTests {
  @Test("Any HTTP status is a response", arguments: [200, 204, 404, 500])
  func status(_ status: Int) async throws {
    let response = try await get("/status/\(status)")
    #expect(response.status == status)
  }

  @Test("Headers have lower-case names; a repeated field is joined, and each cookie is separate")
  func headers() async throws {
    let response = try await get(
      "/headers?X-Two=2&X-One=1&set-cookie=a%3D1&x-two=3&set-cookie=b%3D2")
    let ours = response.headers.filter { $0.name.hasPrefix("x-") }.map { "\($0.name)=\($0.value)" }
    #expect(ours.sorted() == ["x-one=1", "x-two=2", "x-two=3"])
    #expect(response.headers["X-TWO"] == "2, 3")
    #expect(response.headers.values(of: "x-two") == ["2", "3"])
    #expect(response.headers["absent"] == nil)
    #expect(response.cookies == ["a=1", "b=2"])
  }

  @Test("JSON stays as the server sent it, and the text has it, too")
  func json() async throws {
    let body = #"{"id":9223372036854775807, "a":[]}"#
    let response = try await get("/status/200?body=" + encoded(" " + body))
    #expect(response.json == body)
    #expect(response.text == " " + body)
    #expect(response.body == Data((" " + body).utf8))
  }

  @Test("JSON is not parsed if the options say so")
  func unparsed() async throws {
    var options = RequestOptions(try TestServer.url("/status/200?body=%7B%7D"))
    options.parsesJSON = false
    let response = try await TestServer.client().request(options)
    #expect(response.json == nil)
    #expect(response.text == "{}")
  }

  @Test("A body that is not JSON is text")
  func text() async throws {
    let response = try await get("/status/200?body=hello")
    #expect(response.json == nil)
    #expect(response.text == "hello")
  }

  @Test("Text is decoded by its charset, and the bytes stay")
  func charset() async throws {
    let response = try await get("/charset/gbk?text=" + encoded("你好"))
    #expect(response.text == "你好")
    #expect(response.body == Data([0xC4, 0xE3, 0xBA, 0xC3]))
  }

  @Test("A byte order mark is in the body, not in the text, the JSON and the value")
  func byteOrderMark() async throws {
    let response = try await get("/charset/utf-8?bom=1&text=" + encoded(" [1, 2]\n"))
    #expect(response.body == Data([0xEF, 0xBB, 0xBF] + " [1, 2]\n".utf8))
    #expect(response.text == " [1, 2]\n")
    #expect(response.json == "[1, 2]")
    #expect(response.json == "[1, 2]")
    #expect(try response.decode([Int].self) == [1, 2])
  }

  @Test("Responses are equal if all that can be read of them is")
  func equal() async throws {
    let client = try TestServer.client()
    var options = RequestOptions(try TestServer.url("/status/200?body=%7B%7D"))
    let one = try await client.request(options)
    #expect(one == one)
    #expect(one.text == "{}")
    options.parsesJSON = false
    let other = try await client.request(options)
    #expect(one != other)
    #expect(one.trace != other.trace)
  }

  @Test("Many threads read the text of a response at once")
  func concurrent() async throws {
    let response = try await get("/status/200?body=" + encoded(" {}"))
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<100 { group.addTask { response.text == " {}" && response.json == "{}" } }
      for await isRight in group { #expect(isRight) }
    }
  }

  @Test("An ArrayBuffer is bytes and never text")
  func arrayBuffer() async throws {
    var options = RequestOptions(try TestServer.url("/gzip?body=%7B%7D"))
    options.responseType = .arrayBuffer
    let response = try await TestServer.client().request(options)
    #expect(response.body == Data("{}".utf8))
    #expect(response.text == nil)
    #expect(response.json == nil)
    #expect(response.headers["content-encoding"] == "identity")
  }

  @Test("An empty body is empty text")
  func empty() async throws {
    let response = try await get("/bytes/0")
    #expect(response.body.isEmpty)
    #expect(response.text == "")
    #expect(response.json == nil)
  }

  private func get(_ path: String) async throws -> Response {
    try await TestServer.client().request(RequestOptions(TestServer.url(path)))
  }

  private func encoded(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
  }
}
