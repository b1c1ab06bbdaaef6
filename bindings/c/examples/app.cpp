// A call from C++: owners for the handles, a lambda as the completion. Run it as `app URL`.
#include <gadget_request.h>

#include <functional>
#include <future>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace {

// #region owners
struct Free {
  void operator()(gadget_config *config) const { gadget_config_free(config); }
  void operator()(gadget_client *client) const { gadget_client_free(client); }
  void operator()(gadget_task *task) const { gadget_task_free(task); }
  void operator()(gadget_result *result) const { gadget_result_free(result); }
};
template <typename Object> using Owned = std::unique_ptr<Object, Free>;

gadget_slice slice_of(const std::string &text) {
  return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
}

std::string text_of(gadget_slice slice) {
  return {reinterpret_cast<const char *>(slice.data), slice.length};
}

void check(gadget_status status) {
  if (status != GADGET_OK) throw std::runtime_error(gadget_status_text(status));
}
// #endregion

// #region client
/// One client for each running mini program of each user.
Owned<gadget_client> client_of(const std::string &settings) {
  gadget_config *config = nullptr;
  char message[200] = "";
  if (gadget_config_new(slice_of(settings), &config, message, sizeof message) != GADGET_OK)
    throw std::runtime_error(message); // names the setting
  const Owned<gadget_config> owned(config);
  gadget_client *client = nullptr;
  check(gadget_client_new(config, nullptr, nullptr, &client)); // no storage, no resolver
  return Owned<gadget_client>(client);
}
// #endregion

// #region start
using Completion = std::function<void(Owned<gadget_result>)>;

/// Starts a call. `completion` runs on a thread of the library: it must not block or throw.
Owned<gadget_task> start(gadget_client *client, const std::string &options, Completion completion) {
  const gadget_completion callback{
      new Completion(std::move(completion)),
      [](void *context, gadget_result *result) {
        (*static_cast<Completion *>(context))(Owned<gadget_result>(result));
      },
      [](void *context) { delete static_cast<Completion *>(context); }};
  gadget_task *task = nullptr;
  check(gadget_client_start(client, slice_of(options), {nullptr, 0}, &callback, &task));
  return Owned<gadget_task>(task); // gadget_task_abort ends the call; freeing the task does not
}
// #endregion

} // namespace

int main(int argc, char **argv) try {
  const std::string url = argc > 1 ? argv[1] : "http://open.feishu.cn";
  const auto client = client_of(R"({"platform":"pc","app_id":"cli_9dff7f6ae02ad104"})");
  // Shared: the completion may still hold it when main has the answer.
  const auto answer = std::make_shared<std::promise<std::string>>();
  const auto task = start(client.get(), R"({"url":")" + url + R"("})", [answer](auto result) {
    gadget_slice json;
    gadget_result_get_json(result.get(), &json);
    answer->set_value(text_of(json));
  });
  std::cout << answer->get_future().get() << '\n';
  return 0;
} catch (const std::exception &error) {
  std::cerr << error.what() << '\n';
  return 2;
}
