// A client, its calls and its cookies.
#ifndef GADGET_REQUEST_CLIENT_HPP
#define GADGET_REQUEST_CLIENT_HPP

#include <gadget_request/memory.hpp>
#include <gadget_request/result.hpp>
#include <gadget_request/services.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace gadget {

/// The settings of clients, already checked.
class Config {
 public:
  /// Reads a JSON document, `{}` for the defaults. If it is wrong, the Error names the field.
  explicit Config(std::string_view json) {
    if (gadget_abi_version() != GADGET_ABI_VERSION)
      throw std::runtime_error("the loaded gadget_request library has another ABI version");
    gadget_config *config = nullptr;
    detail::Message message;
    detail::check(gadget_config_new(detail::slice_of(json), &config, message.text,
                                    sizeof message.text),
                  message.text);
    owned_.reset(config);
  }

 private:
  friend class Client;
  detail::Owned<gadget_config, gadget_config_free> owned_;
};

/// Gets the result of a call: exactly once, on a worker thread, also after an abort and after the
/// end of the client.
using Completion = std::function<void(Result result)>;

/// Gets a change of the cookies as JSON, `{"set":{...}}` or `{"removed":{...}}`: in their order, one
/// at a time. Can call the library.
using CookieObserver = std::function<void(std::string_view change)>;

/// Gets what happens to the calls of a client, as JSON: in their order, one at a time, on threads
/// that can wait. Can call the library. It is destroyed after the client and all its calls.
using CallObserver = std::function<void(std::string_view event)>;

/// An ArrayBuffer as `data`. An absent one is not the same as an empty one.
using Body = std::optional<std::string_view>;

/// Hears of a response while its call runs: on worker threads, one event at a time, before the
/// completion. An empty function hears nothing.
struct Events {
  /// Gets the head of the last response, once. `head` is the JSON object for the listeners of a mini
  /// program.
  std::function<void(std::uint16_t status_code, std::string_view head)> received_headers;
  /// Gets a piece of the body, if the options have `enableChunked`. If it returns false, the next
  /// one waits for Task::resume. One that throws has taken its piece.
  std::function<bool(std::string_view chunk)> received_chunk;
  /// The head waits for the first Task::resume, if the options have no `enableChunked`.
  bool headers_wait = false;
};

namespace detail {

/// The functions of C for events, which they own.
inline gadget_events events_of(Events *owned) noexcept {
  const auto headers = [](void *context, std::uint16_t status_code, gadget_slice head) noexcept {
    auto &self = *static_cast<Events *>(context);
    contain([&] {
      if (self.received_headers) self.received_headers(status_code, view_of(head));
    });
  };
  const auto chunk = [](void *context, gadget_slice piece) noexcept {
    auto &self = *static_cast<Events *>(context);
    bool goes_on = true;
    contain([&] {
      if (self.received_chunk) goes_on = self.received_chunk(view_of(piece));
    });
    return goes_on;
  };
  return {owned, headers, chunk, owned->headers_wait, destroy<Events>};
}

}  // namespace detail

/// A call that was started. It goes on if the task is destroyed.
class Task {
 public:
  explicit Task(gadget_task *owned = nullptr) noexcept : owned_(owned) {}

  /// Aborts the call: it fails with 301, `abort`. Has no effect if it has finished. The completion
  /// comes later, never inside this.
  void abort() const { detail::check(gadget_task_abort(owned_.get())); }
  /// Lets events come again that are paused. It never calls them itself.
  void resume() const { detail::check(gadget_task_resume(owned_.get())); }

 private:
  detail::Owned<gadget_task, gadget_task_free> owned_;
};

/// Keeps a CookieObserver. If it is destroyed, no call of the observer begins any more; one on
/// another thread may still run.
class CookieListener {
 public:
  explicit CookieListener(gadget_cookie_listener *owned) noexcept : owned_(owned) {}

 private:
  detail::Owned<gadget_cookie_listener, gadget_cookie_listener_free> owned_;
};

