package dev.gadget.request

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class CookieValueTest {
  @Test
  fun `Cookies are compared by value, and their text shows no member`() {
    val cookie = Cookie("secret", "secret", "secret.example.com")
    assertEquals("Cookie(...)", "$cookie")
    assertEquals("/" to null, cookie.path to cookie.expiresAtMillis)
    assertFalse(cookie.secure || cookie.httpOnly)
    assertNull(cookie.sameSite)
    val builder = cookie.newBuilder()
    assertEquals(cookie, builder.build())
    assertEquals(cookie.hashCode(), builder.build().hashCode())
    for (change in listOf<Cookie.Builder.() -> Unit>(
      { name = "a" },
      { value = "a" },
      { domain = "a" },
      { path = "/a" },
      { expiresAtMillis = 1 },
      { secure = true },
      { httpOnly = true },
      { sameSite = SameSite.LAX },
    )) {
      val before = builder.build()
      builder.change()
      assertFalse(before == builder.build())
      assertEquals(builder.build(), builder.build().newBuilder().build())
    }
    assertFalse(cookie.equals("secret"))
  }

  @Test
  fun `A Set-Cookie line has all members of a cookie`() {
    val full = Cookie("a", "1", ".example.com") {
      path = "/a"
      expiresAtMillis = 784_111_777_999
      secure = true
      httpOnly = true
      sameSite = SameSite.NONE
    }
    assertEquals(
      "a=1; Domain=example.com; Path=/a; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Secure; " +
        "HttpOnly; SameSite=None",
      full.toSetCookieLine(),
    )
    assertEquals("b; Path=/", Cookie("", "b", "example.com").toSetCookieLine())
    val wrong = Cookie("a", "\uD800", "example.com")
    assertEquals("value: lone surrogate", refusal { wrong.toSetCookieLine() })
  }

  @Test
  fun `If a cookie is invalid, the refusal names its member, and no cookie is set`() =
    withClient { client ->
      val good = Cookie("good", "1", "example.com")
      fun cookie(configure: Cookie.Builder.() -> Unit) = good.newBuilder().apply(configure).build()
      for ((member, cookie) in listOf(
        "name" to cookie { name = "secret=" },
        "name" to cookie { name = "__Secure-secret" },
        "name" to cookie { name = "\uD800" },
        "value" to cookie { value = "secret; Path=/" },
        "value" to cookie { value = "secret\n" },
        "value" to cookie { value = "s".repeat(4093) },
        "value" to cookie { value = "\uDC00" },
        "domain" to cookie { domain = "" },
        "domain" to cookie { domain = "sec ret" },
        "domain" to cookie { domain = ".co.uk" },
        "domain" to cookie { domain = "\uD83D" },
        "path" to cookie { path = "secret" },
        "path" to cookie { path = "/\uD800" },
        "sameSite" to cookie { sameSite = SameSite.NONE },
      )) {
        for ((place, cookies) in listOf("" to listOf(cookie), "[1]." to listOf(good, cookie))) {
          val message = refusal { client.cookies.set(cookies) }
          assertTrue(message.startsWith("$place$member: "), "$place$member: $message")
          assertFalse("secret" in message, message)
          assertEquals(emptyList<String>(), client.cookies.pairs)
        }
      }
    }

  @Test
  fun `Any expiry is accepted, and the longest is 400 days`() = withClient { client ->
    val longest = 400L * 24 * 3600 * 1000
    client.cookies.set(Cookie("a", "1", "example.com") { expiresAtMillis = Long.MAX_VALUE })
    val expires = client.cookies.list().single().expiresAtMillis!!
    assertTrue(expires - System.currentTimeMillis() in longest - 60_000..longest, "$expires")
    for (expired in listOf(0, -1, Long.MIN_VALUE)) {
      client.cookies.set(Cookie("b", "1", "example.com"))
      client.cookies.set(Cookie("b", "1", "example.com") { expiresAtMillis = expired })
      assertEquals(listOf("a=1"), client.cookies.pairs)
    }
  }
}
