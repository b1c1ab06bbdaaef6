package dev.gadget.request

import dev.gadget.request.internal.Outcome
import dev.gadget.request.internal.outcome
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.net.ServerSocket
import dev.gadget.request.generated.Outcome as OutcomeRecord

class ErrorTest {
  @Test
  fun `Wrong options fail with 104 and the name of the field`() = withClient { client ->
    suspend fun detail(url: String, configure: RequestOptions.Builder.() -> Unit = {}): String {
      val error = client.errorOf(RequestOptions(url, configure))
      assertEquals(Errno.INVALID_PARAMETER, error.errno)
      assertEquals("invalid parameter", error.errString)
      assertEquals("request:fail ${error.detail}", error.message)
      assertEquals(53, error.trace.length)
      assertEquals(104, error.errno.code)
      assertTrue(Errno.INVALID_PARAMETER.details.any(error.detail::startsWith), error.detail)
      return error.detail
    }

    val url = "${Server.http}/echo"
    assertEquals("invalid url: missing", detail(""))
    assertEquals("invalid url: neither http nor https", detail("ftp://example.com"))
    assertTrue(detail(url) { method = "BREW" }.startsWith("invalid method"))
    assertTrue(detail(url) { header("a b", "c") }.startsWith("invalid header"))
    assertTrue(detail(url) { data = Data.Json("17") }.startsWith("invalid data"))
    assertTrue(detail(url) { data = Data.Bytes(ByteArray(1)) }.startsWith("invalid data"))
  }

  @Test
  fun `A lone surrogate fails with 104 and the name of the field`() = withClient { client ->
    suspend fun detail(url: String, configure: RequestOptions.Builder.() -> Unit = {}): String {
      val error = client.errorOf(RequestOptions(url, configure))
      assertEquals(104, error.errno.code)
      return error.detail
    }

    val url = "${Server.http}/echo"
    assertEquals("invalid url: lone surrogate", detail("$url\uD800"))
    assertEquals("invalid method: lone surrogate", detail(url) { method = "\uDC00" })
    assertEquals("invalid header: lone surrogate", detail(url) { header("a", "\uD800b") })
    assertEquals("invalid header: lone surrogate", detail(url) { header("\uD800", "b") })
    assertEquals("invalid data: lone surrogate", detail(url) { data = Data.Text("\uD83D") })
    assertEquals(
      "invalid data: lone surrogate",
      detail(url) { data = Data.Json("{\"\uD800\":1}") },
    )
  }

  @Test
  fun `A lone surrogate in JSON text means the same as its escape`() = withClient { client ->
    suspend fun errMsg(options: String) = parsed(client.invoke(options).json)["errMsg"].text

    assertEquals("request:fail invalid url: lone surrogate", errMsg("{\"url\":\"\uD800\"}"))
    assertTrue(errMsg("{\"url\":\"\\\uD800\"}").startsWith("request:fail invalid options"))
    assertTrue(errMsg("{\uD800}").startsWith("request:fail invalid options"))

    val body = RequestOptions("${Server.http}/echo") {
      method = "POST"
      data = Data.Json("[\"\uD800\"]")
    }
    val received = Server.received(client.request(body).trace)
    assertEquals("[\"\\ud800\"]", received.body.decodeToString())
  }

  @Test
  fun `Options that are not a JSON object fail with 104`() = withClient { client ->
    for (options in listOf("", "null", "[]", "{", "\u0000")) {
      val result = client.invoke(options)
      assertFalse(result.isSuccess)
      assertEquals("104", parsed(result.json)["errno"].text, options)
    }
  }

  @Test
  fun `More than 100 MiB fails with 104, as bytes and as text`() = withClient { client ->
    val limit = 100 shl 20
    val over = RequestOptions("${Server.http}/echo") {
      method = "POST"
      data = Data.Bytes(ByteArray(limit + (1 shl 20)))
    }
    assertEquals("invalid options: over 100 MiB", client.errorOf(over).detail)
    val text = RequestOptions("${Server.http}/echo") { data = Data.Text("a".repeat(limit + 9)) }
    assertEquals("invalid options: over 100 MiB", client.errorOf(text).detail)
    val result = client.invoke("{}", ByteArray(limit + 9))
    assertTrue(result.json.contains("over 100 MiB"), result.json)
  }

  @Test
  fun `A refused port fails with 305`() = withClient { client ->
    val port = ServerSocket(0).use { it.localPort }
    val error = client.errorOf(RequestOptions("http://127.0.0.1:$port"))
    assertEquals(Errno.NETWORK_FAILURE, error.errno)
    assertEquals("Network failure", error.errString)
    assertEquals("request:fail connection failed", error.message)
  }

  @Test
  fun `A server with an unknown issuer fails with 305`() = withClient(ClientConfig()) {
    val error = it.errorOf(RequestOptions(Server.https))
    assertEquals(Errno.NETWORK_FAILURE, error.errno)
    assertEquals("tls: unknown issuer", error.detail)
  }

  @Test
  fun `The cause says why the network failed a call, and is absent if it did not`() =
    withClient { client ->
      val refused = ServerSocket(0).use { it.localPort }
      val error = client.errorOf(RequestOptions("http://127.0.0.1:$refused"))
      assertEquals("connect: connection refused (os error 111)", error.cause?.message)
      assertEquals(null, client.errorOf(RequestOptions("")).cause)
    }

  @Test
  fun `A call that takes too long fails with 302`() = withClient { client ->
    val options = RequestOptions("${Server.http}/fault/silence") { timeoutMs = 50 }
    val error = client.errorOf(options)
    assertEquals(Errno.TIMED_OUT, error.errno)
    assertEquals("timeout", error.detail)
  }

  @Test
  fun `The exception has the stack trace of the code that made the call`() = withClient { client ->
    val error = client.errorOf(RequestOptions(""))
    assertTrue(error.stackTrace.any { it.className.startsWith(GadgetClient::class.java.name) })
  }

  @Test
  fun `The table of errors is the platform's`() {
    assertEquals(
      listOf(102, 103, 104, 110, 111, 112, 301, 302, 303, 304, 305, 307),
      Errno.entries.map { it.code },
    )
    assertEquals(42, Errno.entries.flatMap { it.details }.distinct().size)
    assertEquals(Errno.entries, Errno.entries.map { Errno.of(it.code) })
    assertEquals(null, Errno.of(306))
  }

  @Test
  fun `A number that is not in the table is an internal error`() {
    val unknown = outcome(OutcomeRecord.Fail(306u, "words", "detail", "trace", null, null))
    val error = (unknown as Outcome.Fail).exception()
    assertEquals(Errno.INTERNAL to "internal error", error.errno to error.errString)
    assertEquals("detail" to "trace", error.detail to error.trace)
  }
}
