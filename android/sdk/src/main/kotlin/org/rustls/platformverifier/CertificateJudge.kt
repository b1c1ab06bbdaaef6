package org.rustls.platformverifier

import java.io.ByteArrayInputStream
import java.security.cert.CertificateException
import java.security.cert.CertificateExpiredException
import java.security.cert.CertificateFactory
import java.security.cert.CertificateNotYetValidException
import java.security.cert.CertificateParsingException
import java.security.cert.X509Certificate
import java.util.Date

/** What [CertificateVerifier] does without Android. */
internal object CertificateJudge {
  // Those of Rust's VerifierStatus that can come.
  const val OK = 0
  const val UNAVAILABLE = 1
  const val EXPIRED = 2
  const val UNKNOWN_CERT = 3
  const val INVALID_ENCODING = 5
  const val INVALID_EXTENSION = 6

  /** The extended key usage that stands for all (RFC 5280 section 4.2.1.12). */
  private const val ANY_USAGE = "2.5.29.37.0"

  /** [checkTrusted] throws a [CertificateException] if no trust anchor stands for the chain. */
  fun judge(
    chainInDer: Array<ByteArray>,
    usages: Array<String>,
    now: Date,
    checkTrusted: (Array<X509Certificate>) -> Unit,
  ): Pair<Int, String?> {
    val chain = try {
      certificates(chainInDer)
    } catch (_: CertificateException) {
      return INVALID_ENCODING to null
    }
    return try {
      chain.first().checkValidity(now)
      if (!allows(chain.first(), usages)) return INVALID_EXTENSION to null
      checkTrusted(chain)
      OK to null
    } catch (_: CertificateExpiredException) {
      EXPIRED to null
    } catch (_: CertificateNotYetValidException) {
      EXPIRED to null
    } catch (error: CertificateException) {
      UNKNOWN_CERT to error.toString()
    }
  }

  /** A factory of its own: none is said to be for several threads. */
  private fun certificates(chainInDer: Array<ByteArray>): Array<X509Certificate> {
    val factory = CertificateFactory.getInstance("X.509")
    return Array(chainInDer.size) {
      factory.generateCertificate(ByteArrayInputStream(chainInDer[it])) as? X509Certificate
        ?: throw CertificateException("no certificate")
    }
  }

  /** A certificate without extended key usages is for all of them. */
  private fun allows(certificate: X509Certificate, usages: Array<String>): Boolean = try {
    certificate.extendedKeyUsage?.any { it == ANY_USAGE || it in usages } ?: true
  } catch (_: CertificateParsingException) {
    false
  }
}
