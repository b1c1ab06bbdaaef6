package dev.gadget.request

import dev.gadget.request.internal.NativeEngine
import dev.gadget.request.internal.NativeLibrary
import dev.gadget.request.internal.UniffiEngine
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonArray
import java.io.DataInputStream
import java.io.InputStream
import java.util.concurrent.ConcurrentHashMap

/**
 * The Kotlin face of scripts/golden. It reads commands from standard input and writes results as
 * they come; the protocol stands at the head of bindings/c/tests/golden.c. With the argument
 * `jna` all goes through the generated code.
 */
fun main(arguments: Array<String>) {
  val input = DataInputStream(System.`in`.buffered())
  check(NativeLibrary.isLoaded)
  val face = GoldenFace(input, isJna = "jna" in arguments)
  face.use { while (true) face.obey(line(input) ?: break) }
}

private class GoldenFace(private val input: DataInputStream, private val isJna: Boolean) :
  AutoCloseable {
  private val output = System.out.buffered()
  private val tasks = ConcurrentHashMap<String, RequestTask>()
  private var current: GadgetClient? = null
  private val client get() = checkNotNull(current) { "a command before the first client" }

  fun obey(line: String) {
    val words = line.split(' ')
    when (words[0]) {
      "client" -> {
        close()
        val config = text(words[1].toInt())
        current = GadgetClient(if (isJna) UniffiEngine(config) else NativeEngine(config))
      }

      "request" -> start(words[1], words[2].toInt(), words[3].toInt())

      "listen" -> start(words[1], words[2].toInt(), words[3].toInt(), Printer(words[1]))

      "abort" -> tasks[words[1]]?.abort()

      "online" -> client.setOnline(words[1] == "1")

      "network_changed" -> client.networkChanged()

      "proxy" -> proxy(parsed(text(words[1].toInt())))

      "background" -> client.enterBackground()

      "foreground" -> client.enterForeground()

      "shutdown" -> client.close()

      "counters" -> write("counters ${client.inFlight} ${client.queued}")

      "cookies" -> {
        val json = client.cookies.exportJson().encodeToByteArray()
        write("cookies ${json.size}", json)
      }

      else -> error("unknown command: $line")
    }
  }

  private fun proxy(settings: JsonObject) = client.setProxy(
    settings["proxy"]?.text,
    settings["proxy_bypass"]?.jsonArray.orEmpty().map { it.text },
  )

  override fun close() {
    current?.close()
  }

  private fun start(name: String, length: Int, bytesLength: Int, listener: EventListener? = null) {
    val options = text(length)
    val body = if (bytesLength < 0) null else bytes(bytesLength)
    val callback = InvokeCallback { result ->
      val json = result.json.encodeToByteArray()
      val buffer = result.arrayBuffer
      write("result $name ${json.size} ${buffer?.size ?: -1}", json, buffer)
    }
    tasks[name] = when (listener) {
      null -> client.invoke(options, body, callback)
      else -> client.invoke(options, body, listener, callback)
    }
  }

  private inner class Printer(private val name: String) : EventListener {
    override fun onHeadersReceived(head: ResponseHead) {
      val json = head.json.encodeToByteArray()
      write("headers $name ${json.size}", json)
    }

    override fun onChunkReceived(chunk: ByteArray) = write("chunk $name ${chunk.size}", chunk)
  }

  private fun text(length: Int): String =
    bytes(length).decodeToString(throwOnInvalidSequence = true)

  private fun bytes(length: Int): ByteArray = ByteArray(length).also(input::readFully)

  /** A line and what follows it, from whichever thread, as one. */
  private fun write(line: String, vararg parts: ByteArray?) = synchronized(output) {
    output.write("$line\n".encodeToByteArray())
    parts.filterNotNull().forEach(output::write)
    output.flush()
  }
}

/** The next line; null at the end. */
private fun line(input: InputStream): String? {
  val line = StringBuilder()
  while (true) {
    val byte = input.read()
    if (byte < 0) return line.toString().ifEmpty { null }
    if (byte == '\n'.code) return line.toString()
    line.append(byte.toChar())
  }
}
