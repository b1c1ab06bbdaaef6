package androidx.webkit;

import android.webkit.CookieManager;
import java.util.List;

/** Stub. A test replaces the function. */
public class CookieManagerCompat {
  private CookieManagerCompat() {}

  public static List<String> getCookieInfo(CookieManager cookieManager, String url) {
    throw new UnsupportedOperationException("stub");
  }
}
