// What happens to a client's calls. types/libgadget_request_napi/index.d.ts documents it.
#pragma once

#include "environment.h"

namespace gadget {

napi_value set_observer(Environment &environment, napi_value *arguments);
napi_value har(Environment &environment, napi_value *arguments);

}  // namespace gadget
