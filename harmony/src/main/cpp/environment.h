// Shared by the whole shim: the queue to the JavaScript thread, and the state of that thread.
#pragma once

#include <gadget_request.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "napi.h"

namespace gadget {

// Counts the clients, tasks, calls, results, listeners, storages, resolvers, bridges and replies of
// the process that are not freed yet, and the events and their listeners. Tests find
// leaks with it.
inline std::atomic<std::int64_t> live{0};

// Throws for another status than GADGET_OK; `message` has the words of the library, if it has any.
inline void check(gadget_status status, const char *message = "") {
  if (status == GADGET_OK) return;
  throw std::runtime_error(*message != '\0' ? message : gadget_status_text(status));
}

// An object that `live` counts.
struct Counted {
  Counted() { ++live; }
  Counted(const Counted &) = delete;
  ~Counted() { --live; }
};

struct Environment;

// Work for the JavaScript thread.
struct Event : Counted {
  virtual ~Event() = default;

  // Runs on that thread.
  virtual void deliver(Environment &environment) = 0;
};

using Events = std::vector<std::unique_ptr<Event>>;

// The queue to the JavaScript thread, first in, first out. It outlives its environment: the last
// completions find it closed. The thread is woken for the first event and then takes all.
class Port {
 public:
  void open(napi_threadsafe_function function) {
    const std::lock_guard lock(mutex_);
    function_ = function;
  }

  void close() {
    open(nullptr);
    take();
  }

  // Can be called on any thread. Frees the event if the environment has ended.
  void post(std::unique_ptr<Event> event) {
    const std::lock_guard lock(mutex_);
    if (function_ == nullptr) return;
    waiting_.push_back(std::move(event));
    if (waiting_.size() == 1 && !wake()) waiting_.pop_back();
  }

  Events take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(waiting_, {});
  }

  // Puts events back that were taken and not delivered, before all others.
  void put_back(Events events) {
    const std::lock_guard lock(mutex_);
    if (function_ == nullptr || events.empty()) return;
    for (auto &event : waiting_) events.push_back(std::move(event));
    waiting_ = std::move(events);
    wake();
  }

 private:
  bool wake() {
    return napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking) == napi_ok;
  }

  std::mutex mutex_;
  Events waiting_;
  // Node-API does not say until when it can be used while its environment ends, hence the lock.
  napi_threadsafe_function function_ = nullptr;
};

// The JavaScript values of a pending reply. Its bridge, which holds the client, must not be
// collected.
struct Pending {
  Reference owner;
  Reference settle;
};

// The functions of a face that get what calls report. The face keeps the clients of its calls.
struct Face {
  Reference settle;
  Reference report;
};

struct FreeTask {
  void operator()(gadget_task *task) const {
    gadget_task_free(task);
    --live;
  }
};

// A pending call.
struct Started {
  using Task = std::unique_ptr<gadget_task, FreeTask>;

  Task task;
  // The index of its face.
  std::size_t face;
};

class Storage;
class Resolver;

// A client's storage, and the function that it calls.
struct Kept {
  std::shared_ptr<Storage> storage;
  Reference keep;
};

// A client's resolver or proxy selector, and the function that it calls. Weak, because the client
// holds it.
struct Resolving {
  std::shared_ptr<Resolver> resolver;
  Reference ask;
};

// The state of one JavaScript thread, the main one or a worker. Lives until its threadsafe function
// ends.
struct Environment {
  napi_env env;
  napi_threadsafe_function function = nullptr;
  std::shared_ptr<Port> port = std::make_shared<Port>();
  // Usually one; a bundle can hold a second copy of the JavaScript.
  std::vector<Face> faces;
  // By their numbers, which are the tasks that JavaScript knows.
  std::unordered_map<std::uint64_t, Started> calls;
  std::unordered_map<std::uint64_t, Pending> replies;
  std::unordered_map<const gadget_client *, Kept> storages;
  std::unordered_map<const Resolver *, Resolving> resolvers;
  // The functions of listeners. Weak, because their clients hold them.
  std::unordered_map<const gadget_cookie_listener *, Reference> listeners;
  // The functions of observers, by their contexts. Weak, too.
  std::unordered_map<const void *, Reference> observers;
  std::uint64_t last_id = 0;
  std::size_t pending = 0;

  explicit Environment(napi_env env) : env(env) {}

  // Pending calls and replies keep the process alive; an idle client does not.
  void begin() {
    if (++pending == 1) check(env, napi_ref_threadsafe_function(env, function));
  }

  void end() {
    if (--pending == 0) check(env, napi_unref_threadsafe_function(env, function));
  }

  void add(std::uint64_t id, Pending reply) {
    replies.emplace(id, std::move(reply));
    begin();
  }

  Pending take(std::uint64_t id) {
    Pending reply = std::move(replies.extract(id).mapped());
    end();
    return reply;
  }
};

// The error for an argument that is not one of our objects with a handle of this type.
template <typename Handle>
inline constexpr const char *NOT_OURS = nullptr;
template <>
inline constexpr const char *NOT_OURS<gadget_client> = "client: must be a NativeClient";
template <>
inline constexpr const char *NOT_OURS<gadget_cookie_listener> =
    "listener: must be a NativeListener";

// Marks our objects of one class. It contains an address, so that the objects of another copy of
// this addon have another tag.
template <typename Handle>
napi_type_tag tag_of() {
  return {reinterpret_cast<std::uintptr_t>(&NOT_OURS<Handle>), 0x9e4f1c63d27ab805};
}

// A new object that owns a handle.
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

// The handle of one of our objects. Throws WrongType for anything else. In OpenHarmony tags and
// handles are properties, which an object inherits and a proxy forwards; there the handle of an
// object without one is null.
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

// The size for a message of the C interface.
constexpr std::size_t MESSAGE_SIZE = 512;

// A slice of this text, which must outlive it.
inline gadget_slice slice_of(const std::string &text) {
  return {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
}

// The bytes of a Uint8Array, not copied. Absent for undefined, but not for an empty array.
inline gadget_slice bytes_of(napi_env env, napi_value value) {
  static const std::uint8_t empty = 0;
  if (type_of(env, value) == napi_undefined) return {};
  napi_typedarray_type kind = napi_uint8_array;
  std::size_t length = 0;
  void *data = nullptr;
  check(env, napi_get_typedarray_info(env, value, &kind, &length, &data, nullptr, nullptr));
  if (kind != napi_uint8_array) throw std::runtime_error("The bytes are not a Uint8Array");
  return {length == 0 ? &empty : static_cast<const std::uint8_t *>(data), length};
}

inline std::string text_of(gadget_slice slice) {
  return std::string(reinterpret_cast<const char *>(slice.data), slice.length);
}

// The settings of a JSON document. Throws if the document is wrong.
inline Config config_of(napi_env env, napi_value document) {
  const std::string json = text_of(env, document);
  char message[MESSAGE_SIZE] = "";
  gadget_config *config = nullptr;
  const gadget_status status =
      gadget_config_new(slice_of(json), &config, message, sizeof message);
  Config owner(config);
  if (status == GADGET_INVALID_CONFIG) throw std::runtime_error(message);
  check(status);
  return owner;
}

}  // namespace gadget
