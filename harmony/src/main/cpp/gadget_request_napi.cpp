// The C interface of gadget-request for JavaScript: it converts arguments and results, and settles
// each call once; no rule of HTTP is here. types/libgadget_request_napi/index.d.ts documents the
// functions.
#include "bridge.h"
#include "cookies.h"
#include "events.h"
#include "observer.h"
#include "resolver.h"
#ifdef __OHOS__
#include "log.h"
#endif

namespace gadget {
namespace {

struct FreeResult {
  void operator()(gadget_result *result) const {
    gadget_result_free(result);
    --live;
  }
};
using Result = std::unique_ptr<gadget_result, FreeResult>;

// A longer result is not copied on its way to JavaScript.
constexpr std::size_t LONGEST_COPY = 16 << 10;

// A pending call. The C interface owns it until its completion, then the JavaScript thread.
struct Call : Event {
  Call(std::shared_ptr<Port> port, std::uint64_t id) : port(std::move(port)), id(id) {}

  void take(Result taken);
  void deliver(Environment &environment) override;

  const std::shared_ptr<Port> port;
  const std::uint64_t id;
  // The result, or a copy of its JSON if that is all.
  Result result;
  std::string json;
};

// On a thread of the engine: makes the JSON, and frees the result if nothing else of it is needed.
void Call::take(Result taken) {
  gadget_slice text{};
  gadget_slice bytes{};
  const bool has_json = gadget_result_get_json(taken.get(), &text) == GADGET_OK;
  const bool has_bytes = gadget_result_get_array_buffer(taken.get(), &bytes) == GADGET_OK;
  if (has_json && !has_bytes && text.length <= LONGEST_COPY) {
    json = text_of(text);
  } else {
    result = std::move(taken);
  }
}

extern "C" void on_completed(void *context, gadget_result *result) noexcept {
  std::unique_ptr<Call> call(static_cast<Call *>(context));
  ++live;
  call->take(Result(result));
  const std::shared_ptr<Port> port = call->port;
  port->post(std::move(call));
}

using Getter = gadget_status (*)(const gadget_result *, gadget_slice *);

napi_value string_of(napi_env env, const Result &result, Getter get) {
  gadget_slice text{};
  check(get(result.get(), &text));
  return string(env, reinterpret_cast<const char *>(text.data), text.length);
}

// The result's bytes as an ArrayBuffer, without a copy if possible. Then the ArrayBuffer owns the
// result.
napi_value array_buffer_of(napi_env env, Result result) {
  gadget_slice bytes{};
  if (gadget_result_get_array_buffer(result.get(), &bytes) != GADGET_OK) return undefined(env);
#ifndef GADGET_COPY_ARRAY_BUFFERS
  napi_value buffer = nullptr;
  // A typed array needs an address that is a multiple of its element size.
  const bool is_aligned = reinterpret_cast<std::uintptr_t>(bytes.data) % alignof(double) == 0;
  void *data = const_cast<std::uint8_t *>(bytes.data);
  const auto finalize = [](napi_env, void *, void *owned) {
    const Result result(static_cast<gadget_result *>(owned));
  };
  if (is_aligned && bytes.length > 0 &&
      napi_create_external_arraybuffer(env, data, bytes.length, finalize, result.get(),
                                       &buffer) == napi_ok) {
    static_cast<void>(result.release());
    return buffer;
  }
#endif
  return array_buffer_with(env, bytes.data, bytes.length);
}

// The arguments of `settle`: task, json, data and trace.
struct Arguments {
  napi_value values[4];

