// OpenHarmony's log under Node: if HILOG_FILE is set, its lines go to that file.
#pragma once

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

typedef enum { LOG_APP = 0 } LogType;
typedef enum { LOG_DEBUG = 3, LOG_INFO = 4, LOG_WARN = 5, LOG_ERROR = 6 } LogLevel;

inline bool OH_LOG_IsLoggable(unsigned int, const char *, LogLevel) {
  return std::getenv("HILOG_FILE") != nullptr;
}

inline int OH_LOG_Print(LogType type, LogLevel level, unsigned int domain, const char *tag,
                        const char *format, ...) {
  // Without `{public}`, hilog hides a text.
  if (std::strcmp(format, "%{public}s") != 0) std::abort();
  std::FILE *file = std::fopen(std::getenv("HILOG_FILE"), "a");
  va_list arguments;
  va_start(arguments, format);
  std::fprintf(file, "%d %d %x %s: %s\n", type, level, domain, tag, va_arg(arguments, char *));
  va_end(arguments);
  return std::fclose(file);
}
