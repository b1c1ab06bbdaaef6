#if canImport(WebKit)
  import Foundation
  import GadgetRequest
  import Testing
  import WebKit

  /// A document in a web view, which sends what the script of the API sends.
  @MainActor
  struct Page {
    /// How the script names the document.
    let id = UUID().uuidString.replacingOccurrences(of: "-", with: "").lowercased()
    let webView: WKWebView
    var scheme = "https"
    var host = "page.example"
    var isMainFrame = true

    init(_ webView: WKWebView) {
      self.webView = webView
    }

    /// Sends a message with these members.
    func send(_ members: String) -> Replies {
      send(body: #"{"page":"\#(id)",\#(members)}"#)
    }

    /// Sends any value.
    func send(body: Any) -> Replies {
      let replies = Replies(of: id)
      let isTaken = webView.post(
        body, to: "gadgetRequest", scheme: scheme, host: host, port: 0, isMainFrame: isMainFrame
      ) {
        replies.take($0, $1)
      }
      if !isTaken { replies.take(nil, "no handler") }
      return replies
    }

    /// Reports that the document begins; the engine answers with nothing.
    func hello() async throws {
      let reply = try await send(#""hello":true"#).only()
      #expect(reply == Replies.Reply(text: nil, error: nil))
    }

    func call(_ id: Int, _ path: String, _ options: String = "") throws -> Replies {
      send(#""call":\#(id),"options":{"url":"\#(try TestServer.url(path))"\#(options)}"#)
    }
  }

  /// The replies to one message, of which there must be one.
  @MainActor
  final class Replies {
    struct Reply: Sendable, Equatable {
      let text: String?
      let error: String?
    }

    struct Envelope: Decodable {
      struct Result: Decodable {
        let statusCode: Int?
        let errno: Int?
      }
      let id: Int?
      let page: String
      let result: Result?
      let base64: String?
      let refused: String?
    }

    private let page: String
    private(set) var all: [Reply] = []

    init(of page: String) {
      self.page = page
    }

    func take(_ value: Any?, _ error: String?) {
      #expect(all.isEmpty, "a message gets one reply")
      all.append(Reply(text: value as? String, error: error))
    }

    /// Waits for the reply; fails after ten seconds.
    func only(at location: SourceLocation = #_sourceLocation) async throws -> Reply {
      for _ in 0..<10_000 where all.isEmpty { try await Task.sleep(nanoseconds: 1_000_000) }
      return try #require(all.first, "no reply came", sourceLocation: location)
    }

    /// Waits for the reply, which must be for the document that sent the message.
    func envelope(at location: SourceLocation = #_sourceLocation) async throws -> Envelope {
      let reply = try await only(at: location)
      #expect(reply.error == nil, sourceLocation: location)
      let text = try #require(reply.text, sourceLocation: location)
      let envelope = try JSONDecoder().decode(Envelope.self, from: Data(text.utf8))
      #expect(envelope.page == page, sourceLocation: location)
      return envelope
    }

    /// Waits for the reply, which must be that there is nothing to hand over.
    func nothing(at location: SourceLocation = #_sourceLocation) async throws {
      let reply = try await only(at: location)
      #expect(reply == Reply(text: nil, error: nil), sourceLocation: location)
    }
  }
#endif
