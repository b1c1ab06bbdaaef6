package dev.gadget.request.android

import android.content.Context
import android.net.ConnectivityManager
import android.net.ConnectivityManager.NetworkCallback
import android.net.LinkAddress
import android.net.LinkProperties
import android.net.Network
import android.os.Build
import dev.gadget.request.FakeEngineTest.FakeEngine
import dev.gadget.request.GadgetClient
import dev.gadget.request.NetworkObserver
import dev.gadget.request.RequestOptions
import dev.gadget.request.Server
import dev.gadget.request.errorOf
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Assume.assumeTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowConnectivityManager
import org.robolectric.shadows.ShadowLog
import org.robolectric.shadows.ShadowNetwork
import org.robolectric.util.ReflectionHelpers
import java.lang.ref.WeakReference
import java.net.InetAddress
import kotlin.concurrent.thread

/** The test is the system: it calls what was registered, as a ConnectivityManager does. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 35], shadows = [FakeConnectivityManager::class])
class NetworkObserverTest {
  private val application = RuntimeEnvironment.getApplication()
  private val connectivity =
    application.getSystemService(Context.CONNECTIVITY_SERVICE) as ConnectivityManager
  private val callbacks get() = shadowOf(connectivity).networkCallbacks
  private val wifi = ShadowNetwork.newInstance(101)
  private val mobile = ShadowNetwork.newInstance(102)
  private val engine = FakeEngine()
  private val client = GadgetClient(engine)

  @After
  fun forget() {
    FakeConnectivityManager.active = null
    FakeConnectivityManager.refusal = null
    FakeConnectivityManager.defaults = 0
  }

  private fun register(active: Network? = wifi): NetworkObserver {
    FakeConnectivityManager.active = active
    return NetworkObserver.register(application)
  }

  /** The reports since the last look. */
  private fun reports(): List<String> = engine.reports.toList().also { engine.reports.clear() }

  /** On a thread of the system. */
  private fun report(report: NetworkCallback.() -> Unit) {
    val all = callbacks.toList()
    thread { all.forEach(report) }.join()
  }

  private fun become(network: Network) {
    FakeConnectivityManager.active = network
    report { onAvailable(network) }
  }

  private fun lose(network: Network) {
    if (FakeConnectivityManager.active == network) FakeConnectivityManager.active = null
    report { onLost(network) }
  }

  @Test
  fun `A client is told at the start whether there is a network`() {
    register().use { it.add(client) }
    register(active = null).use { it.add(client) }
    assertEquals(listOf("online", "offline", "online"), reports())
  }

  @Test
  fun `Calls fail while there is no network, and go on when there is one again`() = runBlocking {
    val echo = RequestOptions("${Server.http}/echo")
    GadgetClient(Server.config).use { real ->
      register().use { observer ->
        observer.add(real)
        become(wifi)
        assertEquals(200, real.request(echo).status)
        lose(wifi)
        assertEquals("offline", real.errorOf(echo).detail)
        become(mobile)
        assertEquals(200, real.request(echo).status)
        lose(mobile)
      }
      assertEquals(200, real.request(echo).status) // after close
    }
  }

  @Test
  fun `Another default network is a change of the network, the same one is none`() {
    register().add(client)
    become(wifi)
    assertEquals(listOf("online"), reports())
    become(mobile)
    lose(wifi)
    assertEquals(listOf("network"), reports())
    lose(mobile)
    become(wifi)
    assertEquals(listOf("offline", "online"), reports())
  }

  @Test
  fun `A lost address is a change of the network, a new one is none`() {
    register().add(client)
    become(wifi)
    reports()
    for (last in listOf("2", "2", "2 3", "3 2", "3", "4", "")) {
      report { onLinkPropertiesChanged(wifi, properties(last)) }
      val expected = if (last in listOf("3", "4", "")) listOf("network") else emptyList()
      assertEquals(last, expected, reports())
    }
    report { onLinkPropertiesChanged(wifi, properties("5")) }
    report { onLinkPropertiesChanged(mobile, properties("6")) }
    become(mobile)
    assertEquals(listOf("network"), reports())
    report { onLinkPropertiesChanged(mobile, properties("7")) }
    assertEquals(emptyList<String>(), reports())
  }

  /** The addresses 10.0.0.N of a network. */
  private fun properties(last: String) = LinkProperties().apply {
    for (number in last.split(" ").filter { it.isNotEmpty() }) {
      val address = ReflectionHelpers.callConstructor(
        LinkAddress::class.java,
        ReflectionHelpers.ClassParameter.from(
          InetAddress::class.java,
          InetAddress.getByName("10.0.0.$number"),
        ),
        ReflectionHelpers.ClassParameter.from(Int::class.javaPrimitiveType, 24),
      )
      addLinkAddress(address)
    }
  }

  @Test
  @Config(sdk = [35])
  fun `A client is offline while the system blocks the network for the app`() {
    register().add(client)
    become(wifi)
    report { onBlockedStatusChanged(wifi, true) }
    report { onBlockedStatusChanged(wifi, true) }
    report { onBlockedStatusChanged(mobile, false) }
    report { onBlockedStatusChanged(wifi, false) }
    assertEquals(listOf("online", "offline", "online"), reports())
    report { onBlockedStatusChanged(wifi, true) }
    become(mobile)
    assertEquals(listOf("offline", "network", "online"), reports())
  }

  @Test
  @Config(sdk = [23])
  fun `On Android 6 a network beside the default one changes nothing`() {
    register().add(client)
    become(wifi)
    report { onAvailable(mobile) }
    report { onLosing(mobile, 30_000) }
    lose(mobile)
    assertEquals(listOf("online"), reports())
    report { onAvailable(mobile) }
    FakeConnectivityManager.active = mobile
    report { onLosing(wifi, 30_000) }
    assertEquals(listOf("network"), reports())
    // The system may still name the network that is lost.
    lose(wifi)
    report { onLost(mobile) }
    assertEquals(listOf("offline"), reports())
  }

  @Test
  fun `Without the permission a warning names it, and clients count as online`() {
    FakeConnectivityManager.refusal = SecurityException("no permission")
    val observer = register(active = null)
    observer.add(client)
    assertEquals(listOf("online"), reports())
    val warning = ShadowLog.getLogsForTag("gadget-request").single()
    assertTrue(warning.msg, "android.permission.ACCESS_NETWORK_STATE" in warning.msg)
    observer.close()
  }

  @Test
  fun `A system that refuses for another reason is a warning`() {
    FakeConnectivityManager.refusal = IllegalArgumentException("Too many NetworkRequests filed")
    register().use { it.add(client) }
    assertEquals(listOf("online"), reports())
    assertEquals(1, ShadowLog.getLogsForTag("gadget-request").size)
  }

  @Test
  fun `Closing takes clients for online, and later reports have no effect`() {
    val observer = register(active = null)
    val former = callbacks.toList()
    observer.add(client)
    reports()
    observer.close()
    observer.close()
    assertEquals(listOf("online"), reports())
    assertTrue(callbacks.isEmpty())
    former.forEach { it.onAvailable(wifi) }
    former.forEach { it.onLost(wifi) }
    observer.add(client)
    observer.remove(client)
    assertEquals(emptyList<String>(), reports())
  }

  @Test
  fun `A client that is removed is taken for online, and told nothing more`() {
    val observer = register(active = null)
    observer.remove(client)
    observer.add(client)
    observer.add(client)
    observer.remove(client)
    become(wifi)
    assertEquals(listOf("offline", "online"), reports())
  }

  @Test
  fun `A client that closed needs no removal`() {
    val observer = register()
    GadgetClient(Server.config).use(observer::add)
    become(mobile)
    lose(mobile)
    observer.close()
  }

  @Test
  fun `A client is not kept alive`() {
    val observer = register()
    val forgotten = addAndForget(observer)
    for (attempt in 1..50) {
      if (forgotten.get() == null) break
      System.gc()
      Thread.sleep(10)
    }
    assertEquals(null, forgotten.get())
    become(mobile)
  }

  private fun addAndForget(observer: NetworkObserver): WeakReference<GadgetClient> {
    val client = GadgetClient(FakeEngine())
    observer.add(client)
    return WeakReference(client)
  }

  @Test
  fun `An observer may be closed within what it causes`() {
    val observer = register()
    val closing = object : FakeEngine() {
      override fun setOnline(online: Boolean) {
        super.setOnline(online)
        if (!online) observer.close()
      }
    }
    val other = GadgetClient(closing)
    observer.add(other)
    observer.add(client)
    become(wifi)
    lose(wifi)
    assertEquals("online", closing.reports.last())
    assertEquals("online", reports().last())
  }

  @Test
  fun `Clients on many threads are told what is true at last`() {
    val observer = register()
    val engines = List(8) { FakeEngine() }
    val clients = engines.map(::GadgetClient)
    val threads = clients.map { client ->
      thread {
        repeat(200) {
          observer.add(client)
          observer.remove(client)
        }
        observer.add(client)
      }
    }
    repeat(100) {
      lose(wifi)
      become(wifi)
    }
    lose(wifi)
    threads.forEach(Thread::join)
    assertEquals(List(8) { "offline" }, engines.map { it.reports.last() })
    observer.close()
    assertEquals(List(8) { "online" }, engines.map { it.reports.last() })
    clients.forEach(GadgetClient::close)
  }

  @Test
  fun `It asks for the default network alone, except on Android 6`() {
    register().use { assertEquals(1, callbacks.size) }
    assumeTrue(Build.VERSION.SDK_INT > 23)
    assertEquals(1, FakeConnectivityManager.defaults)
  }
}

/** Has the active network that the test sets, and refuses callbacks as the system may. */
@Implements(ConnectivityManager::class)
class FakeConnectivityManager : ShadowConnectivityManager() {
  @Implementation
  override fun getActiveNetwork(): Network? = active

  @Implementation
  override fun registerDefaultNetworkCallback(callback: NetworkCallback) {
    refusal?.let { throw it }
    defaults++
    super.registerDefaultNetworkCallback(callback)
  }

  @Implementation
  override fun registerNetworkCallback(
    request: android.net.NetworkRequest,
    callback: NetworkCallback,
  ) {
    refusal?.let { throw it }
    super.registerNetworkCallback(request, callback)
  }

  companion object {
    var active: Network? = null
    var refusal: RuntimeException? = null
    var defaults = 0
  }
}
