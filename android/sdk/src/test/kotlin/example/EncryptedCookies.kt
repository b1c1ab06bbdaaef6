// Cookies in a file that only this app on this device can read. docs/android.md shows this file.
package example

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import dev.gadget.request.CookieStorage
import java.io.File
import java.security.KeyStore
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

// #region storage

/** Keeps cookies in a file, encrypted with AES in GCM: pass it as `cookieStorage`. */
class EncryptedCookies(private val file: File, private val key: () -> SecretKey) : CookieStorage {
  override fun load(): ByteArray? = try {
    if (file.exists()) decrypted(file.readBytes()) else null
  } catch (_: AEADBadTagException) {
    // Damaged, or of a key that is lost: another try would not help.
    setAside()
    null
  }

  override fun save(bytes: ByteArray) {
    val cipher = Cipher.getInstance(AES_GCM)
    cipher.init(Cipher.ENCRYPT_MODE, key())
    val next = File("${file.path}.next")
    next.outputStream().use {
      it.write(cipher.iv + cipher.doFinal(bytes))
      it.fd.sync()
    }
    check(next.renameTo(file)) { "not renamed" }
  }

  override fun setAside() {
    file.renameTo(File("${file.path}.damaged"))
  }

  private fun decrypted(bytes: ByteArray): ByteArray {
    if (bytes.size < IV_BYTES + TAG_BYTES) throw AEADBadTagException()
    val cipher = Cipher.getInstance(AES_GCM)
    cipher.init(Cipher.DECRYPT_MODE, key(), GCMParameterSpec(8 * TAG_BYTES, bytes, 0, IV_BYTES))
    return cipher.doFinal(bytes, IV_BYTES, bytes.size - IV_BYTES)
  }

  private companion object {
    const val AES_GCM = "AES/GCM/NoPadding"
    const val IV_BYTES = 12
    const val TAG_BYTES = 16
  }
}

/** A key that does not leave the device. */
fun deviceKey(alias: String): SecretKey {
  val store = KeyStore.getInstance("AndroidKeyStore").apply { load(null) }
  (store.getKey(alias, null) as SecretKey?)?.let { return it }
  val purposes = KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT
  val spec = KeyGenParameterSpec.Builder(alias, purposes)
    .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
    .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
    .build()
  val generator = KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, "AndroidKeyStore")
  return generator.apply { init(spec) }.generateKey()
}
// #endregion
