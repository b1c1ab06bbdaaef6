package androidx.webkit;

/** Stub. A test replaces the function. */
public class WebViewFeature {
  public static final String WEB_MESSAGE_LISTENER = "WEB_MESSAGE_LISTENER";
  public static final String WEB_MESSAGE_ARRAY_BUFFER = "WEB_MESSAGE_ARRAY_BUFFER";
  public static final String DOCUMENT_START_SCRIPT = "DOCUMENT_START_SCRIPT";
  public static final String GET_COOKIE_INFO = "GET_COOKIE_INFO";

  private WebViewFeature() {}

  public static boolean isFeatureSupported(String feature) {
    return false;
  }
}
