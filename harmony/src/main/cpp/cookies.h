// The functions for cookies. types/libgadget_request_napi/index.d.ts says what each does.
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

// The storage that a NativeStorage describes; none where that is undefined.
SharedStorage storage_of(Environment &environment, napi_value native);

// What the engine calls; it owns what `context` points to until it destroys that.
gadget_cookie_storage functions_of(const SharedStorage &storage);

// Makes it the storage of this client.
void attach(Environment &environment, napi_value object, const gadget_client *client,
            const SharedStorage &storage, napi_value native);

// Tells what was saved at the end of a client, which from then on holds its storage alone.
void end_storage(Environment &environment, const gadget_client *client);

}  // namespace gadget
