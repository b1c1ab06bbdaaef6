import Foundation
internal import GadgetRequestGenerated

/// Carries the messages of one web view's pages to the engine, and the replies back.
///
/// When it is released, the calls of those pages are aborted, and no result arrives any more.
final class PageChannel: Sendable {
  /// Takes a text or an error, or neither if there is nothing to hand to the page.
  typealias Reply = @MainActor @Sendable (Any?, String?) -> Void

  /// The most bytes of a text that crosses the boundary: UniFFI counts them in 32 bits and ends the
  /// app if there are more.
  static let longest = Int(Int32.max)

  private let client: GadgetClient
  private let bridge: Bridge

  /// - Throws: ``GadgetConfigurationError`` if a setting is not valid.
  init(to client: GadgetClient, _ settings: BridgeSettings) throws {
    self.client = client
    do {
      bridge = try client.client.openBridge(configJson: settings.json())
    } catch ConfigFailure.Invalid(let reason) {
      throw GadgetConfigurationError(reason: reason)
    }
  }

  deinit {
    // Before the client is released: its end is a result for the pages.
    bridge.shutdown()
  }

  /// The script for the start of each document.
  var script: String {
    bridge.script()
  }

  /// Passes a message on; `reply` runs exactly once for it, later.
  ///
  /// - Parameters:
  ///   - body: What the page sent: any value that WebKit passes on.
  ///   - origin: The origin of the document that sent it, from ``PageOrigin``.
  ///   - isMainFrame: Whether that document is the web view's own, not in a frame.
  ///   - reply: Gets the reply.
  func receive(
    _ body: Any, from origin: String, isMainFrame: Bool, reply: @escaping Reply
  ) {
    // The script sends text only. The engine ignores an empty text.
    let text = body as? String ?? ""
    let adapter = ReplyAdapter(reply)
    guard text.utf8.count <= Self.longest else { return adapter.fail("the message is too long") }
    bridge.receiveText(text: text, origin: origin, isMainFrame: isMainFrame, reply: adapter)
  }
}

/// Hands the reply of the engine to a closure, on the main actor.
private final class ReplyAdapter: Reply {
  private let reply: PageChannel.Reply

  init(_ reply: @escaping PageChannel.Reply) {
    self.reply = reply
  }

  func text(text: String) {
    Task { @MainActor [reply] in reply(text, nil) }
  }

  func bytes(bytes: Data) {
    fail("a web view takes no bytes")  // The settings say so, and the engine sends none.
  }

  func nothing() {
    Task { @MainActor [reply] in reply(nil, nil) }
  }

  /// Rejects the promise of the script, which then fails the call.
  func fail(_ reason: String) {
    Task { @MainActor [reply] in reply(nil, reason) }
  }
}
