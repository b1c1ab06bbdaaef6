package dev.gadget.request

import android.content.Context
import android.net.ConnectivityManager
import android.net.ConnectivityManager.NetworkCallback
import android.net.LinkProperties
import android.net.Network
import android.net.NetworkCapabilities
import android.net.NetworkRequest
import android.os.Build
import dev.gadget.request.internal.DefaultNetwork
import dev.gadget.request.internal.Observed
import dev.gadget.request.internal.warn

/**
 * Tells clients about the device's network: [GadgetClient.setOnline] and
 * [GadgetClient.networkChanged].
 *
 * ```
 * val network = NetworkObserver.register(context) // one for the process
 * network.add(client) // each client
 * ```
 *
 * - Without a default network, or while the system blocks it for the app, clients are offline.
 * - If another network becomes the default one (from Wi-Fi to mobile data, a VPN), or the network
 *   loses an address of the device, clients close idle connections and resolve names anew.
 *
 * It needs the permission `ACCESS_NETWORK_STATE`. Without it, or if the system refuses for another
 * reason, a warning in logcat says so, and clients are taken to be online.
 *
 * Clients are not kept alive, and a closed one need not be removed. All functions may be called
 * from any thread, also within a callback, and none blocks.
 */
public class NetworkObserver private constructor(private val connectivity: ConnectivityManager?) :
  AutoCloseable {
  private val clients = Observed(GadgetClient::setOnline)
  private val default = DefaultNetwork<Network>(clients::report) {
    clients.forEach(GadgetClient::networkChanged)
  }
  private val callback =
    if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.N) DefaultCallback() else AnyCallback()
  private var isClosed = false

  /** Tells [client] about the network, now and at each change. */
  public fun add(client: GadgetClient) {
    clients.add(client)
  }

  /** Tells [client] nothing more. It is taken to be online. */
  public fun remove(client: GadgetClient) {
    clients.remove(client)
  }

  /**
   * Ends the observation. All its clients are taken to be online. Calling it twice is the same as
   * calling it once.
   */
  override fun close() {
    synchronized(default) {
      if (isClosed) return
      isClosed = true
    }
    clients.close()
    // Not registered: the system refuses it.
    runCatching { connectivity?.unregisterNetworkCallback(callback) }
  }

  private fun register() {
    if (connectivity == null) return warn("$UNKNOWN: there is no ConnectivityManager")
    try {
      callback.register(connectivity)
      // If there is no network, no callback says so. From here on, callbacks report each change.
      update { become(connectivity.activeNetwork) }
    } catch (refused: SecurityException) {
      warn("$UNKNOWN: it needs android.permission.ACCESS_NETWORK_STATE in the manifest", refused)
    } catch (refused: RuntimeException) {
      warn(UNKNOWN, refused) // an app has registered too many callbacks, mostly
    }
  }

  private inline fun update(change: DefaultNetwork<Network>.() -> Unit) =
    synchronized(default) { if (!isClosed) default.change() }

  /** Its functions come on a thread of the system. */
  private abstract inner class Callback : NetworkCallback() {
    abstract fun register(connectivity: ConnectivityManager)

    override fun onLinkPropertiesChanged(network: Network, properties: LinkProperties) = update {
      addresses(network, properties.linkAddresses.mapTo(HashSet()) { it.address })
    }
  }

  /** Gets the default network alone. */
  private inner class DefaultCallback : Callback() {
    override fun register(connectivity: ConnectivityManager) =
      connectivity.registerDefaultNetworkCallback(this)

    override fun onAvailable(network: Network) = update { become(network) }

    override fun onLost(network: Network) = update { lost(network) }

    override fun onBlockedStatusChanged(network: Network, blocked: Boolean) =
      update { blocked(network, blocked) }
  }

  /** Android 6 tells of every network with internet, and not which one is the default. */
  private inner class AnyCallback : Callback() {
    private val available = LinkedHashSet<Network>()

    override fun register(connectivity: ConnectivityManager) {
      val request = NetworkRequest.Builder()
        .addCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET)
        .removeCapability(NetworkCapabilities.NET_CAPABILITY_NOT_VPN)
        .build()
      connectivity.registerNetworkCallback(request, this)
    }

    override fun onAvailable(network: Network) = update {
      available += network
      lookUp()
    }

    override fun onLosing(network: Network, maxMsToLive: Int) = update { lookUp() }

    override fun onCapabilitiesChanged(network: Network, capabilities: NetworkCapabilities) =
      update { lookUp() }

    override fun onLost(network: Network) = update {
      available -= network
      lookUp()
    }

    /** The active network may be the lost one still. */
    private fun DefaultNetwork<Network>.lookUp() {
      val active = connectivity?.activeNetwork
      become(active.takeIf { it in available } ?: available.lastOrNull())
    }
  }

  /** Makes observers. */
  public companion object {
    private const val UNKNOWN = "NetworkObserver does not know the network, clients count as online"

    /**
     * Begins to observe the network. Most host apps call it in `Application.onCreate` and never
     * close it.
     *
     * @param context any context; only its application is kept
     */
    @JvmStatic
    public fun register(context: Context): NetworkObserver {
      val application = context.applicationContext ?: context
      val service = application.getSystemService(Context.CONNECTIVITY_SERVICE)
      return NetworkObserver(service as ConnectivityManager?).apply { register() }
    }
  }
}
