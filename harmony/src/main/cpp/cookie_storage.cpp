// A host's own place for a client's cookies.
//
// The engine asks and tells it on any thread, under locks of its own: it gets what was loaded
// before there was a client, and what it saves waits here for the JavaScript thread.
#include <optional>

#include "cookies.h"

namespace gadget {

class Storage : public Counted {
 public:
  // What the host had: nothing where that cannot be had; else its bytes, or none of them.
  using Loaded = std::optional<std::optional<std::string>>;

  Storage(std::shared_ptr<Port> port, Loaded loaded)
      : port(std::move(port)), loaded_(std::move(loaded)) {}

  // Called by the engine: once, or where it cannot be had, again and again.
  bool load(gadget_take give, void *answer) {
    if (!loaded_) return false;
    const std::optional<std::string> loaded = std::move(*loaded_);
    if (loaded) give(answer, {utf8_of(*loaded), loaded->size()});
    return true;
  }

  void set_aside() {
    const std::lock_guard lock(mutex_);
    news_.is_set_aside = true;
  }

  // What waits is replaced: nobody needs the older one.
  void save(std::string bytes) {
    const std::lock_guard lock(mutex_);
    news_.bytes = std::move(bytes);
  }

  // Tells JavaScript what waits; on its thread, and not where the engine holds a lock.
  void tell(const Environment &environment, napi_value keep) {
    const napi_env env = environment.env;
    const News news = take_news();
    if (news.is_set_aside) call(env, keep, undefined(env));
    if (!news.bytes) return;
    call(env, keep, array_buffer_with(env, news.bytes->data(), news.bytes->size()));
  }

  const std::shared_ptr<Port> port;
  // The JavaScript thread's alone.
  const gadget_client *client = nullptr;

 private:
  // Damage is found before anything is saved.
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

// Tells the storage of a client, if it has one.
void tell_storage(Environment &environment, const gadget_client *client) {
  const HandleScope scope(environment.env);
  const auto found = environment.storages.find(client);
  if (found == environment.storages.end()) return;
  const SharedStorage storage = found->second.storage;
  const napi_value keep = found->second.keep.value();
  if (keep != nullptr) storage->tell(environment, keep);  // else it was collected with its client
}

struct StorageHasNews : Event {
  explicit StorageHasNews(SharedStorage storage) : storage(std::move(storage)) {}

  void deliver(Environment &environment) override { tell_storage(environment, storage->client); }

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

// Bytes, undefined where there are none, or null where they cannot be had.
Storage::Loaded loaded_of(napi_env env, napi_value value) {
  if (type_of(env, value) == napi_null) return std::nullopt;
  const Bytes bytes = bytes_of(env, value);
  if (bytes.data == nullptr) return std::optional<std::string>();
  return std::string(reinterpret_cast<const char *>(bytes.data), bytes.length);
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
  // The engine saves soon, on a thread of its own, and here is no later. What could not be loaded
  // cannot be saved: that is nothing new.
  static_cast<void>(gadget_client_save_cookies(client));
  tell_storage(environment, client);
  // They go together, also where `keep` refers to the client.
  const auto found = environment.storages.find(client);
  if (found != environment.storages.end()) found->second.keep.weaken();
}

napi_value save_cookies(Environment &environment, napi_value *arguments) {
  const auto *client = unwrap<gadget_client>(environment.env, arguments[0]);
  check(gadget_client_save_cookies(client));
  tell_storage(environment, client);
  return undefined(environment.env);
}

}  // namespace gadget
