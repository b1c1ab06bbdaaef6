package dev.gadget.request

import kotlinx.coroutines.runBlocking
import java.io.DataInputStream
import java.io.InputStream
import java.io.OutputStream

/**
 * The Kotlin face of scripts/golden. Reads requests from standard input, one after another: a line
 * with the lengths of the options and of the bytes (-1: none), then both; writes results likewise:
 * the JSON and the ArrayBuffer.
 */
fun main() {
  val config = requireNotNull(System.getenv("GADGET_CONFIG")) { "GADGET_CONFIG is not set" }
  val input = DataInputStream(System.`in`.buffered())
  val output = System.out.buffered()
  GadgetClient(ClientConfig.ofJson(config)).use { client ->
    while (true) {
      val (optionsLength, bytesLength) = lengths(input) ?: break
      val options = bytes(input, optionsLength).decodeToString(throwOnInvalidSequence = true)
      val body = if (bytesLength < 0) null else bytes(input, bytesLength)
      write(output, runBlocking { client.invoke(options, body) })
    }
  }
}

private fun lengths(input: InputStream): List<Int>? {
  val line = generateSequence { input.read().takeIf { it >= 0 && it != '\n'.code }?.toChar() }
  return line
    .joinToString("")
    .takeIf { it.isNotEmpty() }
    ?.split(' ')
    ?.map { it.toInt() }
}

private fun bytes(input: DataInputStream, length: Int): ByteArray =
  ByteArray(length).also(input::readFully)

private fun write(output: OutputStream, result: InvokeResult) {
  val json = result.json.encodeToByteArray()
  output.write("${json.size} ${result.arrayBuffer?.size ?: -1}\n".encodeToByteArray())
  output.write(json)
  result.arrayBuffer?.let(output::write)
  output.flush()
}
