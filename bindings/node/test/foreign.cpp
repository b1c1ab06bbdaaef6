// Another addon, which wraps an invalid address.
#include <node_api.h>

static napi_value wrapped(napi_env env, napi_callback_info) {
  napi_value object = nullptr;
  if (napi_create_object(env, &object) == napi_ok) {
    napi_wrap(env, object, reinterpret_cast<void *>(8), [](napi_env, void *, void *) {}, nullptr,
              nullptr);
  }
  return object;
}

NAPI_MODULE_INIT() {
  napi_value function = nullptr;
  if (napi_create_function(env, "wrapped", NAPI_AUTO_LENGTH, wrapped, nullptr, &function) ==
      napi_ok) {
    napi_set_named_property(env, exports, "wrapped", function);
  }
  return exports;
}
