// The library beside OkHttp: throughput, CPU and allocation of requests, and the first request of a
// process. The server's URLs and the case are the arguments; scripts/bench kotlin runs it.
package bench

import com.sun.management.OperatingSystemMXBean
import com.sun.management.ThreadMXBean
import java.lang.management.ManagementFactory
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicInteger
import kotlin.system.exitProcess

private const val IN_FLIGHT = 10

/** What a number of requests cost. */
private class Cost(val seconds: Double, val cpuMicros: Double, val bytes: Double)

fun main(arguments: Array<String>) {
  val start = System.nanoTime()
  val (case, url) = arguments
  when (case) {
    "first-gadget" -> first(Gadget(), url, start)
    "first-okhttp" -> first(OkHttp(), url, start)
    else -> compare(case, url, requests = arguments[2].toInt(), rounds = arguments[3].toInt())
  }
  exitProcess(0)
}

/** Prints how long the process took to its first response, in milliseconds. */
private fun first(peer: Peer, url: String, start: Long) {
  val done = CountDownLatch(1)
  peer.get(url) { done.countDown() }
  done.await()
  println((System.nanoTime() - start) / 1e6)
}

/** Prints the medians of both, measured by turns: seconds, microseconds of CPU, bytes allocated. */
private fun compare(case: String, url: String, requests: Int, rounds: Int) {
  val peers = listOf(Gadget(), OkHttp())
  val costs = peers.map { mutableListOf<Cost>() }
  repeat(rounds + 2) { round ->
    peers.forEachIndexed { at, peer ->
      val cost = cost(peer, url, requests)
      // The first two rounds warm up the JVM.
      if (round >= 2) costs[at] += cost
    }
  }
  for (what in listOf(Cost::seconds, Cost::cpuMicros, Cost::bytes)) {
    val (ours, theirs) = costs.map { all -> all.map(what).sorted()[all.size / 2] }
    println("$case\t${what.name}\t$ours\t$theirs")
  }
}

/** The cost of one request, over many, with ten in flight. */
private fun cost(peer: Peer, url: String, requests: Int): Cost {
  val left = AtomicInteger(requests)
  val ended = CountDownLatch(IN_FLIGHT)

  // Each response starts the next request, so that this thread wakes up once.
  fun next() {
    if (left.getAndDecrement() > 0) peer.get(url) { next() } else ended.countDown()
  }
  val allocated = allocated()
  val cpu = system.processCpuTime
  val start = System.nanoTime()
  repeat(IN_FLIGHT) { next() }
  ended.await()
  val seconds = (System.nanoTime() - start) / 1e9
  val cpuMicros = (system.processCpuTime - cpu) / 1e3 / requests
  return Cost(seconds, cpuMicros, (allocated() - allocated).toDouble() / requests)
}

private val system = ManagementFactory.getOperatingSystemMXBean() as OperatingSystemMXBean
private val threads = ManagementFactory.getThreadMXBean() as ThreadMXBean

/** What all threads that live have allocated. No thread ends while it is measured. */
private fun allocated(): Long = threads.getThreadAllocatedBytes(threads.allThreadIds).sum()
