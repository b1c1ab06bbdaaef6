package androidx.webkit;

import android.net.Uri;
import android.webkit.WebView;
import java.util.Set;

/** Stub. A test replaces the functions. */
public class WebViewCompat {
  private WebViewCompat() {}

  public static void addWebMessageListener(
      WebView webView,
      String jsObjectName,
      Set<String> allowedOriginRules,
      WebMessageListener listener) {
    throw new UnsupportedOperationException("stub");
  }

  public static void removeWebMessageListener(WebView webView, String jsObjectName) {
    throw new UnsupportedOperationException("stub");
  }

  public static ScriptHandler addDocumentStartJavaScript(
      WebView webview, String script, Set<String> allowedOriginRules) {
    throw new UnsupportedOperationException("stub");
  }

  public interface WebMessageListener {
    void onPostMessage(
        WebView view,
        WebMessageCompat message,
        Uri sourceOrigin,
        boolean isMainFrame,
        JavaScriptReplyProxy replyProxy);
  }
}
