// A page in a WebView: its messages go to the engine, and replies come back to JavaScript.
#include "bridge.h"

namespace gadget {

template <>
inline constexpr const char *NOT_OURS<gadget_bridge> = "bridge: must be a NativeBridge";

namespace {

// The reply to a message. The C interface owns it until it comes, then the JavaScript thread.
struct Reply : Event {
  Reply(std::shared_ptr<Port> port, std::uint64_t id) : port(std::move(port)), id(id) {}

  void deliver(Environment &environment) override;

  const std::shared_ptr<Port> port;
  const std::uint64_t id;
  std::string bytes;
  bool is_absent = true;
  bool is_text = true;
};

napi_value value_of(napi_env env, const Reply &reply) {
  if (reply.is_absent) return undefined(env);
  if (reply.is_text) return string(env, reply.bytes);
  return array_buffer_with(env, reply.bytes.data(), reply.bytes.size());
}

void Reply::deliver(Environment &environment) {
  const napi_env env = environment.env;
  const HandleScope scope(env);
  const Pending pending = environment.take(id);
  napi_value reply = undefined(env);
  try {
    reply = value_of(env, *this);
  } catch (const std::exception &) {
    // It is larger than a value of this JavaScript engine can be.
    napi_value ignored = nullptr;
    napi_get_and_clear_last_exception(env, &ignored);
  }
  check(env, napi_call_function(env, undefined(env), pending.settle.value(), 1, &reply, nullptr));
}

extern "C" void on_replied(void *context, gadget_slice reply, bool is_text) noexcept {
  std::unique_ptr<Reply> event(static_cast<Reply *>(context));
  event->is_absent = reply.data == nullptr;
  event->is_text = is_text;
  if (!event->is_absent) event->bytes = text_of(reply);
  const std::shared_ptr<Port> port = event->port;
  port->post(std::move(event));
}

}  // namespace

napi_value create_bridge(Environment &environment, napi_value *arguments) {
  const napi_env env = environment.env;
  const auto *client = unwrap<gadget_client>(env, arguments[0]);
  const std::string json = text_of(env, arguments[1]);
  char message[MESSAGE_SIZE] = "";
  gadget_bridge *bridge = nullptr;
  const gadget_status status =
      gadget_bridge_new(client, slice_of(json), &bridge, message, sizeof message);
  if (status == GADGET_INVALID_CONFIG) throw std::runtime_error(message);
  check(status);
  const napi_value object = wrap<gadget_bridge, gadget_bridge_free>(env, bridge);
  // The client holds its services, and a bridge needs them as long as it has calls.
  check(env, napi_set_named_property(env, object, "client", arguments[0]));
  return object;
}

napi_value bridge_script(Environment &environment, napi_value *arguments) {
  const auto *bridge = unwrap<gadget_bridge>(environment.env, arguments[0]);
  std::string script;
  const auto take = [](void *context, gadget_slice text) {
    *static_cast<std::string *>(context) = text_of(text);
  };
  check(gadget_bridge_get_script(bridge, take, &script));
  return string(environment.env, script);
}

napi_value bridge_receive(Environment &environment, napi_value *arguments) {
  const napi_env env = environment.env;
  const auto *bridge = unwrap<gadget_bridge>(env, arguments[0]);
  const bool is_text = type_of(env, arguments[1]) == napi_string;
  const std::string text = is_text ? text_of(env, arguments[1]) : std::string();
  const gadget_slice message = is_text ? slice_of(text) : bytes_of(env, arguments[1]);
  const std::string origin = text_of(env, arguments[2], "origin");
  const bool is_main_frame = bool_of(env, arguments[3], "isMainFrame");
  auto reply = std::make_unique<Reply>(environment.port, ++environment.last_id);
  const std::uint64_t id = reply->id;
  environment.add(id, Pending{Reference(env, arguments[0]), Reference(env, arguments[4])});
  const gadget_bridge_reply callbacks{reply.get(), on_replied, nullptr};
  const gadget_status status =
      gadget_bridge_receive(bridge, message, slice_of(origin), is_main_frame, &callbacks);
  if (status != GADGET_OK) {
    environment.take(id);
    check(status);
  }
  static_cast<void>(reply.release());  // the reply owns it, and may have come already
  return undefined(env);
}

napi_value bridge_close(Environment &environment, napi_value *arguments) {
  check(gadget_bridge_close(unwrap<gadget_bridge>(environment.env, arguments[0])));
  return undefined(environment.env);
}

}  // namespace gadget
