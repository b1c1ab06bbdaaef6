// The functions for cookies. types/libgadget_request_napi/index.d.ts says what each does.
#pragma once

#include "environment.h"

namespace gadget {

// In cookies.cpp.
napi_value cookies(Environment &environment, napi_value *arguments);
napi_value set_cookies(Environment &environment, napi_value *arguments);
napi_value delete_cookie(Environment &environment, napi_value *arguments);
napi_value clear_cookies(Environment &environment, napi_value *arguments);
napi_value on_cookie_change(Environment &environment, napi_value *arguments);
napi_value close_listener(Environment &environment, napi_value *arguments);

// In cookie_storage.cpp.
napi_value create_client_with_storage(Environment &environment, napi_value *arguments);
napi_value save_cookies(Environment &environment, napi_value *arguments);
napi_value shutdown(Environment &environment, napi_value *arguments);

}  // namespace gadget
