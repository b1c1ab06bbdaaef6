// A host app in C++ observes the calls of a client, and gets its HAR.
#include <gadget_request.hpp>

#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#define CHECK(condition)                                                             \
  do {                                                                               \
    if (!(condition)) {                                                              \
      std::fprintf(stderr, "%s:%d: false: %s\n", __FILE__, __LINE__, #condition);    \
      std::exit(1);                                                                  \
    }                                                                                \
  } while (0)

namespace {

std::string get(const char *path) {
  return R"({"url":")" + std::string(std::getenv("GADGET_HTTP")) + path + R"("})";
}

// Gives what it has heard when it is destroyed.
class Hears {
 public:
  explicit Hears(std::promise<std::string> told) : told_(std::move(told)) {}
  ~Hears() { told_.set_value(text_); }
  void add(std::string_view event) { text_ += event; }

 private:
  std::promise<std::string> told_;
  std::string text_;
};

void an_observer_hears_of_calls_until_the_client_has_ended() {
  std::promise<std::string> told;
  auto heard = told.get_future();
  {
    const gadget::Client client("{}");
    const auto hears = std::make_shared<Hears>(std::move(told));
    client.set_observer([hears](std::string_view event) { hears->add(event); });
    CHECK(client.request(get("/status/404")).get().status() == 404);
  }
  const auto text = heard.get();
  for (const char *name : {"start", "dispatched", "connection", "request", "head", "end"})
    CHECK(text.find(R"("event":")" + std::string(name)) != std::string::npos);
}

void what_an_observer_throws_stops_nothing() {
  static std::promise<void> thrown;
  gadget::set_uncaught_handler([](std::exception_ptr) noexcept { thrown.set_value(); });
  const gadget::Client client("{}");
  bool has_thrown = false;
  client.set_observer([has_thrown](std::string_view) mutable {
    if (!std::exchange(has_thrown, true)) throw 5;
  });
  CHECK(client.request(get("/")).get().is_success());
  thrown.get_future().get();
  gadget::set_uncaught_handler(nullptr);
}

void a_second_observer_and_an_empty_one_are_refused() {
  const gadget::Client client("{}");
  const auto status_of = [&](gadget::CallObserver observer) {
    try {
      client.set_observer(std::move(observer));
      return GADGET_OK;
    } catch (const gadget::Error &error) {
      return error.status();
    }
  };
  CHECK(status_of(nullptr) == GADGET_NULL_ARGUMENT);
  CHECK(status_of([](std::string_view) {}) == GADGET_OK);
  CHECK(status_of([](std::string_view) {}) == GADGET_TOO_LATE);
}

void a_client_gives_its_har() {
  const gadget::Client client(R"({"har_exchanges":5})");
  client.request(get("/status/404")).get();
  CHECK(client.har().find(R"("status":404)") != std::string::npos);
}

}  // namespace

int main() {
  an_observer_hears_of_calls_until_the_client_has_ended();
  what_an_observer_throws_stops_nothing();
  a_second_observer_and_an_empty_one_are_refused();
  a_client_gives_its_har();
  std::puts("cpp_observed: passed");
}
