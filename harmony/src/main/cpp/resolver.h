// A host's own way from names to addresses. types/libgadget_request_napi/index.d.ts says what it
// gets.
#pragma once

#include "environment.h"

namespace gadget {

using SharedResolver = std::shared_ptr<Resolver>;

// The resolver that a NativeResolver describes; none where that is undefined.
SharedResolver resolver_of(Environment &environment, napi_value native);

// What the engine calls; it owns what `context` points to until it destroys that.
gadget_resolver functions_of(const SharedResolver &resolver);

// Makes it the resolver of this client, which holds its JavaScript.
void attach(Environment &environment, napi_value object, const gadget_client *client,
            const SharedResolver &resolver, napi_value native);

// No thread waits for an answer any more, nor will one: the resolver of a client, if it has one;
// those of all clients.
void close_resolver(Environment &environment, const gadget_client *client);
void close_resolvers(Environment &environment);

napi_value answer(Environment &environment, napi_value *arguments);

}  // namespace gadget
