import GadgetRequest
import SwiftUI
import WebKit

// #region view
/// The view of a mini program; when it goes, the calls of its page are aborted.
struct PageView: UIViewRepresentable {
  let container: Container

  func makeUIView(context: Context) -> WKWebView {
    let configuration = WKWebViewConfiguration()
    configuration.websiteDataStore = .nonPersistent()
    let origin = "https://page.example"
    do {
      let users = FileManager.default.urls(for: .applicationSupportDirectory, in: .userDomainMask)
      let client = try container.open(
        appID: "cli_9dff7f6ae02ad104", version: "1.2.0",
        userFolder: users[0].appendingPathComponent("user 1"))
      let bridge = try GadgetBridge(client: client, allowedOrigins: [origin])
      bridge.attach(to: configuration.userContentController)
    } catch {
      NSLog("%@", "the mini program has no network: \(error)")
    }
    let webView = WKWebView(frame: .zero, configuration: configuration)
    webView.loadHTMLString(page, baseURL: URL(string: origin))
    return webView
  }

  func updateUIView(_ webView: WKWebView, context: Context) {}
}
// #endregion

/// What the user of a container app would have downloaded.
private let page = """
  <!DOCTYPE html>
  <meta name="viewport" content="width=device-width">
  <button onclick="run()">tt.request</button>
  <pre id="result"></pre>
  <script>
    function run() {
      tt.request({
        url: 'https://open.feishu.cn',
        complete: (result) => {
          document.getElementById('result').textContent = JSON.stringify(result, null, 2);
        },
      });
    }
  </script>
  """