  Arguments(napi_env env, Call &call) {
    values[0] = number(env, static_cast<std::int64_t>(call.id));
    values[1] = values[2] = values[3] = undefined(env);
    if (!call.result) {
      values[1] = string(env, call.json);
      return;
    }
    try {
      values[3] = string_of(env, call.result, gadget_result_get_trace);
      const napi_value json = string_of(env, call.result, gadget_result_get_json);
      values[2] = array_buffer_of(env, std::move(call.result));
      values[1] = json;
    } catch (const std::exception &) {
      // It is larger than a value of this JavaScript engine can be. The caller sees that json is
      // undefined.
      napi_value ignored = nullptr;
      napi_get_and_clear_last_exception(env, &ignored);
    }
  }
};

void Call::deliver(Environment &environment) {
  const napi_env env = environment.env;
  const HandleScope scope(env);
  const auto started = environment.calls.extract(id);
  environment.end();
  const Arguments arguments(env, *this);
  const napi_value settle = environment.faces[started.mapped().face].settle.value();
  check(env, napi_call_function(env, undefined(env), settle, 4, arguments.values, nullptr));
}

// Runs on the JavaScript thread; without an `env` if that ends.
void deliver(napi_env env, napi_value, void *data, void *) {
  if (env == nullptr) return;
  Environment &environment = *static_cast<Environment *>(data);
  Events events = environment.port->take();
  for (auto next = events.begin(); next != events.end();) {
    const std::unique_ptr<Event> event = std::move(*next++);
    guarded(env, [&]() -> napi_value {
      event->deliver(environment);
      return nullptr;
    });
    bool is_pending = false;
    napi_is_exception_pending(env, &is_pending);
    if (!is_pending) continue;
    // The runtime reports it, and then the others come.
    return environment.port->put_back(Events(std::make_move_iterator(next),
                                             std::make_move_iterator(events.end())));
  }
}

// The threadsafe function ends with its environment, which is not used afterwards.
void end(napi_env, void *data, void *) {
  const std::unique_ptr<Environment> environment(static_cast<Environment *>(data));
  environment->port->close();
  close_resolvers(*environment);
}

napi_value create_client(Environment &environment, napi_value *arguments) {
  const Config config = config_of(environment.env, arguments[0]);
  const SharedStorage storage = storage_of(environment, arguments[1]);
  const SharedResolver resolver = resolver_of(environment, arguments[2]);
  const auto storing = storage ? functions_of(storage) : gadget_cookie_storage{};
  const auto resolving = resolver ? functions_of(resolver) : gadget_resolver{};
  gadget_client *client = nullptr;
  check(gadget_client_new(config.get(), storage ? &storing : nullptr,
                          resolver ? &resolving : nullptr, &client));
  const napi_value object = wrap<gadget_client, gadget_client_free>(environment.env, client);
  if (storage) attach(environment, object, client, storage, arguments[1]);
  if (resolver) attach(environment, object, client, resolver, arguments[2]);
  return object;
}

napi_value shutdown(Environment &environment, napi_value *arguments) {
  const auto *client = unwrap<gadget_client>(environment.env, arguments[0]);
  check(gadget_client_shutdown(client));
  close_resolver(environment, client);
  end_storage(environment, client);
  return undefined(environment.env);
}

constexpr const char *NOT_A_FACE = "face: must be a NativeFace";

napi_value listen(Environment &environment, napi_value *arguments) {
  const napi_env env = environment.env;
  environment.faces.push_back(Face{Reference(env, arguments[0]), Reference(env, arguments[1])});
  return number(env, static_cast<std::int64_t>(environment.faces.size() - 1));
}

std::int64_t number_of(napi_env env, napi_value value, const char *error) {
  if (type_of(env, value) != napi_number) throw WrongType(error);
  std::int64_t number = 0;
  check(env, napi_get_value_int64(env, value, &number));
  return number;
}

napi_value start(Environment &environment, napi_value *arguments) {
  const napi_env env = environment.env;
  const auto *client = unwrap<gadget_client>(env, arguments[0]);
  const std::string options = text_of(env, arguments[1]);
  const gadget_slice body = bytes_of(env, arguments[2]);
  const auto face = static_cast<std::size_t>(number_of(env, arguments[3], NOT_A_FACE));
  if (face >= environment.faces.size()) throw WrongType(NOT_A_FACE);
  const std::uint64_t id = ++environment.last_id;
  const napi_value started = number(env, static_cast<std::int64_t>(id));
  auto call = std::make_unique<Call>(environment.port, id);
  gadget_task *task = nullptr;
  const gadget_completion completion{call.get(), on_completed, nullptr};
  const gadget_events events = events_of(environment.port, id);
  environment.begin();
  const gadget_status status =
      gadget_client_listen(client, slice_of(options), body, &events, &completion, &task);
  if (status != GADGET_OK) {
    environment.end();
    check(status);
  }
  static_cast<void>(call.release());  // its completion owns it, and may have run already
  ++live;
  environment.calls.emplace(id, Started{Started::Task(task), face});
  return started;
}

// The task with this number; null if its call has settled.
const gadget_task *task_of(Environment &environment, napi_value value) {
  const std::int64_t number = number_of(environment.env, value, "task: must be a NativeTask");
  const auto found = environment.calls.find(static_cast<std::uint64_t>(number));
  return found == environment.calls.end() ? nullptr : found->second.task.get();
}

napi_value abort(Environment &environment, napi_value *arguments) {
  const gadget_task *task = task_of(environment, arguments[0]);
  if (task != nullptr) check(gadget_task_abort(task));
  return undefined(environment.env);
}

napi_value resume(Environment &environment, napi_value *arguments) {
  const gadget_task *task = task_of(environment, arguments[0]);
  if (task != nullptr) check(gadget_task_resume(task));
  return undefined(environment.env);
}

napi_value set_online(Environment &environment, napi_value *arguments) {
  const napi_env env = environment.env;
  const auto *client = unwrap<gadget_client>(env, arguments[0]);
  check(gadget_client_set_online(client, bool_of(env, arguments[1], "online")));
  return undefined(env);
}

// A function that takes only a client.
template <gadget_status (*Function)(const gadget_client *)>
napi_value call(Environment &environment, napi_value *arguments) {
  check(Function(unwrap<gadget_client>(environment.env, arguments[0])));
  return undefined(environment.env);
}

// A function that gets a number from a client.
template <gadget_status (*Get)(const gadget_client *, std::size_t *)>
napi_value count(Environment &environment, napi_value *arguments) {
  std::size_t count = 0;
  check(Get(unwrap<gadget_client>(environment.env, arguments[0]), &count));
  return number(environment.env, static_cast<std::int64_t>(count));
}

napi_value live_objects(Environment &environment, napi_value *) {
  return number(environment.env, live);
}

using Function = napi_value (*)(Environment &, napi_value *);

template <Function function>
napi_value entry(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    napi_value arguments[5] = {};  // missing arguments are undefined
    std::size_t count = 5;
    void *environment = nullptr;
    check(env, napi_get_cb_info(env, info, &count, arguments, nullptr, &environment));
    return function(*static_cast<Environment *>(environment), arguments);
  });
}

