package dev.gadget.request

/**
 * A certificate, with its key, for servers that ask who the client is (mutual TLS;
 * [ClientConfig.Builder.clientCertificates]).
 *
 * ```
 * ClientCertificate(listOf("https://api.example.com"), certificatePem, keyPem)
 * ```
 *
 * Only the hosts that are listed get it, and only if they ask. Its key signs the handshake and is
 * never sent. Nothing is checked here: [GadgetClient] refuses a key of an unknown kind, and one
 * that belongs to another certificate. Two are equal if all their texts are. It may be used from
 * any thread.
 *
 * @property certificatePem the certificate and then, in their order, those that lead to its root
 * @property keyPem its private key, not encrypted: PKCS #8, PKCS #1 (RSA) or SEC 1 (elliptic
 *   curves)
 */
public class ClientCertificate(
  hosts: List<String>,
  public val certificatePem: String,
  public val keyPem: String,
) {
  /** The hosts, in the form of [ClientConfig.Builder.allowedHosts]. */
  public val hosts: List<String> = hosts.toList()

  override fun equals(other: Any?): Boolean = other is ClientCertificate && hosts == other.hosts &&
    certificatePem == other.certificatePem && keyPem == other.keyPem

  override fun hashCode(): Int =
    31 * (31 * hosts.hashCode() + certificatePem.hashCode()) + keyPem.hashCode()

  /** The hosts. The key is secret, so it is left out of logs. */
  override fun toString(): String = "ClientCertificate(hosts=$hosts)"
}
