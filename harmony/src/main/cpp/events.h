// The events of a call: the head of its response, and the pieces of its body.
#pragma once

#include "environment.h"

namespace gadget {

// The functions that the engine calls for a call. It owns their context until it destroys that.
gadget_events events_of(const std::shared_ptr<Port> &port, std::uint64_t id);

}  // namespace gadget
