package sample

import android.app.Application
import dev.gadget.request.ForegroundObserver
import dev.gadget.request.GadgetClient
import dev.gadget.request.GadgetRequest
import dev.gadget.request.NetworkObserver

/** The process: what all mini programs share. */
class SampleApp : Application() {
  private lateinit var foreground: ForegroundObserver
  private lateinit var network: NetworkObserver

  override fun onCreate() {
    super.onCreate()
    GadgetRequest.preload()
    foreground = ForegroundObserver.register(this)
    network = NetworkObserver.register(this)
  }

  /** Tells a client of the network, and of the app in the background. */
  fun observeFor(client: GadgetClient) {
    foreground.add(client)
    network.add(client)
  }
}
