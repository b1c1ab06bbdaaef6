package dev.gadget.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/** A resolver of the host app, in Java. */
class HostResolverJavaTest {
  private static GadgetClient client(HostResolver resolver) {
    ClientConfig.Builder config = new ClientConfig.Builder();
    config.setAllowedHosts(List.of("*.example"));
    config.setAppHeaders(List.of(new AppHeaders(List.of("*.example"), Map.of("x-one", "1"))));
    GadgetClient.Builder builder = new GadgetClient.Builder(config.build());
    builder.setResolver(resolver);
    return builder.build();
  }

  private static int status(GadgetClient client) throws Exception {
    CompletableFuture<Response> done = new CompletableFuture<>();
    int port = URI.create(System.getenv("GADGET_HTTP")).getPort();
    String url = "http://a.example:" + port + "/close/1";
    client.enqueue(new RequestOptions(url), new RequestCallback() {
      @Override
      public void onSuccess(Response response) {
        done.complete(response);
      }

      @Override
      public void onFail(GadgetException error) {
        done.completeExceptionally(error);
      }
    });
    return done.get().getStatus();
  }

  private static String detail(HostResolver resolver) {
    try (GadgetClient client = client(resolver)) {
      Exception error = assertThrows(ExecutionException.class, () -> status(client));
      GadgetException cause = (GadgetException) error.getCause();
      assertEquals(305, cause.getErrno().getCode());
      return cause.getDetail();
    }
  }

  @Test
  void aLambdaIsAResolverAndMayThrowCheckedExceptions() throws Exception {
    try (GadgetClient client = client(host -> List.of(InetAddress.getByName("127.0.0.1")))) {
      assertEquals(200, status(client));
    }
    assertEquals("name not resolved", detail(host -> {
      throw new IOException("on purpose");
    }));
    assertEquals("name not resolved", detail(host -> Arrays.asList((InetAddress) null)));
    assertEquals("name not resolved", detail(host -> null));
  }
}
