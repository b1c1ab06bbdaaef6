package consumer;

import dev.gadget.request.GadgetClient;
import dev.gadget.request.GadgetException;
import dev.gadget.request.RequestCallback;
import dev.gadget.request.RequestOptions;
import dev.gadget.request.Response;
import java.util.concurrent.CompletableFuture;

/** A call in Java, with a callback. */
final class JavaCall {
  private JavaCall() {}

  /** The text of the response. */
  static CompletableFuture<String> get(GadgetClient client, String url) {
    CompletableFuture<String> text = new CompletableFuture<>();
    client.enqueue(new RequestOptions(url), new RequestCallback() {
      @Override
      public void onSuccess(Response response) {
        text.complete(response.getText());
      }

      @Override
      public void onFail(GadgetException error) {
        text.completeExceptionally(error);
      }
    });
    return text;
  }
}
