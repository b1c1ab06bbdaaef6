// What all of the shim shares: the way to the JavaScript thread, and what is held there meanwhile.
#pragma once

#include <gadget_request.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "napi.h"

namespace gadget {

// Clients, tasks, calls, results, listeners, storages and resolvers that are not freed yet, and
// what waits for the JavaScript thread, in the whole process.
inline std::atomic<std::int64_t> live{0};

inline void check(gadget_status status) {
  if (status != GADGET_OK) throw std::runtime_error(gadget_status_text(status));
}

// Something that `live` counts.
struct Counted {
  Counted() { ++live; }
  Counted(const Counted &) = delete;
  ~Counted() { --live; }
};

struct Environment;

// Something for the JavaScript thread.
struct Event : Counted {
  virtual ~Event() = default;

  // On that thread.
  virtual void deliver(Environment &environment) = 0;
};

// The way to the JavaScript thread: what goes in first is delivered first. It outlives its
// environment: the last completions find it closed.
class Port {
 public:
  void open(napi_threadsafe_function function) {
    const std::lock_guard lock(mutex_);
    function_ = function;
  }

  void close() { open(nullptr); }

  // From any thread. Where nobody waits any more the event is freed.
  void post(std::unique_ptr<Event> event) {
    const std::lock_guard lock(mutex_);
    if (function_ == nullptr) return;
    if (napi_call_threadsafe_function(function_, event.get(), napi_tsfn_nonblocking) == napi_ok) {
      static_cast<void>(event.release());
    }
  }

 private:
  std::mutex mutex_;
  // Nothing in Node-API says when it is safe to use after its environment began to go: hence the
  // lock.
  napi_threadsafe_function function_ = nullptr;
};

// What a call needs of JavaScript until it is settled: its client must not be collected.
struct Pending {
  Reference client;
  Reference settle;
};

class Storage;
class Resolver;

// A client's storage, and the function that it tells.
struct Kept {
  std::shared_ptr<Storage> storage;
  Reference keep;
};

// A client's resolver, and the function that it asks. Weak: the client holds it.
struct Resolving {
  std::shared_ptr<Resolver> resolver;
  Reference ask;
};

// One environment: the main thread, or a worker. Lives until its threadsafe function ends.
struct Environment {
  napi_env env;
  napi_threadsafe_function function = nullptr;
  std::shared_ptr<Port> port = std::make_shared<Port>();
  std::unordered_map<std::uint64_t, Pending> pending;
  std::unordered_map<const gadget_client *, Kept> storages;
  std::unordered_map<const gadget_client *, Resolving> resolvers;
  // The functions that listen. Weak: their clients hold them.
  std::unordered_map<const gadget_cookie_listener *, Reference> listeners;
  std::uint64_t last_id = 0;

  explicit Environment(napi_env env) : env(env) {}

  // Pending calls keep the process alive, an idle client does not.
  void add(std::uint64_t id, Pending call) {
    pending.emplace(id, std::move(call));
    if (pending.size() == 1) check(env, napi_ref_threadsafe_function(env, function));
  }

  Pending take(std::uint64_t id) {
    Pending call = std::move(pending.extract(id).mapped());
    if (pending.empty()) check(env, napi_unref_threadsafe_function(env, function));
    return call;
  }
};

// What an argument is not that is no object of ours with such a handle behind it.
template <typename Handle>
inline constexpr const char *NOT_OURS = nullptr;
template <>
inline constexpr const char *NOT_OURS<gadget_client> = "client: must be a NativeClient";
template <>
inline constexpr const char *NOT_OURS<gadget_task> = "task: must be a NativeTask";
template <>
inline constexpr const char *NOT_OURS<gadget_cookie_listener> =
    "listener: must be a NativeListener";

// Marks our objects of one class. An address is in it: the objects of another copy of this addon
// have another tag.
template <typename Handle>
napi_type_tag tag_of() {
  return {reinterpret_cast<std::uintptr_t>(&NOT_OURS<Handle>), 0x9e4f1c63d27ab805};
}

// A new object with a handle behind it.
template <typename Handle, void (*Free)(Handle *)>
napi_value wrap(napi_env env, Handle *handle) {
  const auto finalize = [](napi_env, void *data, void *) {
    Free(static_cast<Handle *>(data));
    --live;
  };
  ++live;
  napi_value object = nullptr;
  try {
    const napi_type_tag tag = tag_of<Handle>();
    check(env, napi_create_object(env, &object));
    check(env, napi_type_tag_object(env, object, &tag));
    check(env, napi_wrap(env, object, handle, finalize, nullptr, nullptr));
  } catch (...) {
    finalize(env, handle, nullptr);
    throw;
  }
  return object;
}

// The handle behind an object of ours; anything else is the error of an argument. In OpenHarmony
// tags and handles are properties, which heirs and proxies of ours have too, and nothing is behind
// an object that has no handle.
template <typename Handle>
Handle *unwrap(napi_env env, napi_value object) {
  const napi_type_tag tag = tag_of<Handle>();
  bool is_ours = false;
  void *handle = nullptr;
  const bool is_there =
      type_of(env, object) == napi_object &&
      napi_check_object_type_tag(env, object, &tag, &is_ours) == napi_ok && is_ours &&
      napi_unwrap(env, object, &handle) == napi_ok && handle != nullptr;
  if (!is_there) throw WrongType(NOT_OURS<Handle>);
  return static_cast<Handle *>(handle);
}

struct FreeConfig {
  void operator()(gadget_config *config) const { gadget_config_free(config); }
};
using Config = std::unique_ptr<gadget_config, FreeConfig>;

// What a function of the C interface says with its status.
constexpr std::size_t MESSAGE_SIZE = 512;

inline const std::uint8_t *utf8_of(const std::string &text) {
  return reinterpret_cast<const std::uint8_t *>(text.data());
}

inline std::string text_of(gadget_slice slice) {
  return std::string(reinterpret_cast<const char *>(slice.data), slice.length);
}

// The settings that a JSON document says; an error for one that is wrong.
inline Config config_of(napi_env env, napi_value document) {
  const std::string json = text_of(env, document);
  char message[MESSAGE_SIZE] = "";
  gadget_config *config = nullptr;
  const gadget_status status =
      gadget_config_new(utf8_of(json), json.size(), &config, message, sizeof message);
  Config owner(config);
  if (status == GADGET_INVALID_CONFIG) throw std::runtime_error(message);
  check(status);
  return owner;
}

}  // namespace gadget
