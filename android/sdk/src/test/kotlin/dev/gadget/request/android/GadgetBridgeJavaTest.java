package dev.gadget.request.android;

import static org.junit.Assert.assertTrue;

import android.webkit.WebView;
import dev.gadget.request.ClientConfig;
import dev.gadget.request.GadgetBridge;
import dev.gadget.request.GadgetClient;
import java.util.List;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.annotation.Config;
import org.robolectric.shadow.api.Shadow;
import org.robolectric.shadows.ShadowWebView;

/** A bridge in Java. */
@RunWith(RobolectricTestRunner.class)
@Config(sdk = 35)
public class GadgetBridgeJavaTest {
  private static final List<String> ORIGINS = List.of("https://page.example");

  private final WebView webView = new WebView(RuntimeEnvironment.getApplication());

  @Test
  public void aBridgeIsAttachedAndClosed() {
    ClientConfig config = new ClientConfig.Builder().build();
    try (GadgetClient client = new GadgetClient(config)) {
      GadgetBridge bridge = GadgetBridge.attach(webView, client, ORIGINS);
      bridge.onPageStarted("https://page.example/");
      assertTrue(evaluated().contains("\"name\":\"tt\""));
      bridge.close();

      GadgetBridge.Builder builder = new GadgetBridge.Builder(webView, client, ORIGINS);
      builder.setFrames(true);
      builder.setName("my");
      try (GadgetBridge other = builder.attach()) {
        other.onPageStarted("https://page.example/");
        assertTrue(evaluated().contains("\"name\":\"my\""));
      }
    }
  }

  private String evaluated() {
    ShadowWebView shadow = Shadow.extract(webView);
    return shadow.getLastEvaluatedJavascript();
  }
}