void open(Environment &environment) {
  const napi_env env = environment.env;
  napi_value name = nullptr;
  check(env, napi_create_string_utf8(env, "gadget-request", NAPI_AUTO_LENGTH, &name));
  check(env, napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, &environment, end,
                                             &environment, deliver, &environment.function));
  environment.port->open(environment.function);
  check(env, napi_unref_threadsafe_function(env, environment.function));
}

napi_value init(napi_env env, napi_value exports) {
  return guarded(env, [&] {
    if (gadget_abi_version() != GADGET_ABI_VERSION) {
      throw std::runtime_error("gadget-request: built for another version of its C interface");
    }
#ifdef __OHOS__
    install_log();
#endif
    auto owner = std::make_unique<Environment>(env);
    open(*owner);
    Environment *environment = owner.release();  // `end` frees it
    const auto method = [&](const char *name, napi_callback callback) {
      return napi_property_descriptor{name,    nullptr, callback,        nullptr,
                                      nullptr, nullptr, napi_enumerable, environment};
    };
    const napi_property_descriptor methods[] = {
        method("createClient", entry<create_client>),
        method("answer", entry<answer>),
        method("listen", entry<listen>),
        method("start", entry<start>),
        method("abort", entry<abort>),
        method("resume", entry<resume>),
        method("setObserver", entry<set_observer>),
        method("har", entry<har>),
        method("setOnline", entry<set_online>),
        method("networkChanged", entry<call<gadget_client_network_changed>>),
        method("setProxy", entry<set_proxy>),
        method("setProxySelector", entry<set_proxy_selector>),
        method("enterBackground", entry<call<gadget_client_enter_background>>),
        method("enterForeground", entry<call<gadget_client_enter_foreground>>),
        method("inFlight", entry<count<gadget_client_get_in_flight>>),
        method("queued", entry<count<gadget_client_get_queued>>),
        method("cookies", entry<cookies>),
        method("setCookies", entry<set_cookies>),
        method("setCookieLine", entry<set_cookie_line>),
        method("deleteCookie", entry<delete_cookie>),
        method("clearCookies", entry<clear_cookies>),
        method("saveCookies", entry<save_cookies>),
        method("onCookieChange", entry<on_cookie_change>),
        method("closeListener", entry<close_listener>),
        method("createBridge", entry<create_bridge>),
        method("bridgeScript", entry<bridge_script>),
        method("bridgeReceive", entry<bridge_receive>),
        method("bridgeClose", entry<bridge_close>),
        method("shutdown", entry<shutdown>),
        method("liveObjects", entry<live_objects>),
    };
    check(env, napi_define_properties(env, exports, sizeof methods / sizeof *methods, methods));
    return exports;
  });
}

}  // namespace
}  // namespace gadget

#ifdef __OHOS__
extern "C" __attribute__((constructor)) void gadget_request_napi_register() {
  // The name of the file without `lib` and `.so`.
  static napi_module module = {1,       0,       nullptr, gadget::init, "gadget_request_napi",
                               nullptr, {nullptr}};
  napi_module_register(&module);
}
#else
NAPI_MODULE_INIT() { return gadget::init(env, exports); }
#endif
