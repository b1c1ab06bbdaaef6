// The functions for cookies. types/libgadget_request_napi/index.d.ts documents them.
#pragma once

#include "environment.h"

namespace gadget {

// In cookies.cpp.
napi_value cookies(Environment &environment, napi_value *arguments);
napi_value set_cookies(Environment &environment, napi_value *arguments);
napi_value set_cookie_line(Environment &environment, napi_value *arguments);
napi_value delete_cookie(Environment &environment, napi_value *arguments);
napi_value clear_cookies(Environment &environment, napi_value *arguments);
napi_value on_cookie_change(Environment &environment, napi_value *arguments);
napi_value close_listener(Environment &environment, napi_value *arguments);

// In cookie_storage.cpp.
napi_value save_cookies(Environment &environment, napi_value *arguments);

using SharedStorage = std::shared_ptr<Storage>;

// The storage of a NativeStorage; null if that is undefined.
SharedStorage storage_of(Environment &environment, napi_value native);

// The functions that the engine calls. It owns their context until it destroys that.
gadget_cookie_storage functions_of(const SharedStorage &storage);

// Makes it the storage of this client.
void attach(Environment &environment, napi_value object, const gadget_client *client,
            const SharedStorage &storage, napi_value native);

// Passes on the last save of an ended client. From now on only the client holds its storage.
void end_storage(Environment &environment, const gadget_client *client);

}  // namespace gadget
