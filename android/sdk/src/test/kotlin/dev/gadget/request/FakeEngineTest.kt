package dev.gadget.request

import dev.gadget.request.internal.CallEvents
import dev.gadget.request.internal.Engine
import dev.gadget.request.internal.EngineTask
import dev.gadget.request.internal.Outcome
import dev.gadget.request.internal.TextPart
import dev.gadget.request.internal.textBytes
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.concurrent.Executors
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread

/** The work of the client itself, with a fake engine. */
class FakeEngineTest {
  internal open class FakeEngine : Engine {
    var completed: ((Outcome) -> Unit)? = null
    var aborts = 0
    var closes = 0
    val reports = mutableListOf<String>()

    override val inFlight = 10
    override val queued = 7
    override val cookies: CookieJar get() = throw UnsupportedOperationException()

    override fun har() = "{}"

    override fun openPageBridge(settingsJson: String) = throw UnsupportedOperationException()

    override fun start(
      options: RequestOptions,
      events: CallEvents?,
      completed: (Outcome) -> Unit,
    ): EngineTask {
      this.completed = completed
      return object : EngineTask {
        override val trace = "trace"

        override fun abort() {
          aborts++
        }

        override fun resume() = Unit
      }
    }

    override fun invoke(
      optionsJson: String,
      body: ByteArray?,
      events: CallEvents?,
      completed: (InvokeResult) -> Unit,
    ): EngineTask = throw OutOfMemoryError("on purpose")

    override fun setOnline(online: Boolean) {
      reports += if (online) "online" else "offline"
    }

    override fun networkChanged() {
      reports += "network"
    }

    override fun setProxy(settingsJson: String) {
      reports += settingsJson
    }

    override fun setProxySelector(selector: ProxySelector, settingsJson: String?) {
      reports += "selector $settingsJson"
    }

    override fun enterBackground() {
      reports += "background"
    }

    override fun enterForeground() {
      reports += "foreground"
    }

    override fun close() {
      closes++
    }
  }

  private val engine = FakeEngine()
  private val client = GadgetClient(engine)
  private val options = RequestOptions("http://example.com")
  private val response =
    Response(200, ByteArray(0), textBytes(listOf("trace")), TextPart(""), null)

  @Test
  fun `An outcome that comes after the cancellation is ignored`() = runBlocking {
    val call = launch(Dispatchers.Unconfined) { client.request(options) }
    call.cancelAndJoin()
    assertEquals(1, engine.aborts)
    engine.completed!!(Outcome.Success(response))
    assertEquals(1, engine.aborts)
  }

  @Test
  fun `A call that has its outcome is not aborted by a later cancellation`() = runBlocking {
    val call = launch(Dispatchers.Unconfined) {
      client.request(options)
      awaitCancellation()
    }
    engine.completed!!(Outcome.Success(response))
    call.cancelAndJoin()
    assertEquals(0, engine.aborts)
  }

  @Test
  fun `A call that cannot start throws in its caller`() {
    assertThrows(OutOfMemoryError::class.java) { runBlocking { client.invoke("{}") } }
    assertThrows(OutOfMemoryError::class.java) { client.invoke("{}", null) {} }
  }

  @Test
  fun `Callbacks of calls that end one after the other come in that order`() {
    val executor = Executors.newSingleThreadExecutor()
    val ordered = GadgetClient(engine, executor)
    val details = LinkedBlockingQueue<String>()
    for (number in 1..100) {
      ordered.enqueue(options, keeping(details))
      val completed = engine.completed!!
      // As on the engine's threads: now this one, now that one.
      thread { completed(Outcome.Fail(Errno.CANCELLED, "$number", "trace", null)) }.join()
    }
    executor.shutdown()
    assertTrue(executor.awaitTermination(10, TimeUnit.SECONDS))
    assertEquals((1..100).map { "$it" }, details.toList())
  }

  @Test
  fun `Reports reach the engine in their order, and the client shows its counters`() {
    client.setOnline(false)
    client.setOnline(true)
    client.networkChanged()
    client.enterBackground()
    client.enterForeground()
    val reports = listOf("offline", "online", "network", "background", "foreground")
    assertEquals(reports, engine.reports)
    assertEquals(10 to 7, client.inFlight to client.queued)
  }

  @Test
  fun `A proxy and its hosts reach the engine as settings`() {
    client.setProxy("http://\"a", listOf("b"))
    client.setProxy(null)
    client.setProxySelector({ null })
    client.setProxySelector({ null }, emptyList())
    val reports = listOf(
      """{"proxy":"http://\"a","proxy_bypass":["b"]}""",
      "{}",
      "selector null",
      """selector {"proxy_bypass":[]}""",
    )
    assertEquals(reports, engine.reports)
  }

  @Test
  fun `Closing the client closes the engine`() {
    client.use { }
    assertEquals(1, engine.closes)
  }
}

/** Keeps the details of errors. */
internal fun keeping(details: MutableCollection<String>) = object : RequestCallback {
  override fun onSuccess(response: Response) = error("a response")

  override fun onFail(error: GadgetException) {
    details += error.detail
  }
}