/// One running mini program: its calls, its connections and its cookies. If it is destroyed, it
/// ends as by `shutdown`, or when its last Bridge is destroyed.
class Client {
 public:
  explicit Client(const Config &config, Services services = {}) {
    auto resolver = services.resolver ? std::make_unique<Resolver>(std::move(services.resolver))
                                      : nullptr;
    const auto lookup = detail::resolver_of(resolver.get());
    const auto storage = detail::storage_of(services.cookie_storage.get());
    gadget_client *client = nullptr;
    // The library destroys both from here on, also if it refuses them.
    const auto *lookups = resolver.release() ? &lookup : nullptr;
    const auto *stores = services.cookie_storage.release() ? &storage : nullptr;
    detail::check(gadget_client_new(config.owned_.get(), stores, lookups, &client));
    owned_.reset(client);
    if (services.proxy_selector) set_proxy_selector(std::move(services.proxy_selector));
  }
  /// A client with the settings of a JSON document. If it is wrong, the Error names the field.
  explicit Client(std::string_view settings, Services services = {})
      : Client(Config(settings), std::move(services)) {}

  /// Starts a call. `options` is the JSON text of the options object; wrong options are a Result
  /// with errno 104.
  Task start(std::string_view options, Completion completion) const {
    return start(options, std::nullopt, std::move(completion));
  }
  Task start(std::string_view options, Body body, Completion completion) const {
    const auto callback = callback_of(std::move(completion));
    gadget_task *task = nullptr;
    detail::check(gadget_client_start(get(), detail::slice_of(options), detail::slice_of(body),
                                      &callback, &task));
    return Task(task);
  }
  /// The same, with events.
  Task start(std::string_view options, Body body, Events events, Completion completion) const {
    auto owned = std::make_unique<Events>(std::move(events));
    const auto callback = callback_of(std::move(completion));
    const auto heard = detail::events_of(owned.release());
    gadget_task *task = nullptr;
    detail::check(gadget_client_listen(get(), detail::slice_of(options), detail::slice_of(body),
                                       &heard, &callback, &task));
    return Task(task);
  }

  /// Starts a call whose result can be waited for; never do that inside a callback. `task`, unless
  /// it is null, gets what can abort the call.
  std::future<Result> request(std::string_view options, Body body = std::nullopt,
                              Task *task = nullptr) const {
    const auto promise = std::make_shared<std::promise<Result>>();
    auto result = promise->get_future();
    const auto complete = [promise](Result outcome) { promise->set_value(std::move(outcome)); };
    auto started = start(options, body, complete);
    if (task) *task = std::move(started);
    return result;
  }

  /// Reports if the device has a network. While it has none, calls fail with 303, `offline`.
  void set_online(bool online) const { detail::check(gadget_client_set_online(get(), online)); }
  /// Reports that the device has another network: idle connections close, and new calls dial anew.
  void network_changed() const { detail::check(gadget_client_network_changed(get())); }
  /// Takes another proxy: a JSON object with `proxy` and `proxy_bypass`, each of which can be absent.
  /// Throws Error if one is wrong.
  void set_proxy(std::string_view settings) const {
    detail::Message message;
    detail::check(gadget_client_set_proxy(get(), detail::slice_of(settings), message.text,
                                          sizeof message.text),
                  message.text);
  }
  /// Takes a function that chooses the proxy of each request. `settings` is a JSON object with
  /// `proxy_bypass`; absent means the setting. Throws Error if it is wrong.
  void set_proxy_selector(ProxySelector selector,
                          std::optional<std::string_view> settings = std::nullopt) const {
    const auto chooser = detail::selector_of(new ProxySelector(std::move(selector)));
    detail::Message message;
    detail::check(gadget_client_set_proxy_selector(get(), &chooser, detail::slice_of(settings),
                                                   message.text, sizeof message.text),
                  message.text);
  }
  /// Reports that the host app is in the background; see the setting `background_grace_ms`.
  void enter_background() const { detail::check(gadget_client_enter_background(get())); }
  /// Reports that the host app is in the foreground again.
  void enter_foreground() const { detail::check(gadget_client_enter_foreground(get())); }
  /// Ends the client: its unfinished calls and all later ones fail with 301, `client closed`.
  void shutdown() const { detail::check(gadget_client_shutdown(get())); }
  /// The number of calls that have one of the ten places.
  std::size_t in_flight() const { return count(gadget_client_get_in_flight); }
  /// The number of calls that wait for a place.
  std::size_t queued() const { return count(gadget_client_get_queued); }

