package dev.gadget.request

import dev.gadget.request.internal.NativeCalls
import dev.gadget.request.internal.NativeEngine
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import java.util.concurrent.Semaphore
import java.util.concurrent.atomic.AtomicIntegerArray
import kotlin.random.Random

private const val CALLS = 100_000
private const val RUNNING = 500

/** What many calls and clients leave behind: nothing. */
class ManyCallsTest {
  private val outcomes = AtomicIntegerArray(CALLS)
  private val places = Semaphore(RUNNING)
  private val random = Random(17)

  @Test
  @Timeout(240)
  fun `Of 100000 calls that are aborted at random, each has one outcome and leaves nothing`() {
    val heap = mutableListOf<Long>()
    withClient { client ->
      repeat(CALLS) { at ->
        places.acquire()
        start(client, at, CoroutineScope(Dispatchers.Default))
        if ((at + 1) % (CALLS / 4) == 0) heap += usedHeap()
      }
      places.acquire(RUNNING)
      eventually("no call is left") { NativeCalls.runningCalls() == 0 }
      assertEquals(0 to 0, client.inFlight to client.queued)
    }
    assertEquals(emptyList<Int>(), (0 until CALLS).filter { outcomes[it] != 1 })
    assertTrue(heap.last() - heap.first() < 8 shl 20, "used heap after each quarter: $heap")
  }

  private fun start(client: GadgetClient, at: Int, others: CoroutineScope) {
    val options = RequestOptions("${Server.http}/status/200?body=$at")
    val callback = object : RequestCallback {
      override fun onSuccess(response: Response) = ended(at, response.text == at.toString())

      override fun onFail(error: GadgetException) = ended(at, error.detail == "abort")
    }
    val task = client.enqueue(options, callback)
    when (random.nextInt(4)) {
      0 -> task.abort()
      1 -> others.launch { task.abort() }
    }
  }

  private fun ended(at: Int, asExpected: Boolean) {
    outcomes.addAndGet(at, if (asExpected) 1 else CALLS)
    places.release()
  }

  private fun usedHeap(): Long {
    System.gc()
    return Runtime.getRuntime().run { totalMemory() - freeMemory() }
  }

  @Test
  fun `A client that nobody holds is freed when another one is made`() {
    val before = NativeCalls.openClients()
    repeat(100) { NativeEngine("{}") }
    eventually("the forgotten clients are freed") {
      System.gc()
      GadgetClient(ClientConfig()).close()
      NativeCalls.openClients() <= before
    }
  }

  @Test
  fun `A client that nobody holds lives until its calls have ended`() {
    val name = Server.counter()
    val outcome = Recorder()
    GadgetClient(Server.config).enqueue(RequestOptions("${Server.http}/hold/$name"), outcome)
    repeat(3) {
      System.gc()
      GadgetClient(ClientConfig()).close()
    }
    Server.release(name, 1)
    assertEquals(200, (outcome.outcome() as Response).status)
  }
}
