// A host app in C++: a client for a mini program, its calls, its cookies. Run it as `embed URL`.
#include <gadget_request.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>

namespace {

// #region storage
/// Keeps the cookies in a file. A host app would encrypt them: who has them is logged in.
class CookieFile : public gadget::CookieStorage {
 public:
  explicit CookieFile(std::filesystem::path path) : path_(std::move(path)) {}

  std::optional<std::string> load() override {
    if (!std::filesystem::exists(path_)) return std::nullopt; // nothing was saved yet
    std::ifstream file(path_, std::ios::binary);
    if (!file) throw std::runtime_error("cannot be read now"); // it is asked again later
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  void save(std::string_view bytes) override {
    auto next = path_;
    next += ".next";
    std::ofstream file(next, std::ios::binary);
    file.exceptions(std::ios::failbit | std::ios::badbit); // the client tries again later
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    std::filesystem::rename(next, path_); // the old bytes or the new ones, never parts of both
  }

 private:
  std::filesystem::path path_;
};
// #endregion

// #region client
/// One client for each running mini program of each user.
gadget::Client client_of(const std::string &app_id) {
  gadget::Services services; // a real host app has a folder for each of its users
  const auto folder = std::filesystem::temp_directory_path();
  services.cookie_storage = std::make_unique<CookieFile>(folder / (app_id + ".cookies"));
  services.resolver = [](std::string_view) -> std::vector<std::string> {
    return {}; // HttpDNS, for example; no address lets the system look the name up
  };
  const std::string settings =
      R"({"platform":"pc","app_version":"1.2.0","app_id":")" + app_id + "\"}";
  return gadget::Client(settings, std::move(services)); // throws gadget::Error: it names the field
}
// #endregion

// #region start
/// A call of the mini program. `options` is what it passed to `request`, as JSON.
gadget::Task start(const gadget::Client &client, const std::string &options) {
  return client.start(options, [](gadget::Result result) { // on a thread of the library
    // A host app posts it to the thread of its JavaScript engine here.
    std::cout << result.json() << std::endl;
  });
}
// #endregion

// #region request
/// A call of the host app, aborted after five seconds.
std::string describe(const gadget::Client &client, const std::string &options) {
  gadget::Task task;
  auto call = client.request(options, std::nullopt, &task);
  if (call.wait_for(std::chrono::seconds(5)) == std::future_status::timeout) task.abort();
  const gadget::Result result = call.get();
  const std::string trace = ", trace " + std::string(result.trace());
  if (result.is_success()) return std::to_string(result.status()) + trace;
  return std::string(result.err_msg()) + " (" + std::to_string(result.code()) + ")" + trace;
}
// #endregion

} // namespace

int main(int argc, char **argv) try {
  const std::string url = argc > 1 ? argv[1] : "http://open.feishu.cn";
  const std::string options = R"({"url":")" + url + "\"}";
  gadget::log_to([](std::uint32_t, std::string_view line) { std::cerr << line << '\n'; }, 2);
  const gadget::Client client = client_of("cli_9dff7f6ae02ad104");

  // #region cookies
  const auto listener = client.on_cookie_change([](std::string_view change) {
    std::cout << change << std::endl;
  });
  client.set_cookie_line("https://www.example.com/", "a=1; Path=/; Secure; Max-Age=3600");
  std::cout << client.list_cookies("https://www.example.com/") << std::endl;
  // #endregion

  const gadget::Task task = start(client, options); // task.abort() ends it
  std::cout << describe(client, options) << std::endl;

  // #region end
  client.save_cookies(); // the library saves them by itself too, but later
  client.shutdown();     // what is unfinished fails with `client closed`
  // #endregion
  return 0;
} catch (const std::exception &error) {
  std::cerr << error.what() << '\n';
  return 2;
}