  /// Lists all cookies, or those that a request to `url` sends, as a JSON array.
  std::string list_cookies(std::optional<std::string_view> url = std::nullopt) const {
    detail::Taken taken;
    return taken.get(
        gadget_client_list_cookies(get(), detail::slice_of(url), detail::Taken::take, &taken));
  }
  /// Sets the cookies of a JSON array: all, or none and the Error names the wrong member.
  void set_cookies(std::string_view json) const {
    detail::Message message;
    detail::check(gadget_client_set_cookies(get(), detail::slice_of(json), message.text,
                                            sizeof message.text),
                  message.text);
  }
  /// Sets the cookie of a Set-Cookie line as if a response from `url` had sent it. Returns true if
  /// a cookie changed.
  bool set_cookie_line(std::string_view url, std::string_view line) const {
    bool has_changed = false;
    detail::check(gadget_client_set_cookie_line(get(), detail::slice_of(url),
                                                detail::slice_of(line), &has_changed));
    return has_changed;
  }
  /// Deletes the cookie with this name, domain and path. Returns false if there is none.
  bool delete_cookie(std::string_view name, std::string_view domain, std::string_view path) const {
    const gadget_status status = gadget_client_delete_cookie(
        get(), detail::slice_of(name), detail::slice_of(domain), detail::slice_of(path));
    if (status == GADGET_NOT_AVAILABLE) return false;
    detail::check(status);
    return true;
  }
  /// Deletes all cookies, or those of `domain` and all its subdomains.
  void clear_cookies(std::optional<std::string_view> domain = std::nullopt) const {
    detail::check(gadget_client_clear_cookies(get(), detail::slice_of(domain)));
  }
  /// Saves the cookies that have changed, on this thread; it can block.
  void save_cookies() const { detail::check(gadget_client_save_cookies(get())); }
  /// Reports each change of the cookies to `observer`, from now on.
  [[nodiscard]] CookieListener on_cookie_change(CookieObserver observer) const {
    const auto report = [](void *context, gadget_slice change) noexcept {
      auto &self = *static_cast<CookieObserver *>(context);
      detail::contain([&] { self(detail::view_of(change)); });
    };
    gadget_take changed = report;
    if (!observer) changed = nullptr;
    const gadget_observer to{new CookieObserver(std::move(observer)), changed,
                             detail::destroy<CookieObserver>};
    gadget_cookie_listener *listener = nullptr;
    detail::check(gadget_client_on_cookie_change(get(), &to, &listener));
    return CookieListener(listener);
  }

  /// Reports what happens to the calls that are started from now on. A client has one observer.
  void set_observer(CallObserver observer) const {
    const auto report = [](void *context, gadget_slice event) noexcept {
      auto &self = *static_cast<CallObserver *>(context);
      detail::contain([&] { self(detail::view_of(event)); });
    };
    gadget_take happened = report;
    if (!observer) happened = nullptr;
    const gadget_call_observer to{new CallObserver(std::move(observer)), happened,
                                  detail::destroy<CallObserver>};
    detail::check(gadget_client_set_observer(get(), &to));
  }
  /// The calls that ended last as HAR 1.2 (JSON), as many as the setting `har_exchanges` says.
  std::string har() const {
    detail::Taken taken;
    return taken.get(gadget_client_get_har(get(), detail::Taken::take, &taken));
  }

 private:
  friend class Bridge;

  static gadget_completion callback_of(Completion completion) {
    const auto complete = [](void *context, gadget_result *owned) noexcept {
      auto &self = *static_cast<Completion *>(context);
      detail::contain([&, result = Result(owned)]() mutable { self(std::move(result)); });
    };
    decltype(gadget_completion::completed) completed = complete;
    if (!completion) completed = nullptr;
    return {new Completion(std::move(completion)), completed, detail::destroy<Completion>};
  }

  const gadget_client *get() const noexcept { return owned_.get(); }

  std::size_t count(gadget_status (*getter)(const gadget_client *, std::size_t *)) const {
    std::size_t count = 0;
    detail::check(getter(get(), &count));
    return count;
  }

  detail::Owned<gadget_client, gadget_client_free> owned_;
};

}  // namespace gadget

#endif  // GADGET_REQUEST_CLIENT_HPP
