package dev.gadget.request.android

import android.net.Uri
import dev.gadget.request.GadgetRequest
import dev.gadget.request.internal.InitializeProvider
import dev.gadget.request.internal.NativeLibrary
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertSame
import org.junit.Assert.assertTrue
import org.junit.FixMethodOrder
import org.junit.Test
import org.junit.runner.RunWith
import org.junit.runners.MethodSorters
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowLog

/** Within a process there is one initialisation, so the order counts. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 35])
@FixMethodOrder(MethodSorters.NAME_ASCENDING)
class InitializeProviderTest {
  private val application = RuntimeEnvironment.getApplication()

  @Test
  fun `1 A provider that fails is a warning that says what to call, and the app starts`() {
    assertFalse(InitializeProvider().onCreate()) // it has no context
    assertNull(NativeLibrary.context)
    val warning = ShadowLog.getLogsForTag("gadget-request").single()
    assertTrue(warning.msg, "GadgetRequest.initialize(context)" in warning.msg)
  }

  @Test
  fun `2 It gives the engine the application before the app starts`() {
    val provider = Robolectric.buildContentProvider(InitializeProvider::class.java).create().get()
    assertSame(application, NativeLibrary.context)
    assertEquals(emptyList<Any>(), ShadowLog.getLogsForTag("gadget-request"))
    assertTrue(NativeLibrary.isLoaded)
    // Once more by hand has no effect.
    GadgetRequest.initialize(application)
    assertSame(application, NativeLibrary.context)
    assertFalse(provider.onCreate())
  }

  @Test
  fun `3 It has no data`() {
    val provider = Robolectric.buildContentProvider(InitializeProvider::class.java).create().get()
    val uri = Uri.parse("content://${application.packageName}.gadget-request/1")
    assertNull(provider.query(uri, null, null, null, null))
    assertNull(provider.getType(uri))
    assertNull(provider.insert(uri, null))
    assertEquals(0, provider.delete(uri, null, null) + provider.update(uri, null, null, null))
  }
}
