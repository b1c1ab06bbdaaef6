// A resolver or a proxy selector of the host app: both answer questions.
// types/libgadget_request_napi/index.d.ts documents it.
#pragma once

#include "environment.h"

namespace gadget {

using SharedResolver = std::shared_ptr<Resolver>;

// The resolver of a NativeResolver; null if that is undefined.
SharedResolver resolver_of(Environment &environment, napi_value native);

// The function that the engine calls. The engine owns its context until it destroys that.
gadget_resolver functions_of(const SharedResolver &resolver);

// Makes it the resolver of this client. The client holds its JavaScript function, in a property of
// this name.
void attach(Environment &environment, napi_value object, const gadget_client *client,
            const SharedResolver &resolver, napi_value native, const char *name = "resolver");

napi_value set_proxy(Environment &environment, napi_value *arguments);
napi_value set_proxy_selector(Environment &environment, napi_value *arguments);

// Ends all waiting for answers, now and later: of a client's resolver and its proxy selectors, or
// of those of all clients.
void close_resolver(Environment &environment, const gadget_client *client);
void close_resolvers(Environment &environment);

napi_value answer(Environment &environment, napi_value *arguments);

}  // namespace gadget
