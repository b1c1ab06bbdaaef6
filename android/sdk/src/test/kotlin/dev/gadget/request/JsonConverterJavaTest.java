package dev.gadget.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.Gson;
import com.squareup.moshi.JsonAdapter;
import com.squareup.moshi.JsonDataException;
import com.squareup.moshi.Moshi;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Callbacks, and bodies as objects of the host app, in Java. */
class JsonConverterJavaTest {
  /** An order, as a host app declares it. */
  static final class JavaOrder {
    long id;
    List<String> goods;

    long getId() {
      return id;
    }

    List<String> getGoods() {
      return goods;
    }
  }

  private static final class Kept implements RequestCallback {
    final CompletableFuture<Response> response = new CompletableFuture<>();
    final CompletableFuture<Thread> thread = new CompletableFuture<>();

    @Override
    public void onSuccess(Response response) {
      thread.complete(Thread.currentThread());
      this.response.complete(response);
    }

    @Override
    public void onFail(GadgetException error) {
      thread.complete(Thread.currentThread());
      response.completeExceptionally(error);
    }
  }

  private static String url(String json) {
    return System.getenv("GADGET_HTTP") + "/status/200?body=" + json;
  }

  private static Response response(String json) throws Exception {
    GadgetClient.Builder builder = new GadgetClient.Builder(new ClientConfig());
    builder.setCallbackExecutor(GadgetClient.ENGINE_THREADS);
    try (GadgetClient client = builder.build()) {
      Kept kept = new Kept();
      client.enqueue(new RequestOptions(url(json)), kept);
      return kept.response.get();
    }
  }

  @Test
  void gsonAndMoshiMakeObjectsOfABody() throws Exception {
    Response response = response("{%22id%22:17,%22goods%22:[%22tea%22]}");
    JavaOrder ofGson = response.json(text -> new Gson().fromJson(text, JavaOrder.class));
    assertEquals(17, ofGson.id);
    JsonAdapter<JavaOrder> adapter = new Moshi.Builder().build().adapter(JavaOrder.class);
    JavaOrder ofMoshi = response.json(adapter::fromJson);
    assertEquals(List.of("tea"), ofMoshi.goods);
  }

  @Test
  void whatALibraryThrowsPassesUnchanged() throws Exception {
    Response response = response("[17]");
    JsonAdapter<JavaOrder> adapter = new Moshi.Builder().build().adapter(JavaOrder.class);
    assertThrows(JsonDataException.class, () -> response.json(adapter::fromJson));
    IOException checked = new IOException("on purpose");
    assertSame(checked, assertThrows(IOException.class, () -> response.json(text -> {
      throw checked;
    })));
  }

  @Test
  void aLambdaIsAnExecutorForCallbacks() throws Exception {
    Thread[] own = new Thread[1];
    GadgetClient.Builder builder = new GadgetClient.Builder(new ClientConfig());
    builder.setCallbackExecutor(work -> {
      own[0] = new Thread(work);
      own[0].start();
    });
    try (GadgetClient client = builder.build()) {
      Kept kept = new Kept();
      RequestOptions.Builder options = new RequestOptions.Builder(url("a"));
      options.setMethod("POST");
      options.header("x-one", "1").header("x-two", "2");
      client.enqueue(options.build(), kept);
      assertEquals("a", kept.response.get().getText());
      assertSame(own[0], kept.thread.get());

      CompletableFuture<Boolean> isSuccess = new CompletableFuture<>();
      client.invoke("{}", null, result -> isSuccess.complete(result.isSuccess()));
      assertEquals(false, isSuccess.get());
    }
  }
}
