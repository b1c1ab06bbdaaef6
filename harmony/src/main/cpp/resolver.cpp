// A resolver of the host app, and a proxy selector, which answers with the URLs of proxies.
//
// The engine asks on threads that can block, several at the same time. Each sends its question to
// the JavaScript thread, which never waits for them. Then it waits until the question is answered,
// until nobody can answer it, or until no call can still need the answer.
#include "resolver.h"

#include <chrono>
#include <condition_variable>
#include <optional>
#include <vector>

namespace gadget {

// Addresses as text, or a proxy; nothing if there is no answer.
using Addresses = std::optional<std::vector<std::string>>;

struct Question : Counted {
  explicit Question(std::string host) : host(std::move(host)) {}

  const std::string host;
  // Both are guarded by the lock of the resolver.
  bool is_settled = false;
  Addresses addresses;
};

using SharedQuestion = std::shared_ptr<Question>;

class Resolver : public Counted {
 public:
  Resolver(std::shared_ptr<Port> port, std::chrono::milliseconds patience)
      : port(std::move(port)), patience_(patience) {}

  // Waits for the answer of the JavaScript thread.
  Addresses wait_for(const SharedQuestion &question) {
    std::unique_lock lock(mutex_);
    const auto has_ended = [&] { return question->is_settled || is_closed_; };
    changed_.wait_for(lock, patience_, has_ended);
    question->is_settled = true;  // a later answer is ignored
    return std::move(question->addresses);
  }

  // Only the first answer counts.
  void settle(const SharedQuestion &question, Addresses addresses) {
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(question->is_settled, true)) return;
      question->addresses = std::move(addresses);
    }
    changed_.notify_all();
  }

  void close() {
    {
      const std::lock_guard lock(mutex_);
      is_closed_ = true;
    }
    changed_.notify_all();
  }

  const std::shared_ptr<Port> port;
  // Only for the JavaScript thread.
  const gadget_client *client = nullptr;

 private:
  const std::chrono::milliseconds patience_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_closed_ = false;
};

namespace {

// A question in JavaScript. If it is collected before it is answered, it has no answer.
struct Asked {
  SharedResolver resolver;
  SharedQuestion question;

  ~Asked() { resolver->settle(question, std::nullopt); }
};

void free_asked(Asked *asked) { delete asked; }

}  // namespace

template <>
inline constexpr const char *NOT_OURS<Asked> = "question: must be a NativeQuestion";

namespace {

struct HostAsked : Event {
  explicit HostAsked(std::unique_ptr<Asked> asked) : asked(std::move(asked)) {}

  void deliver(Environment &environment) override {
    const napi_env env = environment.env;
    const HandleScope scope(env);
    const auto found = environment.resolvers.find(asked->resolver.get());
    if (found == environment.resolvers.end()) return;
    const napi_value ask = found->second.ask.value();
    if (ask == nullptr) return;  // collected with its client
    const napi_value host = string(env, asked->question->host);
    const napi_value question = wrap<Asked, free_asked>(env, asked.release());
    napi_value arguments[] = {host, question};
    check(env, napi_call_function(env, undefined(env), ask, 2, arguments, nullptr));
  }

  std::unique_ptr<Asked> asked;
};

struct ResolverEnded : Event {
  explicit ResolverEnded(SharedResolver resolver) : resolver(std::move(resolver)) {}

  void deliver(Environment &environment) override {
    environment.resolvers.erase(resolver.get());
  }

  const SharedResolver resolver;
};

extern "C" bool on_resolve(void *context, gadget_slice host, gadget_take give,
                           void *answer) noexcept {
  const SharedResolver &resolver = *static_cast<SharedResolver *>(context);
  const auto question = std::make_shared<Question>(text_of(host));
  auto asked = std::unique_ptr<Asked>(new Asked{resolver, question});
  resolver->port->post(std::make_unique<HostAsked>(std::move(asked)));
  const Addresses addresses = resolver->wait_for(question);
  if (!addresses) return false;
  for (const std::string &address : *addresses) give(answer, slice_of(address));
  return true;
}

extern "C" void on_resolver_ended(void *context) noexcept {
  const std::unique_ptr<SharedResolver> owned(static_cast<SharedResolver *>(context));
  const SharedResolver &resolver = *owned;
  resolver->port->post(std::make_unique<ResolverEnded>(resolver));
}

// Runs when the object that holds the resolver is collected together with its client.
void free_resolver(SharedResolver *resolver) {
  const std::unique_ptr<SharedResolver> owned(resolver);
  (*resolver)->close();
}

}  // namespace

