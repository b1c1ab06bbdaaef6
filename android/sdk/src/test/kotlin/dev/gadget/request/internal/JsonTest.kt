package dev.gadget.request.internal

import dev.gadget.request.parsed
import dev.gadget.request.text
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class JsonTest {
  @Test
  fun `JSON text is read back unchanged, whatever it contains`() {
    val texts =
      listOf("", "\"\\/\b\t\n\u0000\u001f\u007f", "中文 😀 \u2028", "\uD800", "a\uDC00b\uD83D")
    for (text in texts) {
      assertEquals(text, parsed("""{"a":${jsonText(text)}}""")["a"].text)
    }
    assertEquals(
      "{\"a\":\"\\ud800\\\uFFFD\\\\\\udc00\"}",
      jsonInUtf8("{\"a\":\"\uD800\\\uD800\\\\\uDC00\"}"),
    )
    assertTrue(jsonText(texts.last()).isInUtf8())
  }
}
