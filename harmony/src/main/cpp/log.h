// The engine's log lines go to OpenHarmony's log, hilog.
#pragma once

#include <hilog/log.h>

#include "napi.h"

namespace gadget {

// What finds the lines in hilog: `hilog -D 6752 -T gadget-request`.
constexpr unsigned int LOG_LINES_DOMAIN = 0x6752;
constexpr const char *LOG_LINES_TAG = "gadget-request";

extern "C" inline void on_log(void *, std::uint32_t level, gadget_slice line) noexcept {
  const LogLevel levels[] = {LOG_ERROR, LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG};
  const LogLevel own = levels[level < 4 ? level : 4];
  if (!OH_LOG_IsLoggable(LOG_LINES_DOMAIN, LOG_LINES_TAG, own)) return;
  const auto *text = reinterpret_cast<const char *>(line.data);
  OH_LOG_Print(LOG_APP, own, LOG_LINES_DOMAIN, LOG_LINES_TAG, "%{public}s",
               std::string(text, line.length).c_str());
}

// Once in a process, whatever thread loads the shim first.
inline void install_log() {
  static const gadget_status installed = [] {
    const gadget_log_sink sink{nullptr, on_log, nullptr};
    return gadget_log_to(&sink, 4);
  }();
  static_cast<void>(installed);  // another logger of the host app stays
}

}  // namespace gadget
