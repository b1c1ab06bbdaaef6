package org.rustls.platformverifier

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.nio.file.Path
import java.security.KeyStore
import java.security.cert.Certificate
import java.security.cert.X509Certificate
import java.util.Date
import java.util.concurrent.TimeUnit
import javax.net.ssl.TrustManagerFactory
import javax.net.ssl.X509TrustManager

/** With certificates of keytool, and the JVM's trust manager in place of Android's. */
class CertificateJudgeTest {
  @TempDir
  lateinit var folder: Path

  @Test
  fun `a certificate for servers that a trust anchor stands for is accepted`() {
    val server = certificate("-ext", "EKU=serverAuth")
    assertEquals(CertificateJudge.OK to null, judge(server, anchor = server))
  }

  @Test
  fun `a certificate without usages and one for any usage are for servers too`() {
    for (usage in listOf(emptyArray(), arrayOf("-ext", "EKU=anyExtendedKeyUsage"))) {
      val server = certificate(*usage)
      assertEquals(CertificateJudge.OK to null, judge(server, anchor = server))
    }
  }

  @Test
  fun `a certificate for clients only is refused`() {
    val client = certificate("-ext", "EKU=clientAuth")
    assertEquals(CertificateJudge.INVALID_EXTENSION, judge(client, anchor = client).first)
  }

  @Test
  fun `a certificate is refused before its first and after its last day`() {
    val server = certificate("-ext", "EKU=serverAuth")
    for (days in listOf(-3, 3)) {
      val then = Date(System.currentTimeMillis() + TimeUnit.DAYS.toMillis(days.toLong()))
      assertEquals(CertificateJudge.EXPIRED, judge(server, server, then).first, "$days")
    }
  }

  @Test
  fun `a certificate that no trust anchor stands for is refused, and the reason is told`() {
    val (code, message) = judge(certificate(), anchor = certificate())
    assertEquals(CertificateJudge.UNKNOWN_CERT, code)
    assertNotNull(message)
  }

  @Test
  fun `bytes that are no certificate are refused`() {
    val server = certificate()
    val cut = server.encoded.copyOf(100)
    for (bytes in listOf(byteArrayOf(), byteArrayOf(1, 2, 3), cut)) {
      val chain = arrayOf(server.encoded, bytes)
      val (code, message) = CertificateJudge.judge(chain, USAGES, Date()) { error("not asked") }
      assertEquals(CertificateJudge.INVALID_ENCODING, code)
      assertNull(message)
    }
  }

  private fun judge(server: Certificate, anchor: Certificate, now: Date = Date()) =
    CertificateJudge.judge(arrayOf(server.encoded), USAGES, now) {
      trustManager(anchor).checkServerTrusted(it, "RSA")
    }

  private fun trustManager(anchor: Certificate): X509TrustManager {
    val anchors = KeyStore.getInstance(KeyStore.getDefaultType())
    anchors.load(null)
    anchors.setCertificateEntry("anchor", anchor)
    val factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm())
    factory.init(anchors)
    return factory.trustManagers.first() as X509TrustManager
  }

  /** A new certificate that signs itself, from yesterday to tomorrow. */
  private fun certificate(vararg arguments: String): X509Certificate {
    val file = File.createTempFile("keys", ".p12", folder.toFile()).apply { delete() }
    val tool = File(System.getProperty("java.home"), "bin/keytool").path
    val command = listOf(tool, "-genkeypair", "-alias", "key", "-keyalg", "EC") +
      listOf("-dname", "CN=${file.name}", "-startdate", "-1d", "-validity", "2") +
      listOf("-keystore", file.path, "-storepass", PASSWORD, *arguments)
    val process = ProcessBuilder(command).redirectErrorStream(true).start()
    val output = process.inputStream.bufferedReader().readText()
    assertEquals(0, process.waitFor(), output)
    val keys = KeyStore.getInstance(file, PASSWORD.toCharArray())
    return keys.getCertificate("key") as X509Certificate
  }

  private companion object {
    const val PASSWORD = "password"
    val USAGES = arrayOf("1.3.6.1.5.5.7.3.1")
  }
}
