// The outcome of a call.
#ifndef GADGET_REQUEST_RESULT_HPP
#define GADGET_REQUEST_RESULT_HPP

#include <gadget_request/memory.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace gadget {

/// A success, which has a status, headers and a body, or a fail, which has an errno and its words.
/// A getter of the one throws Error with GADGET_NOT_AVAILABLE for the other.
class Result {
 public:
  /// A name in lower case, and a value.
  using Header = std::pair<std::string_view, std::string_view>;

  explicit Result(gadget_result *owned = nullptr) noexcept : owned_(owned) {}

  /// True if the server answered, with any status, also 404.
  bool is_success() const { return get<bool>(gadget_result_is_success); }
  /// The argument of `success` or `fail` as JSON. It has no `data` if that is an ArrayBuffer.
  std::string_view json() const { return view(gadget_result_get_json); }
  /// The id of the call, for logs: 53 ASCII characters.
  std::string_view trace() const { return view(gadget_result_get_trace); }
  /// `request:ok`, or `request:fail ` and the reason.
  std::string_view err_msg() const { return view(gadget_result_get_err_msg); }

  /// The HTTP status of a success.
  std::uint16_t status() const { return get<std::uint16_t>(gadget_result_get_status); }
  /// The header fields of a success, in the order of the response, repeated ones each time.
  std::vector<Header> headers() const {
    std::vector<Header> headers(get<std::size_t>(gadget_result_get_header_count));
    for (std::size_t index = 0; index < headers.size(); index++) {
      gadget_slice name{}, value{};
      detail::check(gadget_result_get_header(owned_.get(), index, &name, &value));
      headers[index] = {detail::view_of(name), detail::view_of(value)};
    }
    return headers;
  }
  /// The bytes of a success's body, after content decoding. They are not copied.
  std::string_view body() const { return view(gadget_result_get_body); }
  /// The body of a success as text, decoded from its charset. The first call makes the text.
  std::string_view text() const { return view(gadget_result_get_text); }
  /// The bytes of `data`, not copied; absent unless `responseType` is `arraybuffer`.
  std::optional<std::string_view> array_buffer() const {
    return available(gadget_result_get_array_buffer);
  }

  /// The errno of a fail.
  gadget_errno code() const {
    return static_cast<gadget_errno>(get<std::uint32_t>(gadget_result_get_errno));
  }
  /// The words that belong to the errno of a fail.
  std::string_view err_string() const { return view(gadget_result_get_err_string); }
  /// Why the network failed the call, for logs; absent if the network did not fail it.
  std::optional<std::string_view> cause() const { return available(gadget_result_get_cause); }

  /// When a moment of the call was, in milliseconds since 1970; absent if it was not reached, or
  /// if the call never got its place in flight.
  std::optional<double> moment(gadget_moment which) const {
    return profiled<double>([which](auto result, auto place) {
      return gadget_result_get_moment(result, static_cast<std::uint32_t>(which), place);
    });
  }
  /// A count of the call; absent where gadget_result_get_count has none.
  std::optional<std::uint64_t> count(gadget_count which) const {
    return profiled<std::uint64_t>([which](auto result, auto place) {
      return gadget_result_get_count(result, static_cast<std::uint32_t>(which), place);
    });
  }
  /// The address and the port that the last connection leads to; absent if there was none.
  std::optional<std::pair<std::string_view, std::uint16_t>> peer() const {
    gadget_slice ip{};
    const auto port = profiled<std::uint16_t>([&ip](auto result, auto place) {
      return gadget_result_get_peer(result, &ip, place);
    });
    if (!port) return std::nullopt;
    return std::pair(detail::view_of(ip), *port);
  }
  /// `http1.1` or `h2`; absent if the last request got no connection.
  std::optional<std::string_view> protocol() const {
    return available(gadget_result_get_protocol);
  }
  /// True if the last connection was opened for another call; absent if there was none.
  std::optional<bool> socket_reused() const {
    return profiled<bool>(gadget_result_get_socket_reused);
  }

 private:
  /// What a getter writes, or nothing if there is no such value.
  template <typename Value, typename Read>
  std::optional<Value> profiled(Read read) const {
    Value value{};
    const gadget_status status = read(owned_.get(), &value);
    if (status == GADGET_NOT_AVAILABLE) return std::nullopt;
    detail::check(status);
    return value;
  }

  template <typename Value>
  using Getter = gadget_status (*)(const gadget_result *, Value *);

  template <typename Value>
  Value get(Getter<Value> getter) const {
    Value value{};
    detail::check(getter(owned_.get(), &value));
    return value;
  }

  std::string_view view(Getter<gadget_slice> getter) const { return detail::view_of(get(getter)); }

  std::optional<std::string_view> available(Getter<gadget_slice> getter) const {
    gadget_slice slice{};
    const gadget_status status = getter(owned_.get(), &slice);
    if (status == GADGET_NOT_AVAILABLE) return std::nullopt;
    detail::check(status);
    return detail::view_of(slice);
  }

  detail::Owned<gadget_result, gadget_result_free> owned_;
};

}  // namespace gadget

#endif  // GADGET_REQUEST_RESULT_HPP
