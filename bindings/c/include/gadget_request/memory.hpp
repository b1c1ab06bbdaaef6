// How objects, texts and callbacks cross the boundary to C. For the other headers only.
#ifndef GADGET_REQUEST_MEMORY_HPP
#define GADGET_REQUEST_MEMORY_HPP

#include <gadget_request/error.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gadget::detail {

template <typename Object, void (*Free)(Object *)>
struct Freeing {
  void operator()(Object *object) const noexcept { Free(object); }
};

/// Owns an object of the library.
template <typename Object, void (*Free)(Object *)>
using Owned = std::unique_ptr<Object, Freeing<Object, Free>>;

/// An empty view is empty text, not absent text.
inline gadget_slice slice_of(std::string_view text) noexcept {
  const char *data = text.data() ? text.data() : "";
  return {reinterpret_cast<const std::uint8_t *>(data), text.size()};
}

inline gadget_slice slice_of(const std::optional<std::string_view> &text) noexcept {
  return text ? slice_of(*text) : gadget_slice{nullptr, 0};
}

inline std::string_view view_of(gadget_slice slice) noexcept {
  return {reinterpret_cast<const char *>(slice.data), slice.length};
}

/// The `destroy` of a context that was made by `new`.
template <typename Context>
void destroy(void *context) noexcept {
  contain([&] { delete static_cast<Context *>(context); });
}

/// A copy of the bytes that a function of the library gives before it returns.
class Taken {
 public:
  static void take(void *context, gadget_slice bytes) noexcept {
    auto &self = *static_cast<Taken *>(context);
    try {
      self.bytes_ = view_of(bytes);
    } catch (...) {
      self.failed_ = std::current_exception();
    }
  }

  std::string get(gadget_status status) {
    check(status);
    if (failed_) std::rethrow_exception(failed_);
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
  std::exception_ptr failed_;
};

}  // namespace gadget::detail

#endif  // GADGET_REQUEST_MEMORY_HPP
