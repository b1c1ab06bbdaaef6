// A cookie storage of the host app.
//
// The engine calls it on any thread and while it holds locks, so it cannot wait for JavaScript. The
// bytes to load are read before the client is made, and saves wait here for the JavaScript thread.
#include <optional>

#include "cookies.h"

namespace gadget {

class Storage : public Counted {
 public:
  // Nothing if the saved bytes cannot be read; otherwise the bytes, if any were saved.
  using Loaded = std::optional<std::optional<std::string>>;

  Storage(std::shared_ptr<Port> port, Loaded loaded)
      : port(std::move(port)), loaded_(std::move(loaded)) {}

  // The engine calls it once, or again and again if the bytes cannot be read.
  bool load(gadget_take give, void *answer) {
    if (!loaded_) return false;
    const std::optional<std::string> loaded = std::move(*loaded_);
    if (loaded) give(answer, slice_of(*loaded));
    return true;
  }

  void set_aside() {
    const std::lock_guard lock(mutex_);
    news_.is_set_aside = true;
  }

  // Replaces a save that still waits: it is out of date.
  void save(std::string bytes) {
    const std::lock_guard lock(mutex_);
    news_.bytes = std::move(bytes);
  }

  // Passes what waits to JavaScript. Runs on its thread, while the engine holds no lock.
  void deliver(const Environment &environment, napi_value keep) {
    const napi_env env = environment.env;
    const News news = take_news();
    if (news.is_set_aside) call(env, keep, undefined(env));
    if (!news.bytes) return;
    call(env, keep, array_buffer_with(env, news.bytes->data(), news.bytes->size()));
  }

  const std::shared_ptr<Port> port;
  // Only for the JavaScript thread.
  const gadget_client *client = nullptr;

 private:
  // The damage comes first: the engine finds it before it saves.
  struct News {
    bool is_set_aside = false;
    std::optional<std::string> bytes;
  };

  News take_news() {
    const std::lock_guard lock(mutex_);
    return std::exchange(news_, {});
  }

  static void call(napi_env env, napi_value keep, napi_value argument) {
    check(env, napi_call_function(env, undefined(env), keep, 1, &argument, nullptr));
  }

  Loaded loaded_;
  std::mutex mutex_;
  News news_;
};

namespace {

// Passes what waits in a client's storage, if it has one, to JavaScript.
void deliver_saves(Environment &environment, const gadget_client *client) {
  const HandleScope scope(environment.env);
  const auto found = environment.storages.find(client);
  if (found == environment.storages.end()) return;
  const SharedStorage storage = found->second.storage;
  const napi_value keep = found->second.keep.value();
  // Null if it was collected with its client.
  if (keep != nullptr) storage->deliver(environment, keep);
}

struct StorageHasNews : Event {
  explicit StorageHasNews(SharedStorage storage) : storage(std::move(storage)) {}

  void deliver(Environment &environment) override { deliver_saves(environment, storage->client); }

  const SharedStorage storage;
};

struct StorageEnded : Event {
  explicit StorageEnded(SharedStorage storage) : storage(std::move(storage)) {}

  void deliver(Environment &environment) override { environment.storages.erase(storage->client); }

  const SharedStorage storage;
};

extern "C" bool on_load(void *context, gadget_take give, void *answer) noexcept {
  return (*static_cast<SharedStorage *>(context))->load(give, answer);
}

extern "C" bool on_save(void *context, gadget_slice bytes) noexcept {
  const SharedStorage &storage = *static_cast<SharedStorage *>(context);
  storage->save(text_of(bytes));
  storage->port->post(std::make_unique<StorageHasNews>(storage));
  return true;
}

extern "C" void on_set_aside(void *context) noexcept {
  const SharedStorage &storage = *static_cast<SharedStorage *>(context);
  storage->set_aside();
  storage->port->post(std::make_unique<StorageHasNews>(storage));
}

extern "C" void on_storage_ended(void *context) noexcept {
  const std::unique_ptr<SharedStorage> owned(static_cast<SharedStorage *>(context));
  const SharedStorage &storage = *owned;
  storage->port->post(std::make_unique<StorageEnded>(storage));
}

// From bytes, undefined if there are none, or null if they cannot be read.
Storage::Loaded loaded_of(napi_env env, napi_value value) {
  if (type_of(env, value) == napi_null) return std::nullopt;
  const gadget_slice bytes = bytes_of(env, value);
  if (bytes.data == nullptr) return std::optional<std::string>();
  return text_of(bytes);
}

}  // namespace

SharedStorage storage_of(Environment &environment, napi_value native) {
  const napi_env env = environment.env;
  if (type_of(env, native) == napi_undefined) return nullptr;
  auto loaded = loaded_of(env, property(env, native, "loaded"));
  return std::make_shared<Storage>(environment.port, std::move(loaded));
}

gadget_cookie_storage functions_of(const SharedStorage &storage) {
  return {new SharedStorage(storage), on_load, on_save, on_set_aside, on_storage_ended};
}

void attach(Environment &environment, napi_value object, const gadget_client *client,
            const SharedStorage &storage, napi_value native) {
  const napi_env env = environment.env;
  const napi_value keep = property(env, native, "keep");
  check(env, napi_set_named_property(env, object, "keep", keep));
  storage->client = client;
  environment.storages.emplace(client, Kept{storage, Reference(env, keep)});
}

void end_storage(Environment &environment, const gadget_client *client) {
  if (environment.storages.count(client) == 0) return;
  // Save now: the engine saves soon on its own thread, but a save after this is not delivered. It
  // fails if the old bytes cannot be read, which the host app knows.
  static_cast<void>(gadget_client_save_cookies(client));
  deliver_saves(environment, client);
  // Now client and storage are collected together, even if `keep` refers to the client.
  const auto found = environment.storages.find(client);
  if (found != environment.storages.end()) found->second.keep.weaken();
}

napi_value save_cookies(Environment &environment, napi_value *arguments) {
  const auto *client = unwrap<gadget_client>(environment.env, arguments[0]);
  check(gadget_client_save_cookies(client));
  deliver_saves(environment, client);
  return undefined(environment.env);
}

}  // namespace gadget
