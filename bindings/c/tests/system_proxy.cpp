// A proxy selector in C++, and what Windows' settings say.
#include <gadget_request.hpp>
#include <gadget_request/system_proxy.hpp>
#ifdef _WIN32
#include <winsock2.h> // a program can include it later
#endif

#include <cstdio>
#include <cstdlib>

#define CHECK(condition) ((condition) ? void() : fails(__FILE__, __LINE__, #condition))

namespace {
[[noreturn]] void fails(const char *file, int line, const char *condition) {
  std::fprintf(stderr, "%s:%d: false: %s\n", file, line, condition);
  std::exit(1);
}

using gadget::Client;
using gadget::detail::Origin;

std::string server() {
  CHECK(std::getenv("GADGET_HTTP") && "run this with scripts/with-server");
  return std::getenv("GADGET_HTTP");
}

std::string outcome(const Client &client) {
  return std::string(client.request(R"({"url":"http://somewhere.invalid/x"})").get().err_msg());
}

void a_selector_chooses_the_proxy_and_what_it_throws_fails_the_call() {
  std::string asked;
  // Without the proxy nobody answers there.
  const auto settings = R"({"resolve":["somewhere.invalid:80:127.0.0.1:1"]})";
  const Client client(settings, {nullptr, nullptr, [&](std::string_view origin) {
                                   asked = origin;
                                   return std::optional<std::string>(server());
                                 }});
  CHECK(outcome(client) == "request:ok" && asked == "http://somewhere.invalid/");
  client.set_proxy_selector([](auto) -> std::optional<std::string> { throw 1; });
  CHECK(outcome(client) == "request:fail proxy failed");
  client.set_proxy_selector([](auto) { return std::optional<std::string>("garbage"); });
  CHECK(outcome(client) == "request:fail proxy failed");
  client.set_proxy_selector([](auto) { return std::nullopt; });
  CHECK(outcome(client) == "request:fail connection failed");
  try {
    client.set_proxy_selector([](auto) { return std::nullopt; }, R"({"proxy_bypass":5})");
    CHECK(false);
  } catch (const gadget::Error &error) {
    CHECK(error.status() == GADGET_INVALID_CONFIG);
  }
}

void a_list_of_proxies_has_one_for_each_scheme() {
  const auto proxy = [](std::string_view list, std::string_view url) {
    return gadget::detail::proxy_in(list, Origin(url)).value_or("none");
  };
  CHECK(proxy("", "http://a.example/") == "none");
  CHECK(proxy("proxy:8080", "https://a.example/") == "http://proxy:8080");
  CHECK(proxy("https://proxy:8443", "http://a.example/") == "https://proxy:8443");
  const auto list = "http=one:80; HTTPS=two:81 socks=three:1080";
  CHECK(proxy(list, "http://a.example/") == "http://one:80");
  CHECK(proxy(list, "https://a.example/") == "http://two:81");
  CHECK(proxy("ftp=one:21;socks=three:1080", "http://a.example/") == "socks5h://three:1080");
  CHECK(proxy("https=two:81", "http://a.example/") == "none");
  CHECK(proxy("https=two:81;four:82", "http://a.example/") == "http://four:82");
}

void exceptions_have_stars_ports_and_schemes() {
  const auto is_bypassed = [](std::string_view list, std::string_view url) {
    return gadget::detail::is_bypassed(Origin(url), list);
  };
  for (const auto loopback : {"http://localhost:80/", "http://a.localhost/", "http://127.0.0.1/",
                              "https://[::1]:8443/"})
    CHECK(is_bypassed("", loopback));
  CHECK(!is_bypassed("", "http://a.example/"));
  CHECK(is_bypassed("<local>", "http://intranet/") && !is_bypassed("<local>", "http://[fe80::1]/"));
  CHECK(!is_bypassed("<local>", "http://a.example/"));
  CHECK(is_bypassed("b;*.Example; c", "http://a.example/"));
  CHECK(!is_bypassed("*.example", "http://example/"));
  CHECK(is_bypassed("192.168.*", "http://192.168.7.7:8080/"));
  CHECK(is_bypassed("a*c*e", "http://abcde/") && !is_bypassed("a*c*e", "http://abcdef/"));
  CHECK(is_bypassed("https://*.example", "https://a.example/"));
  CHECK(!is_bypassed("https://*.example", "http://a.example/"));
  CHECK(is_bypassed("a.example:8080", "http://a.example:8080/"));
  CHECK(!is_bypassed("a.example:8080", "http://a.example/"));
  CHECK(is_bypassed("a.example:443", "https://a.example/"));
}

#ifdef _WIN32
/// Sets the user's proxy as the control panel does; an empty one is none.
void set_proxy(std::string_view proxy, std::string_view exceptions) {
  std::string settings;
  const auto number = [&](std::size_t value) {
    for (int shift = 0; shift < 32; shift += 8) settings += static_cast<char>(value >> shift);
  };
  const auto text = [&](std::string_view value) {
    number(value.size());
    settings.append(value);
  };
  for (const std::size_t value : {0x46, 1, proxy.empty() ? 1 : 3}) number(value);
  text(proxy);
  text(exceptions);
  text("");  // the URL of a script
  settings.append(32, '\0');
  const auto key = R"(Software\Microsoft\Windows\CurrentVersion\Internet Settings\Connections)";
  CHECK(RegSetKeyValueA(HKEY_CURRENT_USER, key, "DefaultConnectionSettings", REG_BINARY,
                        settings.data(), static_cast<DWORD>(settings.size())) == ERROR_SUCCESS);
}

void the_proxy_of_windows_is_used_and_its_exceptions_are_not() {
  set_proxy(server().substr(server().rfind('/') + 1), "*.example");
  const auto select = gadget::system_proxy();
  CHECK(select("http://somewhere.invalid/") == server());
  CHECK(!select("http://a.example/") && !select("http://127.0.0.1/"));
  const Client client("{}", {nullptr, nullptr, gadget::system_proxy()});
  CHECK(outcome(client) == "request:ok");
  set_proxy({}, {});
  CHECK(!select("http://somewhere.invalid/"));
}
#endif
}  // namespace

int main() {
  a_selector_chooses_the_proxy_and_what_it_throws_fails_the_call();
  a_list_of_proxies_has_one_for_each_scheme();
  exceptions_have_stars_ports_and_schemes();
#ifdef _WIN32
  the_proxy_of_windows_is_used_and_its_exceptions_are_not();
#endif
  std::puts("system_proxy: passed");
  return 0;
}
