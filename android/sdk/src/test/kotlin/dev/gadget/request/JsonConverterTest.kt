package dev.gadget.request

import com.google.gson.Gson
import com.google.gson.JsonSyntaxException
import com.squareup.moshi.JsonEncodingException
import com.squareup.moshi.Moshi
import dev.gadget.request.JsonConverterJavaTest.JavaOrder
import kotlinx.serialization.Serializable
import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.Json
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test
import java.io.IOException

/** Bodies as objects of the host app, with the JSON libraries that host apps have. */
class JsonConverterTest {
  @Serializable
  private data class Order(val id: Long, val goods: List<String> = emptyList())

  private val order = Order(9_007_199_254_740_993, listOf("茶"))
  private val orderJson = """{"id":9007199254740993,"goods":["茶"]}"""

  /** The response with this body. */
  private suspend fun GadgetClient.body(
    body: String,
    configure: RequestOptions.Builder.() -> Unit = {},
  ): Response =
    request(RequestOptions("${Server.http}/status/200?body=${encoded(body)}", configure))

  /** The text that a converter gets. */
  private val Response.given: String get() = json { it }

  @Test
  fun `kotlinx serialization, Moshi and Gson make objects of a body`() = withClient { client ->
    val response = client.body(orderJson)
    assertEquals(order, response.json { Json.decodeFromString<Order>(it) })
    assertEquals(order, response.json { Gson().fromJson(it, Order::class.java) })
    val adapter = Moshi.Builder().build().adapter(JavaOrder::class.java)
    val ofMoshi: JavaOrder? = response.json(adapter::fromJson)
    assertEquals(order, ofMoshi?.run { Order(id, goods) })
  }

  @Test
  fun `A response with any status has its object`() = withClient { client ->
    val url = "${Server.http}/status/404?body=${encoded(orderJson)}"
    val response = client.request(RequestOptions(url))
    assertEquals(404, response.status)
    assertEquals(order, response.json { Json.decodeFromString<Order>(it) })
  }

  @Test
  fun `A body that is not JSON is refused by the library, in its own words`(): Unit =
    withClient { client ->
      val response = client.body("<html>no order</html>")
      assertNull(response.json)
      assertThrows(SerializationException::class.java) {
        response.json { Json.decodeFromString<Order>(it) }
      }
      assertThrows(JsonSyntaxException::class.java) {
        response.json { Gson().fromJson(it, Order::class.java) }
      }
      val adapter = Moshi.Builder().build().adapter(JavaOrder::class.java)
      assertThrows(JsonEncodingException::class.java) { response.json(adapter::fromJson) }
    }

  @Test
  fun `What a converter throws passes unchanged, checked exceptions too`() = withClient { client ->
    val response = client.body(orderJson)
    for (thrown in listOf(IOException("on purpose"), AssertionError("on purpose"))) {
      assertSame(thrown, assertThrows(Throwable::class.java) { response.json { throw thrown } })
    }
  }

  @Test
  fun `A converter gets the JSON value, else the text, else the bytes as UTF-8`() =
    withClient { client ->
      assertEquals(orderJson, client.body(" $orderJson\n").given)
      assertEquals("no order ", client.body("no order ").given)
      assertEquals("", client.body("").given)
      assertEquals(" $orderJson", client.body(" $orderJson") { parseJson = false }.given)
      val asBytes: RequestOptions.Builder.() -> Unit = { responseType = ResponseType.ARRAY_BUFFER }
      assertEquals(orderJson, client.body(orderJson, asBytes).given)
      assertEquals(orderJson, client.body("\uFEFF$orderJson", asBytes).given)
      assertEquals("", client.body("", asBytes).given)
    }

  @Test
  fun `Gson makes null of an empty body, as its own contract says`() = withClient { client ->
    assertNull(client.body("").json { Gson().fromJson(it, Order::class.java) })
  }
}
