import Foundation
import GadgetRequest
import Testing

private struct Order: Codable, Equatable {
  var id: Int64
  var goodsNames: [String]
}

@Suite("Values that are Codable")
struct CodableTests {
  private let order = Order(id: .max, goodsNames: ["Grüße", "\u{1F600}"])

  @Test("A value goes out as JSON and comes back, 64-bit ids too")
  func roundTrip() async throws {
    let options = RequestOptions(
      try TestServer.url("/echo"), method: "POST", data: try .encoding(order))
    let response = try await TestServer.client().request(options)
    let received = try response.decode(TestServer.Received.self)
    #expect(received.values(of: "content-type") == ["application/json"])
    #expect(try JSONDecoder().decode(Order.self, from: received.body) == order)
  }

  @Test("The strategies of the host app's encoder and decoder count")
  func strategies() async throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = .sortedKeys
    let data = try RequestData.encoding(order, with: encoder)
    #expect(
      data == .json(#"{"goods_names":["Grüße","\#u{1F600}"],"id":9223372036854775807}"#))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let response = try await get(#"{"id":1,"goods_names":[]}"#)
    #expect(try response.decode(decoder: decoder) == Order(id: 1, goodsNames: []))
  }

  @Test("The text of any charset is read, and the bytes of an ArrayBuffer")
  func charsets() async throws {
    let text = #"{"id":1,"goodsNames":["你好"]}"#
    let url = try TestServer.url("/charset/gbk?text=" + encoded(text))
    let response = try await TestServer.client().request(RequestOptions(url))
    #expect(try response.decode(Order.self).goodsNames == ["你好"])
    var options = RequestOptions(try TestServer.url("/status/500?body=" + encoded(text)))
    options.responseType = .arrayBuffer
    let bytes = try await TestServer.client().request(options)
    #expect(bytes.status == 500)
    #expect(try bytes.decode(Order.self).goodsNames == ["你好"])
  }

  @Test("A body that is not this JSON is an error of the decoder", arguments: ["", "{", "[]"])
  func invalid(_ body: String) async throws {
    let response = try await get(body)
    #expect(throws: DecodingError.self) { try response.decode(Order.self) }
  }

  @Test("A value that is no object fails with 104, and one without JSON does not get so far")
  func notAnObject() async throws {
    let options = RequestOptions(
      try TestServer.url("/echo"), method: "POST", data: try .encoding("text"))
    try await failure(
      .invalidParameter, "invalid data: not the JSON of an object or array", of: options)
    #expect(throws: EncodingError.self) { try RequestData.encoding([Double.infinity]) }
  }

  private func get(_ body: String) async throws -> Response {
    let url = try TestServer.url("/status/200?body=" + encoded(body))
    return try await TestServer.client().request(RequestOptions(url))
  }

  private func encoded(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
  }
}
