// The proxy that the user has set in Windows. Include it after gadget_request.hpp and link winhttp:
//
//   gadget::Client client(settings, {nullptr, nullptr, gadget::system_proxy()});
//
// Other systems have no `system_proxy`.
#ifndef GADGET_REQUEST_SYSTEM_PROXY_HPP
#define GADGET_REQUEST_SYSTEM_PROXY_HPP

#include <gadget_request/services.hpp>

#ifdef _WIN32
// windows.h then leaves out winsock.h, which clashes with winsock2.h, and the macros min and max.
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <windows.h>
#include <winhttp.h>
#ifdef _MSC_VER
#pragma comment(lib, "winhttp")
#endif
#endif

namespace gadget {
namespace detail {

/// An origin in its parts: `https`, `www.example.com` and `8443`, which can be empty.
struct Origin {
  explicit Origin(std::string_view url) {
    const auto colon = url.find("://");
    scheme = url.substr(0, colon);
    host = url.substr(colon + 3);
    host = host.substr(0, host.find('/'));
    const auto end = host.rfind(':');
    if (end != host.npos && host.find(']', end) == host.npos) {
      port = host.substr(end + 1);
      host = host.substr(0, end);
    }
  }

  std::string_view scheme, host, port;
};

/// Calls `take` with each entry of a list as Windows writes it, until it returns true.
template <typename Take>
bool any_entry(std::string_view list, Take &&take) {
  constexpr std::string_view between = "; \t\r\n";
  for (;;) {
    const auto begin = list.find_first_not_of(between);
    if (begin == list.npos) return false;
    list = list.substr(begin);
    const auto end = list.find_first_of(between);
    if (take(list.substr(0, end))) return true;
    if (end == list.npos) return false;
    list = list.substr(end);
  }
}

inline char lower(char letter) noexcept {
  return 'A' <= letter && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

/// True if a text is as a pattern says, in which `*` stands for any text.
inline bool is_like(std::string_view text, std::string_view pattern) {
  std::size_t at = 0, in = 0, star = pattern.npos, retry = 0;
  while (at < text.size()) {
    if (in < pattern.size() && pattern[in] == '*') {
      star = in++;
      retry = at;
    } else if (in < pattern.size() && lower(pattern[in]) == lower(text[at])) {
      in++, at++;
    } else if (star != pattern.npos) {
      in = star + 1;
      at = ++retry;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', in) == pattern.npos;
}

/// True if a list of exceptions, as Windows has it, has this origin. Loopback always is one.
inline bool is_bypassed(const Origin &origin, std::string_view list) {
  const bool is_loopback = is_like(origin.host, "localhost") ||
                           is_like(origin.host, "*.localhost") || is_like(origin.host, "127.*") ||
                           origin.host == "[::1]";
  const auto is_it = [&](std::string_view entry) {
    if (entry == "<local>") return origin.host.find_first_of(".:") == origin.host.npos;
    const auto colon = entry.find("://");
    if (colon != entry.npos) {
      if (!is_like(origin.scheme, entry.substr(0, colon))) return false;
      entry = entry.substr(colon + 3);
    }
    const auto end = entry.rfind(':');
    const bool has_port = end != entry.npos && entry.find(']', end) == entry.npos;
    if (!has_port) return is_like(origin.host, entry);
    const auto own = !origin.port.empty() ? origin.port : origin.scheme == "https" ? "443" : "80";
    return is_like(origin.host, entry.substr(0, end)) && is_like(own, entry.substr(end + 1));
  };
  return is_loopback || any_entry(list, is_it);
}

/// The proxy for an origin in a list as Windows has it: `proxy:8080`, or one for each scheme,
/// `http=a:80;https=b:80;socks=c:1080`.
inline std::optional<std::string> proxy_in(std::string_view list, const Origin &origin) {
  std::optional<std::string> found;
  const auto look_for = [&](std::string_view name, std::string_view scheme) {
    any_entry(list, [&](std::string_view entry) {
      const auto equals = entry.find('=');
      const bool has_name = equals != entry.npos;
      if (has_name == name.empty()) return false;
      if (has_name && !is_like(entry.substr(0, equals), name)) return false;
      const auto proxy = name.empty() ? entry : entry.substr(equals + 1);
      found = proxy.find("://") == proxy.npos ? std::string(scheme) + "://" : std::string();
      found->append(proxy);
      return true;
    });
  };
  look_for(origin.scheme, "http");
  if (!found) look_for({}, "http");
  if (!found) look_for("socks", "socks5h");
  return found;
}

}  // namespace detail

#ifdef _WIN32
namespace detail {

/// A text of WinHTTP's, which it frees.
inline std::string text_of(LPWSTR owned) {
  if (!owned) return {};
  const int size = WideCharToMultiByte(CP_UTF8, 0, owned, -1, nullptr, 0, nullptr, nullptr);
  std::string text(size > 0 ? static_cast<std::size_t>(size) : 1, '\0');
  WideCharToMultiByte(CP_UTF8, 0, owned, -1, text.data(), size, nullptr, nullptr);
  text.pop_back();
  GlobalFree(owned);
  return text;
}

/// A list of proxies, and one of exceptions.
struct ProxyLists {
  std::string proxies, exceptions;
};

/// What a script (PAC) or the network (WPAD) says; nothing if there is none, or it fails.
inline std::optional<ProxyLists> automatic_proxy(HINTERNET session, const std::wstring &url,
                                                 LPCWSTR script, bool detects) {
  WINHTTP_AUTOPROXY_OPTIONS options{};
  if (script) {
    options.dwFlags |= WINHTTP_AUTOPROXY_CONFIG_URL;
    options.lpszAutoConfigUrl = script;
  }
  if (detects) {
    options.dwFlags |= WINHTTP_AUTOPROXY_AUTO_DETECT;
    options.dwAutoDetectFlags = WINHTTP_AUTO_DETECT_TYPE_DHCP | WINHTTP_AUTO_DETECT_TYPE_DNS_A;
  }
  if (!session || options.dwFlags == 0) return std::nullopt;
  WINHTTP_PROXY_INFO info{};
  if (!WinHttpGetProxyForUrl(session, url.c_str(), &options, &info)) {
    if (GetLastError() != ERROR_WINHTTP_LOGIN_FAILURE) return std::nullopt;
    options.fAutoLogonIfChallenged = TRUE;
    if (!WinHttpGetProxyForUrl(session, url.c_str(), &options, &info)) return std::nullopt;
  }
  ProxyLists lists{text_of(info.lpszProxy), text_of(info.lpszProxyBypass)};
  if (info.dwAccessType != WINHTTP_ACCESS_TYPE_NAMED_PROXY) lists.proxies.clear();
  return lists;
}

}  // namespace detail

/// Chooses the proxy as the user has set it in Windows: a script, what the network says, or fixed
/// ones with their exceptions. Each request asks anew, which can take seconds if a script is
/// loaded. Loopback has no proxy. An entry `socks=` counts as `socks5h`. Give it to Services.
inline ProxySelector system_proxy() {
  const std::shared_ptr<void> session(
      WinHttpOpen(nullptr, WINHTTP_ACCESS_TYPE_NO_PROXY, WINHTTP_NO_PROXY_NAME,
                  WINHTTP_NO_PROXY_BYPASS, 0),
      [](HINTERNET owned) {
        if (owned) WinHttpCloseHandle(owned);
      });
  return [session](std::string_view url) -> std::optional<std::string> {
    const detail::Origin origin(url);
    WINHTTP_CURRENT_USER_IE_PROXY_CONFIG user{};
    if (!WinHttpGetIEProxyConfigForCurrentUser(&user)) return std::nullopt;
    const std::unique_ptr<WCHAR, decltype(&GlobalFree)> script(user.lpszAutoConfigUrl, GlobalFree);
    detail::ProxyLists lists{detail::text_of(user.lpszProxy),
                             detail::text_of(user.lpszProxyBypass)};
    if (detail::is_bypassed(origin, {})) return std::nullopt;
    const auto automatic =
        detail::automatic_proxy(session.get(), std::wstring(url.begin(), url.end()), script.get(),
                                user.fAutoDetect != FALSE);
    if (automatic) lists = *automatic;
    if (detail::is_bypassed(origin, lists.exceptions)) return std::nullopt;
    return detail::proxy_in(lists.proxies, origin);
  };
}
#endif

}  // namespace gadget

#endif  // GADGET_REQUEST_SYSTEM_PROXY_HPP
