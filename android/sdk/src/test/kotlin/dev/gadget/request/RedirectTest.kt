package dev.gadget.request

import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.util.Base64

/** docs/contract.md#9-redirects. All changes of a hop are in vectors/redirects.json. */
class RedirectTest {
  private val elsewhere = "http://localhost:${Server.httpPort}"

  private fun chain(hops: Int) = "${Server.http}/redirect/302/$hops"

  @Test
  fun `A redirect is followed to the last response, with one trace`() = withClient { client ->
    val response = client.request(RequestOptions(redirecting("$elsewhere/echo?a=1")))
    assertEquals(200, response.status)
    val received = Received(parsed(response.json!!))
    assertEquals("/echo?a=1", received.target)
    assertEquals(listOf(response.trace), received.headers("x-request-id"))

    val result = client.invoke("""{"url":"${chain(3)}"}""")
    assertEquals("200", parsed(result.json)["statusCode"].text)
  }

  @Test
  fun `A redirect changes method, headers and body as in browsers`() = withClient { client ->
    suspend fun hop(status: Int, to: String) = client.echoed(redirecting(to, status)) {
      method = "POST"
      header("authorization", "Bearer 1")
      header("x-own", "1")
      data = Data.Text("body")
    }

    val other = hop(302, "$elsewhere/echo")
    assertEquals("GET" to "", other.method to other.body.decodeToString())
    val dropped = listOf("authorization", "content-type").flatMap(other::headers)
    assertEquals(emptyList<String>(), dropped)
    assertEquals(listOf("1"), other.headers("x-own"))

    val same = hop(307, "/echo")
    assertEquals("POST", same.method)
    assertArrayEquals("body".encodeToByteArray(), same.body)
    assertEquals(listOf("Bearer 1"), same.headers("authorization"))
  }

  @Test
  fun `Each hop sends the cookies for its own URL, and stores the cookies of its response`() =
    withClient(ClientConfig()) { client ->
      client.cookies.set(Cookie("there", "1", "localhost"))
      val head = "HTTP/1.1 302 Found\r\nlocation: $elsewhere/cookies\r\n" +
        "set-cookie: here=1; Path=/\r\ncontent-length: 0\r\n\r\n"
      val base64 = Base64.getEncoder().encodeToString(head.encodeToByteArray())
      val options = RequestOptions("${Server.http}/raw?base64=${encoded(base64)}") {
        header("cookie", "callers=1")
      }
      assertEquals("""{"cookie":["there=1"]}""", client.request(options).json)
      assertEquals(listOf("here=1"), client.sent())
    }

  @Test
  fun `With MANUAL a redirect is the result, with its location`() = withClient { client ->
    val url = redirecting("$elsewhere/echo", 307)
    val response = client.request(RequestOptions(url) { redirect = Redirect.MANUAL })
    assertEquals(307 to "$elsewhere/echo", response.status to response.header("location"))
    val result = client.invoke("""{"url":"$url","redirect":"manual"}""")
    assertEquals("307", parsed(result.json)["statusCode"].text)
  }

  @Test
  fun `With ERROR a redirect fails with 305, and nothing else does`() = withClient { client ->
    val refusing = RequestOptions(chain(1)) { redirect = Redirect.ERROR }
    val error = client.errorOf(refusing)
    assertEquals(305 to "redirect refused", error.errno.code to error.detail)
    for (status in listOf(200, 300, 304, 404)) {
      val options =
        RequestOptions("${Server.http}/status/$status") { redirect = Redirect.ERROR }
      assertEquals(status, client.request(options).status)
    }
  }

  @Test
  fun `One redirect more than maxRedirects fails with 305`() {
    for ((max, followed) in listOf(null to 20, 0 to 0, 2 to 2, 30 to 30)) {
      withClient(ClientConfig { maxRedirects = max }) { client ->
        val url = if (followed == 0) "${Server.http}/echo" else chain(followed)
        assertEquals(200, client.request(RequestOptions(url)).status, "$max")
        val error = client.errorOf(RequestOptions(chain(followed + 1)))
        assertEquals(305 to "too many redirects", error.errno.code to error.detail, "$max")
        val manual = RequestOptions(chain(followed + 1)) { redirect = Redirect.MANUAL }
        assertEquals(302, client.request(manual).status)
      }
    }
  }

  @Test
  fun `An invalid Location fails with 305`() = withClient { client ->
    for (to in listOf("ftp://127.0.0.1/", "http://", "http://user:password@127.0.0.1/")) {
      val error = client.errorOf(RequestOptions(redirecting(to)))
      assertEquals(305 to "bad redirect", error.errno.code to error.detail, to)
    }
  }
}
