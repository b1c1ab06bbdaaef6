package dev.gadget.request

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class AbortTest {
  private fun silence(counter: String) =
    RequestOptions("${Server.http}/fault/silence?counter=$counter")

  @Test
  fun `Cancelling the coroutine aborts the call`() = withClient { client ->
    val counter = Server.counter()
    runBlocking(Dispatchers.Default) {
      val typed = launch { client.request(silence(counter)) }
      val json = launch { client.invoke("""{"url":"${silence(counter).url}"}""") }
      eventually("both are in flight") { Server.count(counter, "in_flight") == 2 }
      typed.cancelAndJoin()
      eventually("one is in flight") { Server.count(counter, "in_flight") == 1 }
      json.cancelAndJoin()
      eventually("none is in flight") { Server.count(counter, "in_flight") == 0 }
    }
    assertEquals(200, client.request(RequestOptions("${Server.http}/echo")).status)
  }

  @Test
  fun `A coroutine that is cancelled already sends nothing`() = withClient { client ->
    val counter = Server.counter()
    assertThrows(CancellationException::class.java) {
      runBlocking {
        val call = async(start = CoroutineStart.UNDISPATCHED) {
          cancel()
          client.request(RequestOptions("${Server.http}/echo?counter=$counter"))
        }
        call.await()
      }
    }
    client.request(RequestOptions("${Server.http}/echo"))
    assertEquals(0, Server.count(counter, "total"))
  }

  @Test
  fun `Abort fails the call with 301, once, also if it is called again`() = withClient { client ->
    val (counter, recorder) = Server.counter() to Recorder()
    val task = client.enqueue(silence(counter), recorder)
    eventually("it is in flight") { Server.count(counter, "in_flight") == 1 }
    repeat(3) { task.abort() }
    val error = recorder.error()
    assertEquals(301, error.errno.code)
    assertEquals("Network request cancelled", error.errString)
    assertEquals("request:fail abort", error.message)
    assertEquals(task.trace, error.trace)
    task.abort()
    eventually("none is in flight") { Server.count(counter, "in_flight") == 0 }
    assertEquals(0, recorder.others)
  }

  @Test
  fun `Abort of a call that has its outcome does nothing`() = withClient { client ->
    val recorder = Recorder()
    val task = client.enqueue(RequestOptions("${Server.http}/echo"), recorder)
    assertEquals(task.trace, (recorder.outcome() as Response).trace)
    task.abort()
    client.request(RequestOptions("${Server.http}/echo"))
    assertEquals(0, recorder.others)
  }

  @Test
  fun `Close fails all running calls and every later call with 301`() {
    val (counter, typed, json) = Triple(Server.counter(), Recorder(), Recorder())
    val client = GadgetClient(Server.config)
    client.enqueue(silence(counter), typed)
    val task = client.invoke("""{"url":"${silence(counter).url}"}""", null, json)
    eventually("both are in flight") { Server.count(counter, "in_flight") == 2 }

    client.close()
    assertEquals("client closed", typed.error().detail)
    val result = json.outcome() as InvokeResult
    assertTrue(result.json.contains("request:fail client closed"), result.json)
    eventually("none is in flight") { Server.count(counter, "in_flight") == 0 }

    client.close()
    task.abort()
    client.enqueue(silence(counter), typed).abort()
    assertEquals(301, typed.error().errno.code)
    val later = runBlocking { client.errorOf(silence(counter)) }
    assertEquals("request:fail client closed", later.message)
    assertEquals(53, later.trace.length)
    assertEquals(false, runBlocking { client.invoke("not even JSON") }.isSuccess)
    assertEquals(2, Server.count(counter, "total"))
    assertEquals(0, typed.others + json.others)
  }

  @Test
  fun `Every call of many threads has an outcome, also while the client is closed`() {
    repeat(20) {
      val (client, recorder) = GadgetClient(Server.config) to Recorder()
      val threads = List(4) {
        Thread { repeat(25) { client.enqueue(RequestOptions("${Server.http}/echo"), recorder) } }
      }
      threads.forEach(Thread::start)
      client.close()
      threads.forEach(Thread::join)
      repeat(100) { recorder.outcome() }
      assertEquals(0, recorder.others)
    }
  }
}
