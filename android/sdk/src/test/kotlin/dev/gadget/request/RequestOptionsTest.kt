package dev.gadget.request

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Test

class RequestOptionsTest {
  @Test
  fun `A new builder has all options, and its changes do not reach the old ones`() {
    val options = RequestOptions("http://a.example") {
      method = "POST"
      header("x-one", "1")
      data = Data.Text("a")
      parseJson = false
      responseType = ResponseType.ARRAY_BUFFER
      timeoutMs = 17
      redirect = Redirect.MANUAL
      enableChunked = true
    }
    val changed = options.newBuilder().header("x-two", "2").apply { url = "http://b.example" }
    with(changed.build()) {
      assertEquals("http://b.example", url)
      assertEquals("POST", method)
      assertEquals(listOf(Header("x-one", "1"), Header("x-two", "2")), headers)
      assertSame(options.data, data)
      assertEquals(false, parseJson)
      assertEquals(ResponseType.ARRAY_BUFFER, responseType)
      assertEquals(17L, timeoutMs)
      assertEquals(Redirect.MANUAL, redirect)
      assertEquals(true, enableChunked)
    }
    assertEquals("http://a.example", options.url)
    assertEquals(listOf(Header("x-one", "1")), options.headers)
  }

  @Test
  fun `Headers are equal by name and value, and a log shows only the name`() {
    assertEquals(Header("a", "1"), Header("a", "1"))
    assertEquals(Header("a", "1").hashCode(), Header("a", "1").hashCode())
    assertNotEquals(Header("a", "1"), Header("a", "2"))
    assertNotEquals(Header("a", "1"), Header("A", "1"))
    assertEquals("Header(name=authorization)", "${Header("authorization", "secret")}")
  }
}
