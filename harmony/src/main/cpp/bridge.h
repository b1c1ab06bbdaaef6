// The functions for a page in a WebView. types/libgadget_request_napi/index.d.ts documents them.
#pragma once

#include "environment.h"

namespace gadget {

napi_value create_bridge(Environment &environment, napi_value *arguments);
napi_value bridge_script(Environment &environment, napi_value *arguments);
napi_value bridge_receive(Environment &environment, napi_value *arguments);
napi_value bridge_close(Environment &environment, napi_value *arguments);

}  // namespace gadget
