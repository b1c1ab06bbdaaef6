package dev.gadget.request

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class CookieJsonTest {
  @Test
  fun `Exported cookies can be imported into another jar, beside its own`() = withClient { one ->
    val cookies = listOf(
      Cookie("a", "中文\"\\", ".example.com") {
        path = "/a"
        expiresAtMillis = System.currentTimeMillis() / 1000 * 1000 + 123_456
        secure = true
        httpOnly = true
        sameSite = SameSite.STRICT
      },
      Cookie("", "nameless", "[::1]"),
    )
    one.cookies.set(cookies)
    val json = one.cookies.exportJson()
    assertEquals(
      """[{"name":"a","value":"中文\"\\","domain":".example.com","path":"/a",""" +
        """"expires":${cookies[0].expiresAtMillis},"secure":true,"httpOnly":true,""" +
        """"sameSite":"strict"},{"name":"","value":"nameless","domain":"[::1]",""" +
        """"path":"/","secure":false,"httpOnly":false}]""",
      json,
    )
    withClient { other ->
      assertEquals("[]", other.cookies.exportJson())
      val before = Cookie("before", "1", "example.org")
      other.cookies.set(before)
      other.cookies.importJson(json)
      assertEquals(listOf(before) + cookies, other.cookies.list())
    }
  }

  @Test
  fun `The refusal of JSON shows nothing of its cookies`() = withClient { client ->
    val good = """{"name":"good","value":"1","domain":"example.com"}"""
    for ((json, message) in listOf(
      "" to "not valid JSON",
      "[\"\uD800\"]" to "[0]: not valid JSON",
      "{}" to "wrong type or value",
      "[] []" to "text after the JSON array",
      """[$good,{"name":"a"}]""" to "[1]: missing field `value`",
      """[$good,{"value":"secret","domain":5}]""" to "[1].domain: wrong type or value",
      """[{"value":"secret","domain":".com"}]""" to "[0].domain: a public suffix",
    )) {
      assertEquals(message, refusal { client.cookies.importJson(json) })
    }
    assertEquals(emptyList<String>(), client.cookies.pairs)
  }
}
