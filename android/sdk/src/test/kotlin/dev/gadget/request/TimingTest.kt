package dev.gadget.request

import kotlinx.serialization.json.jsonObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.ObjectInputStream
import java.io.ObjectOutputStream

class TimingTest {
  @Test
  fun `A response has the phases of its call, in order`() = withClient { client ->
    val timing = client.request(RequestOptions("${Server.http}/bytes/1000")).timing
    val moments = listOf(
      timing.invokeStart, timing.queueStart, timing.queueEnd, timing.fetchStart!!,
      timing.connectStart!!, timing.connectEnd!!, timing.requestStart!!, timing.responseStart!!,
      timing.responseEnd!!,
    )
    assertEquals(moments.sorted(), moments)
    assertTrue(timing.invokeStart > 1.7e12, "${timing.invokeStart}")
    assertTrue(timing.requestEnd!! >= timing.requestStart!!)
    assertNull(timing.redirectStart)
    assertNull(timing.redirectEnd)
    assertNull(timing.domainLookUpStart)
    assertNull(timing.domainLookUpEnd)
    assertNull(timing.sslConnectionStart)
    assertNull(timing.sslConnectionEnd)
    assertEquals("127.0.0.1", timing.peerIp)
    assertEquals(Server.http.substringAfterLast(':').toInt(), timing.port)
    assertEquals("http1.1", timing.protocol)
    assertEquals(false, timing.socketReused)
    assertEquals(1000, timing.decodedBytes)
    assertTrue(timing.receivedBytesCount!! > 1000)
    assertTrue(timing.sendBytesCount!! > 100)
    assertEquals(listOf(0, 0), listOf(timing.redirectCount, timing.retryCount))
  }

  @Test
  fun `Over a kept connection there are no phases of connecting`() = withClient { client ->
    val options = RequestOptions("https://www.toutiao.com/bytes/1")
    assertNotNull(client.request(options).timing.sslConnectionEnd)
    val timing = client.request(options).timing
    assertNull(timing.connectStart)
    assertNull(timing.sslConnectionStart)
    assertEquals("h2", timing.protocol)
    assertEquals(true, timing.socketReused)
  }

  @Test
  fun `An error has the phases that happened, also after serialisation`() = withClient { client ->
    val closed = RequestOptions("http://127.0.0.1:1/")
    val thrown = runCatching { client.request(closed) }.exceptionOrNull()
    val bytes = ByteArrayOutputStream()
    ObjectOutputStream(bytes).use { it.writeObject(thrown) }
    val read = ObjectInputStream(ByteArrayInputStream(bytes.toByteArray())).readObject()
    for (error in listOf(thrown, read)) {
      val timing = (error as GadgetException).timing!!
      assertNotNull(timing.connectStart)
      assertNull(timing.connectEnd)
      assertNull(timing.requestStart)
      assertNull(timing.peerIp)
      assertNull(timing.sendBytesCount)
    }
  }

  @Test
  fun `An error of a call without a place has none`() = withClient { client ->
    val thrown = runCatching { client.request(RequestOptions("ftp://a.test/")) }.exceptionOrNull()
    assertNull((thrown as GadgetException).timing)
  }

  @Test
  fun `A result object has its profile where it is wanted`() = withClient { client ->
    val options = """{"url":"${Server.http}/bytes/1","enableProfile":true}"""
    val profile = parsed(client.invoke(options).json)["profile"]!!.jsonObject
    assertEquals("http1.1", profile["protocol"].text)
    val without = client.invoke("""{"url":"${Server.http}/bytes/1"}""").json
    assertTrue("profile" !in without, without)
  }
}
