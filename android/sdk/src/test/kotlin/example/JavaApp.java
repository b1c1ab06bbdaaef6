// A call in Java. docs/android.md shows a part of this file.
package example;

import com.google.gson.Gson;
import dev.gadget.request.ClientConfig;
import dev.gadget.request.GadgetClient;
import dev.gadget.request.GadgetException;
import dev.gadget.request.RequestCallback;
import dev.gadget.request.RequestOptions;
import dev.gadget.request.RequestTask;
import dev.gadget.request.Response;
import java.util.Map;
import java.util.concurrent.Executor;

/** A host app in Java. */
final class JavaApp {
  private JavaApp() {}

  // #region java
  /** Callbacks run on a pool, so that JSON is not read on the main thread. */
  static GadgetClient newClient(Executor pool) {
    ClientConfig.Builder config = new ClientConfig.Builder();
    config.setAppId("cli_9dff7f6ae02ad104");
    GadgetClient.Builder builder = new GadgetClient.Builder(config.build());
    builder.setCallbackExecutor(pool);
    return builder.build();
  }

  static RequestTask get(GadgetClient client, String url) {
    return client.enqueue(new RequestOptions(url), new RequestCallback() {
      @Override
      public void onSuccess(Response response) {
        try {
          Map<?, ?> order = response.json(text -> new Gson().fromJson(text, Map.class));
          System.out.println(response.getStatus() + " " + order);
        } catch (Exception error) { // of Gson
          System.out.println("no order, trace " + response.getTrace());
        }
      }

      @Override
      public void onFail(GadgetException error) {
        System.out.println(error.getMessage() + ", trace " + error.getTrace());
      }
    });
  }
  // #endregion
}
