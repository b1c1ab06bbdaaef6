// A client's cookies as JSON, and the listeners to their changes.
#include "cookies.h"

#include <optional>

namespace gadget {
namespace {

extern "C" void take_text(void *context, gadget_slice text) noexcept {
  *static_cast<std::string *>(context) = text_of(text);
}

// Sends changes to JavaScript. The C interface owns one reference to it, and each change one.
struct Listener : Counted {
  explicit Listener(std::shared_ptr<Port> port) : port(std::move(port)) {}

  const std::shared_ptr<Port> port;
  // Only for the JavaScript thread.
  const gadget_cookie_listener *handle = nullptr;
};

using SharedListener = std::shared_ptr<Listener>;

struct CookieChanged : Event {
  CookieChanged(SharedListener listener, std::string json)
      : listener(std::move(listener)), json(std::move(json)) {}

  void deliver(Environment &environment) override {
    const napi_env env = environment.env;
    const HandleScope scope(env);
    const auto found = environment.listeners.find(listener->handle);
    if (found == environment.listeners.end()) return;  // closed
    const napi_value changed = found->second.value();
    if (changed == nullptr) return;  // collected with its client
    const napi_value argument = string(env, json);
    check(env, napi_call_function(env, undefined(env), changed, 1, &argument, nullptr));
  }

  const SharedListener listener;
  const std::string json;
};

struct ListenerEnded : Event {
  explicit ListenerEnded(SharedListener listener) : listener(std::move(listener)) {}

  void deliver(Environment &environment) override {
    environment.listeners.erase(listener->handle);
  }

  const SharedListener listener;
};

extern "C" void on_changed(void *context, gadget_slice json) noexcept {
  const SharedListener &listener = *static_cast<SharedListener *>(context);
  listener->port->post(std::make_unique<CookieChanged>(listener, text_of(json)));
}

extern "C" void on_listener_ended(void *context) noexcept {
  const std::unique_ptr<SharedListener> owned(static_cast<SharedListener *>(context));
  const SharedListener &listener = *owned;
  listener->port->post(std::make_unique<ListenerEnded>(listener));
}

// The text of an argument that can be undefined.
std::optional<std::string> optional_text_of(napi_env env, napi_value value, const char *name) {
  if (type_of(env, value) == napi_undefined) return std::nullopt;
  return text_of(env, value, name);
}

gadget_slice slice_of(const std::optional<std::string> &text) {
  return text ? gadget::slice_of(*text) : gadget_slice{};
}

// The name of the property with which a client holds a listener.
napi_value key_of(napi_env env, const gadget_cookie_listener *listener) {
  const auto number = reinterpret_cast<std::uintptr_t>(listener);
  return string(env, "listener " + std::to_string(number));
}

}  // namespace

napi_value cookies(Environment &environment, napi_value *arguments) {
  const napi_env env = environment.env;
  const auto *client = unwrap<gadget_client>(env, arguments[0]);
  const std::optional<std::string> url = optional_text_of(env, arguments[1], "url");
  std::string json;
  check(gadget_client_list_cookies(client, slice_of(url), take_text, &json));
  return string(env, json);
}

napi_value set_cookies(Environment &environment, napi_value *arguments) {
  const napi_env env = environment.env;
  const auto *client = unwrap<gadget_client>(env, arguments[0]);
  const std::string json = text_of(env, arguments[1], "json");
  char message[MESSAGE_SIZE] = "";
  const gadget_status status =
      gadget_client_set_cookies(client, slice_of(json), message, sizeof message);
  if (status == GADGET_INVALID_COOKIES) throw std::runtime_error(message);
  check(status);
  return undefined(env);
}

napi_value set_cookie_line(Environment &environment, napi_value *arguments) {
  const napi_env env = environment.env;
  const auto *client = unwrap<gadget_client>(env, arguments[0]);
  const std::string url = text_of(env, arguments[1], "url");
  const std::string line = text_of(env, arguments[2], "line");
  bool has_changed = false;
  check(gadget_client_set_cookie_line(client, slice_of(url), slice_of(line), &has_changed));
  return boolean(env, has_changed);
}

napi_value delete_cookie(Environment &environment, napi_value *arguments) {
  const napi_env env = environment.env;
  const auto *client = unwrap<gadget_client>(env, arguments[0]);
  const std::string name = text_of(env, arguments[1], "name");
  const std::string domain = text_of(env, arguments[2], "domain");
  const std::string path = text_of(env, arguments[3], "path");
  const gadget_status status =
      gadget_client_delete_cookie(client, slice_of(name), slice_of(domain), slice_of(path));
  if (status != GADGET_NOT_AVAILABLE) check(status);
  return boolean(env, status == GADGET_OK);
}

napi_value clear_cookies(Environment &environment, napi_value *arguments) {
  const napi_env env = environment.env;
  const auto *client = unwrap<gadget_client>(env, arguments[0]);
  const std::optional<std::string> domain = optional_text_of(env, arguments[1], "domain");
  check(gadget_client_clear_cookies(client, slice_of(domain)));
  return undefined(env);
}

napi_value on_cookie_change(Environment &environment, napi_value *arguments) {
  const napi_env env = environment.env;
  const auto *client = unwrap<gadget_client>(env, arguments[0]);
  if (type_of(env, arguments[1]) != napi_function) {
    throw WrongType("listener: must be a function");
  }
  const SharedListener listener = std::make_shared<Listener>(environment.port);
  gadget_cookie_listener *handle = nullptr;
  const gadget_observer observer{new SharedListener(listener), on_changed, on_listener_ended};
  check(gadget_client_on_cookie_change(client, &observer, &handle));
  listener->handle = handle;
  const napi_value object = wrap<gadget_cookie_listener, gadget_cookie_listener_free>(env, handle);
  // The client holds its listeners: they are collected together, even if they refer to each other.
  check(env, napi_set_named_property(env, object, "changed", arguments[1]));
  check(env, napi_set_property(env, arguments[0], key_of(env, handle), object));
  environment.listeners.emplace(handle, Reference(env, arguments[1], Hold::weak));
  return object;
}

napi_value close_listener(Environment &environment, napi_value *arguments) {
  const napi_env env = environment.env;
  unwrap<gadget_client>(env, arguments[0]);
  auto *listener = unwrap<gadget_cookie_listener>(env, arguments[1]);
  environment.listeners.erase(listener);
  gadget_cookie_listener_free(listener);
  bool is_deleted = false;
  check(env, napi_delete_property(env, arguments[0], key_of(env, listener), &is_deleted));
  return undefined(env);
}

}  // namespace gadget
