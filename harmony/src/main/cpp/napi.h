// Wrappers for Node-API: one check for every status, and owners for what must be released.
#pragma once

#ifdef __OHOS__
#include <napi/native_api.h>
#else
#include <node_api.h>
#endif

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

namespace gadget {

// Throws if a Node-API call failed; `guarded` turns that into a JavaScript error.
inline void check(napi_env env, napi_status status) {
  if (status == napi_ok) return;
  const napi_extended_error_info *error = nullptr;
  napi_get_last_error_info(env, &error);
  const bool has_message = error != nullptr && error->error_message != nullptr;
  throw std::runtime_error(has_message ? error->error_message : "Node-API call failed");
}

// An argument has the wrong type.
struct WrongType : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Runs `work`. A C++ exception becomes a JavaScript error, unless one is already pending.
template <typename Work>
napi_value guarded(napi_env env, Work work) noexcept {
  try {
    return work();
  } catch (const WrongType &error) {
    napi_throw_type_error(env, nullptr, error.what());
  } catch (const std::exception &error) {
    bool is_pending = false;
    napi_is_exception_pending(env, &is_pending);
    if (!is_pending) napi_throw_error(env, nullptr, error.what());
  } catch (...) {
    napi_throw_error(env, nullptr, "internal error");
  }
  return nullptr;
}

// A strong reference keeps its value alive.
enum class Hold { strong, weak };

// Refers to a value, and keeps it alive unless it is weak. Create, move and destroy it only on the
// JavaScript thread.
class Reference {
 public:
  Reference(napi_env env, napi_value value, Hold hold = Hold::strong)
      : env_(env), is_weak_(hold == Hold::weak) {
    check(env, napi_create_reference(env, value, is_weak_ ? 0 : 1, &reference_));
  }
  Reference(Reference &&other) noexcept
      : env_(other.env_),
        is_weak_(other.is_weak_),
        reference_(std::exchange(other.reference_, nullptr)) {}
  Reference &operator=(Reference &&) = delete;
  ~Reference() {
    if (reference_ != nullptr && napi_delete_reference(env_, reference_) != napi_ok) {
      std::fputs("gadget_request_napi: a reference was not deleted\n", stderr);
    }
  }

  // Null if the reference is weak and the value was collected.
  napi_value value() const {
    napi_value value = nullptr;
    check(env_, napi_get_reference_value(env_, reference_, &value));
    return value;
  }

  void weaken() {
    if (std::exchange(is_weak_, true)) return;
    std::uint32_t count = 0;
    check(env_, napi_reference_unref(env_, reference_, &count));
  }

 private:
  napi_env env_;
  bool is_weak_;
  napi_ref reference_ = nullptr;
};

// Frees the values that are created during its life.
class HandleScope {
 public:
  explicit HandleScope(napi_env env) : env_(env) {
    check(env, napi_open_handle_scope(env, &scope_));
  }
  HandleScope(const HandleScope &) = delete;
  ~HandleScope() {
    if (napi_close_handle_scope(env_, scope_) != napi_ok) {
      std::fputs("gadget_request_napi: a scope was not closed\n", stderr);
    }
  }

 private:
  napi_env env_;
  napi_handle_scope scope_ = nullptr;
};

inline napi_value undefined(napi_env env) {
  napi_value value = nullptr;
  check(env, napi_get_undefined(env, &value));
  return value;
}

inline napi_value property(napi_env env, napi_value object, const char *name) {
  napi_value value = nullptr;
  check(env, napi_get_named_property(env, object, name, &value));
  return value;
}

inline napi_valuetype type_of(napi_env env, napi_value value) {
  napi_valuetype type = napi_undefined;
  check(env, napi_typeof(env, value, &type));
  return type;
}

// A JavaScript boolean. Throws WrongType with the argument's name for anything else.
inline bool bool_of(napi_env env, napi_value value, const char *name) {
  if (type_of(env, value) != napi_boolean) {
    throw WrongType(std::string(name) + ": must be a boolean");
  }
  bool is_true = false;
  check(env, napi_get_value_bool(env, value, &is_true));
  return is_true;
}

inline napi_value boolean(napi_env env, bool is_true) {
  napi_value value = nullptr;
  check(env, napi_get_boolean(env, is_true, &value));
  return value;
}

inline napi_value number(napi_env env, std::int64_t value) {
  napi_value number = nullptr;
  check(env, napi_create_int64(env, value, &number));
  return number;
}

// Most options have fewer bytes: one call reads them.
constexpr std::size_t USUAL_TEXT = 1024;
// Of a character, and of the NUL after a text.
constexpr std::size_t LONGEST_END = 4;

// A JavaScript string as UTF-8; a lone surrogate in it becomes U+FFFD.
inline std::string text_of(napi_env env, napi_value value) {
  char usual[USUAL_TEXT];
  std::size_t length = 0;
  check(env, napi_get_value_string_utf8(env, value, usual, USUAL_TEXT, &length));
  if (length < USUAL_TEXT - LONGEST_END) return std::string(usual, length); // it was not cut
  check(env, napi_get_value_string_utf8(env, value, nullptr, 0, &length));
  std::string text(length, '\0');
  check(env, napi_get_value_string_utf8(env, value, text.data(), length + 1, &length));
  return text;
}

// As above. Throws WrongType with the argument's name for anything but a string.
inline std::string text_of(napi_env env, napi_value value, const char *name) {
  if (type_of(env, value) != napi_string) {
    throw WrongType(std::string(name) + ": must be a string");
  }
  return text_of(env, value);
}

inline napi_value string(napi_env env, const char *text, std::size_t length) {
  napi_value value = nullptr;
  check(env, napi_create_string_utf8(env, text, length, &value));
  return value;
}

inline napi_value string(napi_env env, const std::string &text) {
  return string(env, text.data(), text.size());
}

// A new ArrayBuffer with these bytes. `data` can be null if there are none.
inline napi_value array_buffer_with(napi_env env, const void *data, std::size_t length) {
  void *copy = nullptr;
  napi_value buffer = nullptr;
  check(env, napi_create_arraybuffer(env, length, &copy, &buffer));
  if (length > 0) std::memcpy(copy, data, length);
  return buffer;
}

}  // namespace gadget
