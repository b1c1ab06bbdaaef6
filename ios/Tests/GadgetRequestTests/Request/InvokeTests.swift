import Foundation
import GadgetRequest
import Testing

@Suite("A call of a JavaScript engine")
struct InvokeTests {
  @Test("The result is the success object, with a JSON body exactly as it was sent")
  func success() async throws {
    let url = try TestServer.url("/status/200?body=%7B%22id%22%3A9223372036854775807%7D")
    let result = try await TestServer.client().invoke(optionsJSON: #"{"url":"\#(url)"}"#)
    #expect(result.isSuccess)
    #expect(result.json.hasPrefix(#"{"statusCode":200,"header":{"#))
    #expect(result.json.contains(#","data":{"id":9223372036854775807},"#))
    #expect(result.json.hasSuffix(#","errMsg":"request:ok"}"#))
    #expect(result.arrayBuffer == nil)
  }

  @Test("An ArrayBuffer goes out beside the options, and another comes back beside the result")
  func arrayBuffer() async throws {
    let url = try TestServer.url("/echo")
    let result = try await TestServer.client().invoke(
      optionsJSON: #"{"url":"\#(url)","method":"POST","responseType":"arraybuffer"}"#,
      body: Data([0, 255]))
    let echo = try #require(result.arrayBuffer)
    let received = try JSONDecoder().decode(TestServer.Received.self, from: echo)
    #expect(received.body == Data([0, 255]))
    #expect(!result.json.contains(#""data""#))
  }

  @Test("No bytes and zero bytes differ")
  func emptyBytes() async throws {
    let options = #"{"url":"\#(try TestServer.url("/echo"))"}"#
    let client = try TestServer.client()
    #expect(await client.invoke(optionsJSON: options).isSuccess)
    let result = await client.invoke(optionsJSON: options, body: Data())
    #expect(result.json.contains(#""errMsg":"request:fail invalid data"#))
  }

  @Test("A failure is a result, too", arguments: ["", "[]", #"{"url":1}"#])
  func failure(_ options: String) async throws {
    let result = try await TestServer.client().invoke(optionsJSON: options)
    #expect(!result.isSuccess)
    #expect(result.json.hasPrefix(#"{"errMsg":"request:fail invalid "#))
    #expect(result.json.contains(#""errno":104,"errString":"invalid parameter","trace":"02"#))
  }

  @Test("The completion gets the result, and the task aborts the call")
  func completion() async throws {
    let client = try TestServer.client()
    let url = try TestServer.url("/fault/silence")
    let result: InvokeResult = await withCheckedContinuation { continuation in
      client.invoke(optionsJSON: #"{"url":"\#(url)"}"#) { continuation.resume(returning: $0) }
        .abort()
    }
    #expect(result.json.hasPrefix(#"{"errMsg":"request:fail abort""#))
  }
}
