package dev.gadget.request.internal

import android.content.ContentProvider
import android.content.ContentValues
import android.database.Cursor
import android.net.Uri
import dev.gadget.request.GadgetRequest

/**
 * Calls [GadgetRequest.initialize] before `Application.onCreate`, in the app's main process. The
 * manifest of this library names it. It has no data.
 */
internal class InitializeProvider : ContentProvider() {
  override fun onCreate(): Boolean {
    try {
      GadgetRequest.initialize(context!!)
    } catch (thrown: Throwable) {
      // The app starts all the same. Until somebody calls initialize, https fails with 304.
      warn("not initialised; call GadgetRequest.initialize(context)", thrown)
    }
    return false
  }

  override fun query(
    uri: Uri,
    projection: Array<String>?,
    selection: String?,
    selectionArgs: Array<String>?,
    sortOrder: String?,
  ): Cursor? = null

  override fun getType(uri: Uri): String? = null

  override fun insert(uri: Uri, values: ContentValues?): Uri? = null

  override fun delete(uri: Uri, selection: String?, selectionArgs: Array<String>?): Int = 0

  override fun update(
    uri: Uri,
    values: ContentValues?,
    selection: String?,
    selectionArgs: Array<String>?,
  ): Int = 0
}
