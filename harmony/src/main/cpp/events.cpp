#include "events.h"

namespace gadget {
namespace {

using Bytes = std::unique_ptr<std::string>;

// An ArrayBuffer that owns these bytes, without a copy if possible.
napi_value array_buffer_of(napi_env env, Bytes bytes) {
#ifndef GADGET_COPY_ARRAY_BUFFERS
  napi_value buffer = nullptr;
  const auto finalize = [](napi_env, void *, void *owned) {
    const Bytes bytes(static_cast<std::string *>(owned));
  };
  if (napi_create_external_arraybuffer(env, bytes->data(), bytes->size(), finalize, bytes.get(),
                                       &buffer) == napi_ok) {
    static_cast<void>(bytes.release());
    return buffer;
  }
#endif
  return array_buffer_with(env, bytes->data(), bytes->size());
}

// One event of a call: its head or a chunk.
struct Heard : Event {
  Heard(std::uint64_t id, gadget_slice bytes, bool is_head)
      : id(id), bytes(std::make_unique<std::string>(text_of(bytes))), is_head(is_head) {}

  void deliver(Environment &environment) override {
    const napi_env env = environment.env;
    const HandleScope scope(env);
    const auto found = environment.calls.find(id);
    if (found == environment.calls.end()) return;
    napi_value arguments[3] = {number(env, static_cast<std::int64_t>(id)), undefined(env),
                               undefined(env)};
    if (is_head) {
      arguments[1] = string(env, *bytes);
    } else {
      arguments[2] = array_buffer_of(env, std::move(bytes));
    }
    const napi_value report = environment.faces[found->second.face].report.value();
    check(env, napi_call_function(env, undefined(env), report, 3, arguments, nullptr));
  }

  const std::uint64_t id;
  Bytes bytes;
  const bool is_head;
};

// Passes on the events of a call.
struct Listener : Counted {
  Listener(std::shared_ptr<Port> port, std::uint64_t id) : port(std::move(port)), id(id) {}

  const std::shared_ptr<Port> port;
  const std::uint64_t id;
};

extern "C" void on_headers(void *context, std::uint16_t, gadget_slice head) noexcept {
  const auto &self = *static_cast<Listener *>(context);
  self.port->post(std::make_unique<Heard>(self.id, head, true));
}

// Pauses: the JavaScript thread takes one chunk at a time, and resumes.
extern "C" bool on_chunk(void *context, gadget_slice chunk) noexcept {
  const auto &self = *static_cast<Listener *>(context);
  self.port->post(std::make_unique<Heard>(self.id, chunk, false));
  return false;
}

extern "C" void on_events_ended(void *context) noexcept {
  const std::unique_ptr<Listener> ended(static_cast<Listener *>(context));
}

}  // namespace

gadget_events events_of(const std::shared_ptr<Port> &port, std::uint64_t id) {
  return {new Listener(port, id), on_headers, on_chunk, true, on_events_ended};
}

}  // namespace gadget