SharedResolver resolver_of(Environment &environment, napi_value native) {
  const napi_env env = environment.env;
  if (type_of(env, native) == napi_undefined) return nullptr;
  std::uint32_t wait_ms = 0;
  check(env, napi_get_value_uint32(env, property(env, native, "waitMs"), &wait_ms));
  return std::make_shared<Resolver>(environment.port, std::chrono::milliseconds(wait_ms));
}

gadget_resolver functions_of(const SharedResolver &resolver) {
  return {new SharedResolver(resolver), on_resolve, on_resolver_ended};
}

void attach(Environment &environment, napi_value object, const gadget_client *client,
            const SharedResolver &resolver, napi_value native, const char *name) {
  const napi_env env = environment.env;
  const napi_value ask = property(env, native, "ask");
  const napi_value holder =
      wrap<SharedResolver, free_resolver>(env, new SharedResolver(resolver));
  check(env, napi_set_named_property(env, holder, "ask", ask));
  check(env, napi_set_named_property(env, object, name, holder));
  resolver->client = client;
  environment.resolvers.emplace(resolver.get(),
                                Resolving{resolver, Reference(env, ask, Hold::weak)});
}

void close_resolver(Environment &environment, const gadget_client *client) {
  auto &resolvers = environment.resolvers;
  for (auto it = resolvers.begin(); it != resolvers.end();) {
    if (it->second.resolver->client != client) {
      ++it;
      continue;
    }
    it->second.resolver->close();
    it = resolvers.erase(it);  // no more questions
  }
}

void close_resolvers(Environment &environment) {
  for (const auto &[resolver, resolving] : environment.resolvers) resolving.resolver->close();
}

napi_value set_proxy(Environment &environment, napi_value *arguments) {
  const napi_env env = environment.env;
  const auto *client = unwrap<gadget_client>(env, arguments[0]);
  const std::string settings = text_of(env, arguments[1]);
  char message[MESSAGE_SIZE] = "";
  check(gadget_client_set_proxy(client, slice_of(settings), message, sizeof message), message);
  return undefined(env);
}

napi_value set_proxy_selector(Environment &environment, napi_value *arguments) {
  const napi_env env = environment.env;
  const auto *client = unwrap<gadget_client>(env, arguments[0]);
  const SharedResolver selector = resolver_of(environment, arguments[1]);
  std::optional<std::string> settings;
  if (type_of(env, arguments[2]) != napi_undefined) settings = text_of(env, arguments[2]);
  const gadget_selector functions{new SharedResolver(selector), on_resolve,
                                        on_resolver_ended};
  char message[MESSAGE_SIZE] = "";
  check(gadget_client_set_proxy_selector(client, &functions,
                                         settings ? slice_of(*settings) : gadget_slice{},
                                         message, sizeof message),
        message);
  attach(environment, arguments[0], client, selector, arguments[1], "proxySelector");
  return undefined(env);
}

napi_value answer(Environment &environment, napi_value *arguments) {
  const napi_env env = environment.env;
  const auto *asked = unwrap<Asked>(env, arguments[0]);
  Addresses addresses;
  if (type_of(env, arguments[1]) != napi_undefined) {
    std::uint32_t count = 0;
    check(env, napi_get_array_length(env, arguments[1], &count));
    addresses.emplace();
    for (std::uint32_t i = 0; i < count; i++) {
      napi_value address = nullptr;
      check(env, napi_get_element(env, arguments[1], i, &address));
      addresses->push_back(text_of(env, address));
    }
  }
  asked->resolver->settle(asked->question, std::move(addresses));
  return undefined(env);
}

}  // namespace gadget
