// Two functions of Node-API that Electron 9 does not have yet, for the addon that is tested in it.
// A tag is a hidden property here. Loaded by LD_PRELOAD.
#include <node_api.h>

namespace {

constexpr const char *NAME = "type tag of the test";

napi_status text_of(napi_env env, const napi_type_tag *tag, napi_value *text) {
  return napi_create_string_latin1(env, reinterpret_cast<const char *>(tag), sizeof *tag, text);
}

}  // namespace

extern "C" napi_status napi_type_tag_object(napi_env env, napi_value object,
                                            const napi_type_tag *tag) {
  napi_property_descriptor property{};
  property.utf8name = NAME;
  const napi_status status = text_of(env, tag, &property.value);
  return status == napi_ok ? napi_define_properties(env, object, 1, &property) : status;
}

extern "C" napi_status napi_check_object_type_tag(napi_env env, napi_value object,
                                                  const napi_type_tag *tag, bool *is_same) {
  napi_value wanted = nullptr;
  napi_value found = nullptr;
  napi_status status = text_of(env, tag, &wanted);
  if (status == napi_ok) status = napi_get_named_property(env, object, NAME, &found);
  return status == napi_ok ? napi_strict_equals(env, wanted, found, is_same) : status;
}
