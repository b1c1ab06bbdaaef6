// What goes wrong: Error, and the exceptions of callbacks.
#ifndef GADGET_REQUEST_ERROR_HPP
#define GADGET_REQUEST_ERROR_HPP

#include <gadget_request.h>

#include <atomic>
#include <exception>
#include <stdexcept>
#include <string>

namespace gadget {

/// A function of the library did not do its work.
class Error : public std::runtime_error {
 public:
  Error(gadget_status status, const std::string &message)
      : std::runtime_error(message), status_(status) {}

  /// The reason, for programs; `what` has words for people.
  gadget_status status() const noexcept { return status_; }

 private:
  gadget_status status_;
};

/// Gets what a callback has thrown, on the thread of that callback. Must not throw.
using UncaughtHandler = void (*)(std::exception_ptr thrown);

namespace detail {

[[noreturn]] inline void terminate(std::exception_ptr) { std::terminate(); }

inline std::atomic<UncaughtHandler> uncaught{terminate};

/// Calls a function of the host app. Nothing that it throws gets out.
template <typename Call>
void contain(Call &&call) noexcept {
  try {
    call();
  } catch (...) {
    uncaught.load()(std::current_exception());
  }
}

inline void check(gadget_status status, const char *message = "") {
  if (status != GADGET_OK) throw Error(status, *message ? message : gadget_status_text(status));
}

/// The text of an error, as the library writes it: it names a field.
struct Message {
  char text[400] = "";
};

}  // namespace detail

/// Sets what gets the exceptions of callbacks, and returns the handler before. Without one, and
/// with nullptr, the process ends by std::terminate, as it does for a std::thread.
inline UncaughtHandler set_uncaught_handler(UncaughtHandler handler) noexcept {
  return detail::uncaught.exchange(handler ? handler : detail::terminate);
}

}  // namespace gadget

#endif  // GADGET_REQUEST_ERROR_HPP
