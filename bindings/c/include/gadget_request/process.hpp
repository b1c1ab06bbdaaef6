// What holds for the whole process: the log and the number of threads.
#ifndef GADGET_REQUEST_PROCESS_HPP
#define GADGET_REQUEST_PROCESS_HPP

#include <gadget_request/memory.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

namespace gadget {

/// Gets a line of the log and its level: 1 (error), 2 (warning), 3 (info) or 4 (debug). It is
/// called from any thread, one call at a time. Must not call the library.
using LogSink = std::function<void(std::uint32_t level, std::string_view line)>;

/// Sends the log of the process to `sink`, in place of the one before, up to `level`. With an empty
/// sink logging ends.
inline void log_to(LogSink sink, std::uint32_t level = 4) {
  if (!sink) return detail::check(gadget_log_to(nullptr, level));
  const auto log = [](void *context, std::uint32_t line_level, gadget_slice line) noexcept {
    auto &self = *static_cast<LogSink *>(context);
    detail::contain([&] { self(line_level, detail::view_of(line)); });
  };
  const gadget_log_sink to{new LogSink(std::move(sink)), log, detail::destroy<LogSink>};
  detail::check(gadget_log_to(&to, level));
}

/// Sets the number of threads that run calls and completions (default 2), once, before the first
/// call.
inline void set_worker_threads(std::size_t threads) {
  detail::check(gadget_set_worker_threads(threads));
}

}  // namespace gadget

#endif  // GADGET_REQUEST_PROCESS_HPP
