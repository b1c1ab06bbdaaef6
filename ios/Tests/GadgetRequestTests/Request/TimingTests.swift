import Foundation
import GadgetRequest
import Testing

@Suite("The profile of a call")
struct TimingTests {
  @Test("A response has the phases of its call, in order")
  func phases() async throws {
    let timing = try await get("/bytes/1000").timing
    let moments = [
      timing.invokeStart, timing.queueStart, timing.queueEnd, try #require(timing.fetchStart),
      try #require(timing.connectStart), try #require(timing.connectEnd),
      try #require(timing.requestStart), try #require(timing.responseStart),
      try #require(timing.responseEnd),
    ]
    #expect(moments == moments.sorted())
    #expect(timing.invokeStart > 1.7e12)
    let requestEnd = try #require(timing.requestEnd)
    #expect(requestEnd >= moments[6])
    #expect(timing.redirectStart == nil && timing.redirectEnd == nil)
    #expect(timing.domainLookUpStart == nil && timing.domainLookUpEnd == nil)
    #expect(timing.sslConnectionStart == nil && timing.sslConnectionEnd == nil)
    #expect(timing.peerIP == "127.0.0.1")
    let server = try URL(string: TestServer.url("/"))
    #expect(timing.port == server?.port)
    #expect(timing.protocol == "http1.1")
    #expect(timing.socketReused == false)
    #expect(timing.decodedBytes == 1000)
    #expect(timing.receivedBytesCount ?? 0 > 1000)
    #expect(timing.sendBytesCount ?? 0 > 100)
    #expect(timing.redirectCount == 0 && timing.retryCount == 0)
  }

  @Test("Over a kept connection there are no phases of connecting")
  func reused() async throws {
    let client = try TestServer.client()
    let options = RequestOptions(try TestServer.url("/bytes/1"))
    _ = try await client.request(options)
    let timing = try await client.request(options).timing
    #expect(timing.connectStart == nil && timing.connectEnd == nil)
    #expect(timing.socketReused == true)
  }

  @Test("An error has the phases that happened")
  func failed() async throws {
    let error = try await error(of: "http://127.0.0.1:1/")
    let timing = try #require(error.timing)
    #expect(timing.connectStart != nil && timing.connectEnd == nil)
    #expect(timing.requestStart == nil && timing.peerIP == nil && timing.sendBytesCount == nil)
  }

  @Test("An error of a call without a place has none")
  func refused() async throws {
    let error = try await error(of: "ftp://a.test/")
    #expect(error.timing == nil)
  }

  private func error(of url: String) async throws -> GadgetError {
    do {
      let response = try await TestServer.client().request(RequestOptions(url))
      Issue.record("\(response.status)")
      throw CancellationError()
    } catch let error as GadgetError {
      return error
    }
  }

  private func get(_ path: String) async throws -> Response {
    try await TestServer.client().request(RequestOptions(TestServer.url(path)))
  }
}
