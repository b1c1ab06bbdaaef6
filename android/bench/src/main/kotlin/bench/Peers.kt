package bench

import dev.gadget.request.ClientConfig
import dev.gadget.request.GadgetClient
import dev.gadget.request.GadgetException
import dev.gadget.request.RequestCallback
import dev.gadget.request.RequestOptions
import okhttp3.Call
import okhttp3.Callback
import okhttp3.Dispatcher
import okhttp3.OkHttpClient
import okhttp3.Request
import java.io.IOException
import dev.gadget.request.Response as GadgetResponse
import okhttp3.Response as OkHttpResponse

/** A library that makes requests. */
interface Peer : AutoCloseable {
  /** Starts a request, and calls back with the length of the response's text. */
  fun get(url: String, done: (Int) -> Unit)
}

/** This library. */
class Gadget : Peer {
  private val client = GadgetClient(ClientConfig())

  override fun get(url: String, done: (Int) -> Unit) {
    val callback = object : RequestCallback {
      override fun onSuccess(response: GadgetResponse) {
        check(response.status == 200 && response.header("content-type") != null)
        done(response.text!!.length)
      }

      override fun onFail(error: GadgetException) = throw error
    }
    client.enqueue(RequestOptions(url), callback)
  }

  override fun close() = client.close()
}

/** OkHttp, with ten requests in flight as well. */
class OkHttp : Peer {
  private val client = OkHttpClient.Builder()
    .dispatcher(Dispatcher().apply { maxRequestsPerHost = 10 })
    .build()

  override fun get(url: String, done: (Int) -> Unit) {
    val callback = object : Callback {
      override fun onResponse(call: Call, response: OkHttpResponse) {
        check(response.code == 200 && response.header("content-type") != null)
        done(response.body.string().length)
      }

      override fun onFailure(call: Call, e: IOException) = throw e
    }
    client.newCall(Request.Builder().url(url).build()).enqueue(callback)
  }

  override fun close() {
    client.dispatcher.executorService.shutdown()
    client.connectionPool.evictAll()
  }
}
