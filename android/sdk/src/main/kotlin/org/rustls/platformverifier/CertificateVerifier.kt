// What rustls-platform-verifier calls from Rust: it finds these classes and members by their names.
// The project's own Kotlin part fetches OCSP answers and CRLs over http while a handshake waits. It
// takes a certificate whose list it cannot fetch for a revoked one; most apps forbid http, and many
// authorities have only lists. This one leaves trust to Android alone, as OkHttp does.
package org.rustls.platformverifier

import android.content.Context
import android.net.http.X509TrustManagerExtensions
import java.security.KeyStore
import java.util.Date
import javax.net.ssl.TrustManagerFactory
import javax.net.ssl.X509TrustManager

/** What Rust reads: a number of [CertificateJudge], and what Android said. */
@Suppress("unused") // by Rust
internal class VerificationResult(private val code: Int, private val message: String? = null)

/** Checks the certificates of servers. Rust compares the name of the server itself. */
internal object CertificateVerifier {
  /** With the host app's network security configuration. */
  private val system by lazy {
    val factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm())
    factory.init(null as KeyStore?)
    val manager = factory.trustManagers.firstNotNullOfOrNull { it as? X509TrustManager }
    manager?.let(::X509TrustManagerExtensions)
  }

  /** Any thread of the engine calls it. [ocspResponse] is not used: Android asks for none. */
  @JvmStatic
  @Suppress("unused", "UNUSED_PARAMETER") // by Rust
  fun verifyCertificateChain(
    context: Context,
    serverName: String,
    authMethod: String,
    allowedEkus: Array<String>,
    ocspResponse: ByteArray?,
    time: Long,
    certChain: Array<ByteArray>,
  ): VerificationResult {
    val manager = system ?: return VerificationResult(CertificateJudge.UNAVAILABLE)
    val (code, message) = CertificateJudge.judge(certChain, allowedEkus, Date(time)) { chain ->
      manager.checkServerTrusted(chain, authMethod, serverName)
    }
    return VerificationResult(code, message)
  }
}
