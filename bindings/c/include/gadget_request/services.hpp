// What only the host app can do: keep cookies, look up names and choose proxies in its own way.
#ifndef GADGET_REQUEST_SERVICES_HPP
#define GADGET_REQUEST_SERVICES_HPP

#include <gadget_request/memory.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gadget {

/// Keeps the cookies of one client between two runs, instead of the setting `cookie_dir`.
///
/// The methods are called on threads of the library and on threads that list or save cookies. They
/// can block. Two saves never run at the same time. They must not use the client.
class CookieStorage {
 public:
  virtual ~CookieStorage() = default;
  /// Returns the bytes that were saved last, or nothing if nothing was ever saved. Throws if there
  /// may be bytes that cannot be read now: then the client works without them, asks again later,
  /// and saves nothing until it has them.
  virtual std::optional<std::string> load() = 0;
  /// Replaces the bytes that were saved before. If the process ends meanwhile, the old or the new
  /// ones must remain. Throws if they may be lost: then the client tries again later.
  virtual void save(std::string_view bytes) = 0;
  /// The loaded bytes are damaged: the storage is now empty, until the next save.
  virtual void set_aside() {}
};

/// Looks up a host name, in lower case and in Punycode. Returns addresses in the order in which to
/// try them; with none the system looks the name up. If it throws, or an address is not valid, the
/// call fails with 305, `name not resolved`. It can block; ten calls can run at the same time.
using Resolver = std::function<std::vector<std::string>(std::string_view host)>;

/// Chooses the proxy for requests to an origin, a URL without path and query. Returns a URL as the
/// setting `proxy` has it, or nothing if they need none. If it throws, or the URL is not valid, the
/// call fails with 305, `proxy failed`. It can block; ten calls can run at the same time.
using ProxySelector = std::function<std::optional<std::string>(std::string_view origin)>;

/// The services of the host app for one client. Each can be empty. They are destroyed on any
/// thread, after the client has ended and its cookies are saved.
struct Services {
  std::unique_ptr<CookieStorage> cookie_storage;
  Resolver resolver;
  /// Takes the place of the setting `proxy`; `proxy_bypass` counts.
  ProxySelector proxy_selector = nullptr;
};

namespace detail {

/// Calls a service. Returns false if it throws: that is an answer, and no uncaught exception.
template <typename Call>
bool succeeds(Call &&call) noexcept {
  try {
    call();
    return true;
  } catch (...) {
    return false;
  }
}

inline gadget_cookie_storage storage_of(CookieStorage *storage) noexcept {
  const auto load = [](void *context, gadget_take give, void *answer) noexcept {
    return succeeds([&] {
      const auto bytes = static_cast<CookieStorage *>(context)->load();
      if (bytes) give(answer, slice_of(std::string_view(*bytes)));
    });
  };
  const auto save = [](void *context, gadget_slice bytes) noexcept {
    return succeeds([&] { static_cast<CookieStorage *>(context)->save(view_of(bytes)); });
  };
  const auto set_aside = [](void *context) noexcept {
    contain([&] { static_cast<CookieStorage *>(context)->set_aside(); });
  };
  return {storage, load, save, set_aside, destroy<CookieStorage>};
}

inline gadget_resolver resolver_of(Resolver *resolver) noexcept {
  const auto resolve = [](void *context, gadget_slice host, gadget_take give,
                          void *answer) noexcept {
    return succeeds([&] {
      for (const auto &address : (*static_cast<Resolver *>(context))(view_of(host)))
        give(answer, slice_of(std::string_view(address)));
    });
  };
  return {resolver, resolve, destroy<Resolver>};
}

inline gadget_selector selector_of(ProxySelector *selector) noexcept {
  const auto select = [](void *context, gadget_slice origin, gadget_take give,
                         void *answer) noexcept {
    return succeeds([&] {
      const auto proxy = (*static_cast<ProxySelector *>(context))(view_of(origin));
      if (proxy) give(answer, slice_of(std::string_view(*proxy)));
    });
  };
  gadget_selector chooser{selector, select, destroy<ProxySelector>};
  if (!*selector) chooser.select = nullptr;
  return chooser;
}

}  // namespace detail
}  // namespace gadget

#endif  // GADGET_REQUEST_SERVICES_HPP
