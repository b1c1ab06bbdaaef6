package dev.gadget.request

import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class RequestTest {
  @Test
  fun `The published page's example call succeeds over TLS, with a trace`() = withClient { client ->
    val options =
      """{"url":"https://www.toutiao.com","data":{"noncestr":1637463063659},""" +
        """"header":{"content-type":"application/json"},"method":"GET","dataType":"json",""" +
        """"responseType":"text"}"""
    val result = client.invoke(options)

    val json = parsed(result.json)
    assertTrue(result.isSuccess, result.json)
    assertNull(result.arrayBuffer)
    assertEquals("200", json["statusCode"].text)
    assertEquals("request:ok", json["errMsg"].text)
    val trace = json["trace"].text
    assertTrue(Regex("02[0-9]{13}[0-9a-f]{38}").matches(trace), trace)
    val received = Server.received(trace)
    assertEquals("GET", received.method)
    assertEquals("/?noncestr=1637463063659", received.target)
    assertEquals(listOf("application/json"), received.headers("content-type"))
  }

  @Test
  fun `The same call succeeds with typed options`() = withClient { client ->
    val options = RequestOptions("https://www.toutiao.com") {
      header("content-type", "application/json")
      data = Data.Json("""{"noncestr":1637463063659}""")
    }
    val response = client.request(options)
    assertEquals(200, response.status)
    assertEquals("/?noncestr=1637463063659", Server.received(response.trace).target)
  }

  @Test
  fun `Text, JSON and bytes are sent unchanged`() = withClient { client ->
    suspend fun sent(data: Data?, type: String?): Received {
      val options = RequestOptions("${Server.http}/echo") {
        method = "post"
        type?.let { header("content-type", it) }
        this.data = data
      }
      return Server.received(client.request(options).trace)
    }

    val text = sent(Data.Text("snow ☃ and 😀"), "text/plain")
    assertEquals("POST", text.method)
    assertEquals("snow ☃ and 😀", text.body.decodeToString())
    assertEquals(listOf("text/plain"), text.headers("content-type"))

    val json = sent(Data.Json("""{ "id": 9007199254740993 }"""), null)
    assertEquals("""{ "id": 9007199254740993 }""", json.body.decodeToString())
    assertEquals(listOf("application/json"), json.headers("content-type"))

    val form = sent(Data.Json("""{"a":"b c"}"""), "application/x-www-form-urlencoded")
    assertEquals("a=b+c", form.body.decodeToString())

    val bytes = ByteArray(256) { it.toByte() }
    assertArrayEquals(bytes, sent(Data.Bytes(bytes), "application/octet-stream").body)
    assertArrayEquals(ByteArray(0), sent(Data.Bytes(ByteArray(0)), null).body)
    assertArrayEquals(ByteArray(0), sent(null, null).body)
  }

  @Test
  fun `A response has its headers in order, finds them without case, and lists its cookies`() =
    withClient(ClientConfig()) { client ->
      val url = "${Server.http}/headers?X-One=1&Set-Cookie=a%3D1&x-one=2&set-cookie=b%3D2%2C3"
      val response = client.request(RequestOptions(url))
      assertEquals("1, 2", response.header("X-ONE"))
      assertEquals(listOf("1", "2"), response.headers("x-One"))
      assertNull(response.header("x-none"))
      assertEquals(emptyList<String>(), response.headers("x-none"))
      assertEquals(listOf("a=1", "b=2,3"), response.cookies)
      val names = response.headers.map { it.name }
      assertEquals(names.map { it.lowercase() }, names)
      assertTrue(names.indexOf("x-one") < names.indexOf("set-cookie"), "$names")
    }

  @Test
  fun `A body has decoded bytes, text, and JSON if it is JSON`() = withClient { client ->
    val gzip = client.request(RequestOptions("${Server.http}/gzip?body=%20%7B%22a%22%3A1%7D%0A"))
    assertEquals(" {\"a\":1}\n", gzip.body.decodeToString())
    assertEquals(" {\"a\":1}\n", gzip.text)
    assertEquals("{\"a\":1}", gzip.json)
    assertEquals("identity", gzip.header("content-encoding"))

    val unparsed = RequestOptions("${Server.http}/gzip") { parseJson = false }
    assertNull(client.request(unparsed).json)
    assertNotNull(client.request(unparsed).text)

    val gbk = client.request(RequestOptions("${Server.http}/charset/gbk?text=%E4%B8%AD%E6%96%87"))
    assertEquals("中文", gbk.text)
    assertEquals(4, gbk.body.size)
    assertNull(gbk.json)

    val none = client.request(RequestOptions("${Server.http}/status/204"))
    assertEquals(0, none.body.size)
    assertEquals("", none.text)
  }

  @Test
  fun `An ArrayBuffer is bytes, never text`() = withClient { client ->
    val options = RequestOptions("${Server.http}/bytes/100000") {
      responseType = ResponseType.ARRAY_BUFFER
    }
    val response = client.request(options)
    assertEquals(100_000, response.body.size)
    assertNull(response.text)
    assertNull(response.json)

    val json = """{"url":"${Server.http}/bytes/0","responseType":"arraybuffer"}"""
    val result = client.invoke(json)
    assertEquals(0, result.arrayBuffer!!.size)
    assertNull(parsed(result.json)["data"])
  }

  @Test
  fun `Any status is a response, also a redirect that is not followed`() = withClient { client ->
    assertEquals(404, client.request(RequestOptions("${Server.http}/status/404")).status)
    assertEquals(500, client.request(RequestOptions("${Server.http}/status/500")).status)
    val redirect = RequestOptions("${Server.http}/redirect/302") { redirect = Redirect.MANUAL }
    assertEquals(302, client.request(redirect).status)
  }

  @Test
  fun `Bytes beside the options of a JavaScript engine are the body`() = withClient { client ->
    val options = """{"url":"${Server.http}/echo","method":"PUT"}"""
    val result = client.invoke(options, byteArrayOf(0, -1))
    val received = Server.received(parsed(result.json)["trace"].text)
    assertArrayEquals(byteArrayOf(0, -1), received.body)
  }
}
