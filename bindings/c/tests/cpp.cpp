// The C++ interface: owners, callbacks, futures, exceptions. `cpp uncaught` ends by std::terminate.
#include <gadget_request.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <type_traits>

#define CHECK(condition) ((condition) ? void() : fails(__FILE__, __LINE__, #condition))

namespace {
[[noreturn]] void fails(const char *file, int line, const char *condition) {
  std::fprintf(stderr, "%s:%d: false: %s\n", file, line, condition);
  std::exit(1);
}

using gadget::Client;
using gadget::Result;

std::string server() {
  CHECK(std::getenv("GADGET_HTTP") && "run this with scripts/with-server");
  return std::getenv("GADGET_HTTP");
}

std::string get(const std::string &path, const std::string &more = "") {
  return R"({"url":")" + server() + path + "\"" + more + "}";
}

/// The status of the Error that `call` throws, and its words.
template <typename Call>
gadget_status status_of(Call &&call, std::string *words = nullptr) {
  try {
    call();
  } catch (const gadget::Error &error) {
    if (words) *words = error.what();
    return error.status();
  }
  return GADGET_OK;
}

void waits_for(const std::function<bool()> &condition) {
  for (int i = 0; !condition(); i++) {
    CHECK(i < 60000 && "a minute");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void a_success_can_be_read() {
  const Client client("{}");
  const Result result = client.request(get("/headers?x-a=1&x-a=2")).get();
  CHECK(result.is_success() && result.status() == 200);
  const auto headers = result.headers();
  CHECK(headers.size() == 3);
  CHECK(headers[0] == Result::Header("x-a", "1") && headers[1] == Result::Header("x-a", "2"));
  CHECK(result.body().empty() && result.body().data() && result.text().empty());
  CHECK(result.err_msg() == "request:ok" && result.trace().size() == 53);
  CHECK(result.json().substr(0, 18) == R"({"statusCode":200,)");
  CHECK(!result.array_buffer() && !result.cause());
  CHECK(*result.moment(GADGET_CONNECT_START) <= *result.moment(GADGET_CONNECT_END));
  CHECK(!result.moment(GADGET_REDIRECT_START) && result.count(GADGET_DECODED_BYTES) == 0u);
  CHECK(result.peer()->first == "127.0.0.1" && result.peer()->second != 0);
  CHECK(result.protocol() == "http1.1" && result.socket_reused() == false);
  CHECK(status_of([&] { static_cast<void>(result.code()); }) == GADGET_NOT_AVAILABLE);
}

void a_fail_can_be_read_and_the_getters_of_a_success_throw() {
  const Client client("{}");
  const Result wrong = client.request(R"({"url":5})").get();
  CHECK(!wrong.is_success() && wrong.code() == GADGET_ERRNO_INVALID_PARAMETER);
  CHECK(wrong.err_msg() == "request:fail invalid url: a number");
  CHECK(wrong.err_string() == "invalid parameter" && !wrong.cause());
  CHECK(!wrong.moment(GADGET_INVOKE_START) && !wrong.count(GADGET_RETRY_COUNT));
  CHECK(!wrong.peer() && !wrong.protocol() && !wrong.socket_reused());
  CHECK(status_of([&] { static_cast<void>(wrong.status()); }) == GADGET_NOT_AVAILABLE);
  CHECK(status_of([&] { static_cast<void>(wrong.headers()); }) == GADGET_NOT_AVAILABLE);
  const Result refused = client.request(R"({"url":"http://127.0.0.1:1"})").get();
  CHECK(refused.code() == GADGET_ERRNO_NETWORK_FAILURE);
  CHECK(refused.cause()->find("connect: ") == 0);
}

void bytes_with_zeros_go_in_and_come_out_and_an_empty_body_is_not_absent() {
  const Client client("{}");
  const std::string wire("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n\1\0\2", 41);
  const auto options = get("/raw", R"(,"method":"POST","responseType":"arraybuffer")");
  const Result result = client.request(options, wire).get();
  CHECK(result.array_buffer() == std::string_view("\1\0\2", 3));
  CHECK(result.body().data() == result.array_buffer()->data());
  const Client other("{}"); // the server closes the connection of /raw, and a POST is sent once
  const auto both = get("/echo", R"(,"method":"POST","data":"a")");
  CHECK(other.request(both).get().is_success());
  for (const std::string_view empty : {std::string_view(), std::string_view("")})
    CHECK(other.request(both, empty).get().code() == GADGET_ERRNO_INVALID_PARAMETER);
}

void an_error_names_the_field_that_is_wrong() {
  std::string words;
  CHECK(status_of([] { Client(R"({"timeout_ms":"1"})"); }, &words) == GADGET_INVALID_CONFIG);
  CHECK(words.find("timeout_ms: invalid type: string") == 0);
  const Client client("{}");
  CHECK(status_of([&] { gadget::Bridge(client, R"({"origin":[]})"); }, &words) ==
        GADGET_INVALID_CONFIG);
  CHECK(words.find("origin") != std::string::npos);
  CHECK(status_of([&] { client.set_cookies(R"([{"name":"a","value":"1"}])"); }, &words) ==
        GADGET_INVALID_COOKIES);
  CHECK(words.find("domain") != std::string::npos);
}

template <typename Object>
constexpr bool moves_only = std::is_nothrow_move_constructible_v<Object> &&
                            std::is_nothrow_move_assignable_v<Object> &&
                            !std::is_copy_constructible_v<Object> &&
                            !std::is_copy_assignable_v<Object>;
static_assert(moves_only<Client> && moves_only<gadget::Config> && moves_only<gadget::Task> &&
              moves_only<Result> && moves_only<gadget::Bridge> &&
              moves_only<gadget::CookieListener>);
static_assert(std::is_default_constructible_v<Result>); // older MSVC: std::promise<Result>

void objects_move_and_what_was_moved_from_throws() {
  Client first(gadget::Config("{}"));
  Client second = std::move(first);
  CHECK(status_of([&] { first.shutdown(); }) == GADGET_NULL_ARGUMENT);
  CHECK(status_of([&] { static_cast<void>(first.request("{}")); }) == GADGET_NULL_ARGUMENT);
  Result result = second.request(get("/echo")).get();
  CHECK(Result(std::move(result)).is_success());
  CHECK(status_of([&] { static_cast<void>(result.json()); }) == GADGET_NULL_ARGUMENT);
  CHECK(status_of([] { gadget::Task().abort(); }) == GADGET_NULL_ARGUMENT);
}

void a_completion_runs_once_and_is_destroyed_also_if_client_and_task_are_gone() {
  std::atomic<int> completed{0};
  const auto held = std::make_shared<int>(0);
  std::string message;
  {
    const Client client("{}");
    const gadget::Task task =
        client.start(get("/fault/silence"), [&completed, &message, held](Result result) {
          message = result.err_msg();
          completed++;
        });
    CHECK(held.use_count() == 2 && client.in_flight() == 1 && client.queued() == 0);
  }
  waits_for([&] { return held.use_count() == 1; });
  CHECK(completed == 1 && message == "request:fail client closed");
}

void an_abort_ends_the_call_that_a_future_waits_for() {
  const Client client("{}");
  gadget::Task task;
  auto call = client.request(get("/fault/silence"), std::nullopt, &task);
  CHECK(call.wait_for(std::chrono::milliseconds(20)) == std::future_status::timeout);
  task.abort();
  task.abort();
  CHECK(call.get().err_msg() == "request:fail abort");
}

void clients_are_told_of_network_and_background() {
  const Client client(R"({"background_grace_ms":0})");
  client.set_online(false);
  CHECK(client.request(get("/echo")).get().code() == GADGET_ERRNO_NO_NETWORK);
  client.set_online(true);
  client.network_changed();
  client.set_proxy(R"({"proxy":"socks5h://127.0.0.1:1"})");
  CHECK(client.request(get("/echo")).get().err_msg() == "request:fail proxy failed");
  client.set_proxy(R"({"proxy":"socks5h://127.0.0.1:1","proxy_bypass":["127.0.0.1"]})");
  CHECK(client.request(get("/echo")).get().is_success());
  std::string words;
  CHECK(status_of([&] { client.set_proxy(R"({"proxy":"ftp://h"})"); }, &words) ==
        GADGET_INVALID_CONFIG);
  CHECK(words.find("proxy: not an http") != std::string::npos);
  client.set_proxy("{}");
  client.enter_background();
  CHECK(client.request(get("/echo")).get().code() == GADGET_ERRNO_IN_BACKGROUND);
  client.enter_foreground();
  CHECK(client.request(get("/echo")).get().is_success());
  client.shutdown();
  CHECK(client.request(get("/echo")).get().code() == GADGET_ERRNO_CANCELLED);
}

std::mutex thrown_lock;
std::vector<std::string> thrown;

void remembers(std::exception_ptr exception) {
  const std::lock_guard<std::mutex> guard(thrown_lock);
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception &error) {
    thrown.emplace_back(error.what());
  } catch (...) {
    thrown.emplace_back("something else");
  }
}

bool was_thrown(const std::string &what) {
  const std::lock_guard<std::mutex> guard(thrown_lock);
  return std::find(thrown.begin(), thrown.end(), what) != thrown.end();
}

void what_callbacks_throw_reaches_the_handler_and_never_the_library() {
  gadget::set_uncaught_handler(remembers);
  const Client client("{}");
  const gadget::Bridge bridge(client);
  gadget::log_to([](std::uint32_t, std::string_view) { throw std::runtime_error("log"); });
  const auto listener = client.on_cookie_change([](std::string_view) { throw 5; });
  const auto logged = get("/echo", R"(,"header":{"referer":"is dropped"})");
  client.start(logged, [](Result) { throw std::runtime_error("completion"); });
  bridge.receive("{}", "", true, [](auto, bool) { throw std::runtime_error("reply"); });
  CHECK(client.set_cookie_line("http://a.test", "a=1"));
  for (const char *what : {"completion", "something else", "reply", "log"})
    waits_for([&] { return was_thrown(what); });
  gadget::log_to(nullptr);
  CHECK(client.request(get("/echo")).get().is_success());
  CHECK(gadget::set_uncaught_handler(nullptr) == remembers);
}

void an_empty_callback_is_refused() {
  const Client client("{}");
  const gadget::Bridge bridge(client);
  CHECK(status_of([&] { client.start("{}", nullptr); }) == GADGET_NULL_ARGUMENT);
  CHECK(status_of([&] { static_cast<void>(client.on_cookie_change(nullptr)); }) ==
        GADGET_NULL_ARGUMENT);
  CHECK(status_of([&] { bridge.receive("{}", "", true, nullptr); }) == GADGET_NULL_ARGUMENT);
}

void cookies_are_listed_set_deleted_and_observed() {
  const Client client(R"({"platform":"android"})");
  std::vector<std::string> changes;
  {
    const auto listener =
        client.on_cookie_change([&](std::string_view change) { changes.emplace_back(change); });
    client.set_cookies(R"([{"name":"a","value":"1","domain":"127.0.0.1"}])");
    CHECK(client.set_cookie_line("http://127.0.0.1", "b=2; Path=/"));
    CHECK(!client.set_cookie_line("http://127.0.0.1", "c=3; Domain=example.com"));
    CHECK(client.request(get("/cookies")).get().text() == R"({"cookie":["a=1; b=2"]})");
    CHECK(client.delete_cookie("a", "127.0.0.1", "/"));
    CHECK(!client.delete_cookie("a", "127.0.0.1", "/"));
  }
  CHECK(changes.size() == 3 && changes[2].find(R"({"removed":{"name":"a")") == 0);
  CHECK(client.list_cookies().find(R"([{"name":"b","value":"2")") == 0);
  CHECK(client.list_cookies("http://other.test") == "[]");
  client.clear_cookies("other.test");
  CHECK(client.list_cookies() != "[]");
  client.clear_cookies();
  CHECK(client.list_cookies() == "[]" && changes.size() == 3);
}

struct Shelf {
  std::optional<std::string> bytes;
  bool works = true;
  int saved = 0, set_aside = 0;
  std::atomic<int> destroyed{0};
};

class Storage : public gadget::CookieStorage {
 public:
  explicit Storage(Shelf &shelf) : shelf_(shelf) {}
  ~Storage() override { shelf_.destroyed++; }
  std::optional<std::string> load() override {
    if (!shelf_.works) throw std::runtime_error("locked");
    return shelf_.bytes;
  }
  void save(std::string_view bytes) override {
    if (!shelf_.works) throw std::runtime_error("locked");
    shelf_.bytes = bytes;
    shelf_.saved++;
  }
  void set_aside() override { shelf_.set_aside++; }

 private:
  Shelf &shelf_;
};

void a_storage_keeps_cookies_and_what_it_throws_is_a_failed_save() {
  Shelf shelf;
  const auto client_with = [&](auto use) {
    const int before = shelf.destroyed;
    {
      const Client client("{}", {std::make_unique<Storage>(shelf), nullptr});
      use(client);
      if (shelf.works) client.save_cookies();
    }
    waits_for([&] { return shelf.destroyed > before; });
    CHECK(shelf.destroyed == before + 1);
  };
  client_with([&](const Client &client) {
    client.set_cookie_line("http://a.test", "a=1; Max-Age=1000");
    shelf.works = false;
    CHECK(status_of([&] { client.save_cookies(); }) == GADGET_NOT_SAVED && shelf.saved == 0);
    shelf.works = true;
  });
  CHECK(shelf.saved == 1 && shelf.bytes);
  client_with([](const Client &client) { CHECK(client.list_cookies() != "[]"); });
  (*shelf.bytes)[0] ^= 1;
  client_with([](const Client &client) { CHECK(client.list_cookies() == "[]"); });
  CHECK(shelf.set_aside == 1);
  CHECK(status_of([&] { Client("{", {std::make_unique<Storage>(shelf), nullptr}); }) ==
        GADGET_INVALID_CONFIG);
  CHECK(shelf.destroyed == 4);
}

void a_resolver_answers_for_the_system_and_what_it_throws_fails_the_call() {
  const std::string port = server().substr(server().rfind(':'));
  const std::string options = R"({"url":"http://known.example)" + port + "/close/1\"}";
  const auto outcome = [&](gadget::Resolver resolver) {
    const Client client("{}", {nullptr, std::move(resolver)});
    return std::string(client.request(options).get().err_msg());
  };
  std::string asked;
  CHECK(outcome([&](std::string_view host) -> std::vector<std::string> {
    asked = host;
    return {"127.0.0.1"};
  }) == "request:ok" && asked == "known.example");
  CHECK(outcome([](auto) -> std::vector<std::string> { throw 1; }) ==
        "request:fail name not resolved");
  CHECK(outcome([](auto) { return std::vector<std::string>{"no address"}; }) ==
        "request:fail name not resolved");
}

void a_bridge_answers_each_message_of_a_page_once() {
  const Client client("{}");
  const gadget::Bridge bridge(client, R"({"origins":["https://page.example"]})");
  CHECK(bridge.script().find("request") != std::string::npos);
  const std::string page = R"("page":"0123456789abcdef0123456789abcdef")";
  const auto send = [&](const std::string &message) {
    auto answer = std::make_shared<std::promise<std::optional<std::string>>>();
    bridge.receive("{" + page + "," + message + "}", "https://page.example", true,
                   [answer](std::optional<std::string_view> reply, bool is_text) {
                     CHECK(is_text || !reply);
                     answer->set_value(reply ? std::optional<std::string>(*reply) : std::nullopt);
                   });
    return answer->get_future();
  };
  CHECK(!send(R"("hello":true)").get());
  const auto reply = send(R"("call":1,"options":)" + get("/echo")).get();
  CHECK(reply && reply->find("\"statusCode\":200") != std::string::npos);
  auto unanswered = send(R"("call":2,"options":)" + get("/fault/silence"));
  bridge.close();
  CHECK(!unanswered.get());
}

void threads_share_a_client() {
  const Client client("{}");
  std::atomic<int> succeeded{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; thread++)
    threads.emplace_back([&] {
      std::vector<std::future<Result>> calls;
      for (int call = 0; call < 50; call++) calls.push_back(client.request(get("/bytes/100")));
      for (auto &call : calls) succeeded += call.get().body().size() == 100;
    });
  for (auto &thread : threads) thread.join();
  CHECK(succeeded == 200);
}

void events_come_before_the_result_and_a_pause_ends_with_resume() {
  const Client client("{}");
  std::atomic<std::size_t> heads{0}, bytes{0};
  gadget::Events events;
  events.received_headers = [&](std::uint16_t status, std::string_view) { heads += status == 200; };
  events.received_chunk = [&](std::string_view chunk) { return (bytes += chunk.size()) > 1000; };
  std::promise<bool> ended;
  const auto options = get("/chunks/20?size=1000", R"(,"enableChunked":true)");
  const auto task = client.start(options, std::nullopt, events,
                                 [&](const Result &it) { ended.set_value(it.is_success()); });
  waits_for([&] { return bytes == 1000; });
  task.resume();
  CHECK(ended.get_future().get() && heads == 1 && bytes == 20000);
}

} // namespace

int main(int argc, char **argv) {
  if (argc > 1 && argv[1] == std::string_view("uncaught")) {
    std::set_terminate([] { std::_Exit(7); });
    const Client client("{}");
    client.start("{}", [](Result) { throw std::runtime_error("nobody catches this"); });
    std::this_thread::sleep_for(std::chrono::seconds(60));
    return 1;
  }
  a_success_can_be_read();
  a_fail_can_be_read_and_the_getters_of_a_success_throw();
  bytes_with_zeros_go_in_and_come_out_and_an_empty_body_is_not_absent();
  an_error_names_the_field_that_is_wrong();
  objects_move_and_what_was_moved_from_throws();
  a_completion_runs_once_and_is_destroyed_also_if_client_and_task_are_gone();
  an_abort_ends_the_call_that_a_future_waits_for();
  clients_are_told_of_network_and_background();
  what_callbacks_throw_reaches_the_handler_and_never_the_library();
  an_empty_callback_is_refused();
  cookies_are_listed_set_deleted_and_observed();
  a_storage_keeps_cookies_and_what_it_throws_is_a_failed_save();
  a_resolver_answers_for_the_system_and_what_it_throws_fails_the_call();
  a_bridge_answers_each_message_of_a_page_once();
  events_come_before_the_result_and_a_pause_ends_with_resume();
  threads_share_a_client();
  std::puts("cpp: passed");
}
