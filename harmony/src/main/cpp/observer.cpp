// Tells JavaScript what happens to a client's calls.
#include "observer.h"

namespace gadget {
namespace {

extern "C" void take_har(void *context, gadget_slice json) noexcept {
  *static_cast<std::string *>(context) = text_of(json);
}

// Sends events to JavaScript. The C interface owns it.
struct Observer : Counted {
  explicit Observer(std::shared_ptr<Port> port) : port(std::move(port)) {}

  const std::shared_ptr<Port> port;
};

struct Happened : Event {
  Happened(const void *observer, std::string json) : observer(observer), json(std::move(json)) {}

  void deliver(Environment &environment) override {
    const napi_env env = environment.env;
    const HandleScope scope(env);
    const auto found = environment.observers.find(observer);
    if (found == environment.observers.end()) return;
    const napi_value happened = found->second.value();
    if (happened == nullptr) return;  // collected with its client
    const napi_value argument = string(env, json);
    check(env, napi_call_function(env, undefined(env), happened, 1, &argument, nullptr));
  }

  const void *const observer;
  const std::string json;
};

struct ObserverEnded : Event {
  explicit ObserverEnded(std::unique_ptr<Observer> observer) : observer(std::move(observer)) {}

  void deliver(Environment &environment) override { environment.observers.erase(observer.get()); }

  const std::unique_ptr<Observer> observer;
};

extern "C" void on_happened(void *context, gadget_slice json) noexcept {
  const auto &observer = *static_cast<Observer *>(context);
  observer.port->post(std::make_unique<Happened>(&observer, text_of(json)));
}

// Its last event is the one that frees it, so that no other has its address before.
extern "C" void on_observer_ended(void *context) noexcept {
  std::unique_ptr<Observer> observer(static_cast<Observer *>(context));
  const std::shared_ptr<Port> port = observer->port;
  port->post(std::make_unique<ObserverEnded>(std::move(observer)));
}

}  // namespace

napi_value set_observer(Environment &environment, napi_value *arguments) {
  const napi_env env = environment.env;
  const auto *client = unwrap<gadget_client>(env, arguments[0]);
  if (type_of(env, arguments[1]) != napi_function) {
    throw WrongType("happened: must be a function");
  }
  auto *observer = new Observer(environment.port);
  // The client holds the function: they are collected together, even if they refer to each other.
  check(env, napi_set_named_property(env, arguments[0], "happened", arguments[1]));
  environment.observers.emplace(observer, Reference(env, arguments[1], Hold::weak));
  const gadget_call_observer to{observer, on_happened, on_observer_ended};
  check(gadget_client_set_observer(client, &to));
  return undefined(env);
}

napi_value har(Environment &environment, napi_value *arguments) {
  const auto *client = unwrap<gadget_client>(environment.env, arguments[0]);
  std::string json;
  check(gadget_client_get_har(client, take_har, &json));
  return string(environment.env, json);
}

}  // namespace gadget
