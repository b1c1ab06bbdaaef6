package dev.gadget.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Cookies of the host app, in Java. */
class CookieJavaTest {
  private static final ClientConfig CONFIG = new ClientConfig.Builder().build();

  private static Cookie cookie(String name) {
    Cookie.Builder builder = new Cookie.Builder(name, "1", ".example.com");
    builder.setExpiresAtMillis(System.currentTimeMillis() + 1_000_000);
    builder.setSecure(true);
    builder.setSameSite(SameSite.LAX);
    return builder.build();
  }

  @Test
  void aJarIsListedAndChangedAndReportsChanges() {
    List<String> changes = new ArrayList<>();
    try (GadgetClient client = new GadgetClient(CONFIG)) {
      CookieJar jar = client.getCookies();
      try (CookieListening listening = jar.onChange(change -> {
        String sign = change instanceof CookieChange.Set ? "+" : "-";
        changes.add(sign + change.getCookie().getName());
      })) {
        jar.set(cookie("a"));
        jar.set(List.of(cookie("b"), new Cookie("c", "1", "example.org")));
      }
      jar.clear("example.org");
      assertEquals(List.of("+a", "+b", "+c"), changes);
      List<Cookie> sent = jar.list("https://www.example.com/");
      assertEquals(List.of("a", "b"), List.of(sent.get(0).getName(), sent.get(1).getName()));
      assertTrue(jar.delete("a", ".example.com", "/"));
      assertEquals(1, jar.list().size());
      assertEquals("c=1; Path=/", new Cookie("c", "1", "example.org").toSetCookieLine());
      Cookie wrong = new Cookie("c", "1", ".org");
      assertThrows(IllegalArgumentException.class, () -> jar.set(wrong));
      assertThrows(NullPointerException.class, () -> jar.clear(null));
      assertEquals(1, jar.list().size());
    }
  }

  @Test
  void aStorageMayThrowCheckedExceptions() throws Exception {
    CookieStorage storage = new CookieStorage() {
      @Override
      public byte[] load() {
        return null;
      }

      @Override
      public void save(byte[] bytes) throws IOException {
        throw new IOException("on purpose");
      }
    };
    GadgetClient.Builder builder = new GadgetClient.Builder(CONFIG);
    builder.setCookieStorage(storage);
    try (GadgetClient client = builder.build()) {
      Cookie cookie = cookie("a");
      client.getCookies().set(cookie);
      assertThrows(IOException.class, () -> client.getCookies().save());
      assertEquals(List.of(cookie), client.getCookies().list());
    }
  }
}
