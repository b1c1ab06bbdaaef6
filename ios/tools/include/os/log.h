/* What the crate oslog needs of Apple's <os/log.h>, for scripts/build-ios --here.
 * Debian and the headers of Zig lack it; on a Mac nobody reads this file. */
#ifndef GADGET_OS_LOG_H
#define GADGET_OS_LOG_H

#include <stdbool.h>
#include <stdint.h>

typedef struct os_log_s *os_log_t;
typedef uint8_t os_log_type_t;

enum {
  OS_LOG_TYPE_DEFAULT = 0x00,
  OS_LOG_TYPE_INFO = 0x01,
  OS_LOG_TYPE_DEBUG = 0x02,
  OS_LOG_TYPE_ERROR = 0x10,
  OS_LOG_TYPE_FAULT = 0x11,
};

extern struct os_log_s _os_log_default;
extern struct mach_header __dso_handle;
extern bool os_log_type_enabled(os_log_t log, os_log_type_t type);
extern void _os_log_impl(void *image, os_log_t log, os_log_type_t type, const char *format,
                         uint8_t *arguments, uint32_t size);

#define OS_LOG_DEFAULT (&_os_log_default)

/* The log reads the format out of the image, so it has a section of its own there. */
#define os_log_with_type(log, type, format, ...)                                              \
  do {                                                                                        \
    __attribute__((section("__TEXT,__oslogstring,cstring_literals"))) static const char       \
        text[] = format;                                                                      \
    if (os_log_type_enabled(log, type)) {                                                     \
      uint8_t arguments[__builtin_os_log_format_buffer_size(format, __VA_ARGS__)];            \
      __builtin_os_log_format(arguments, format, __VA_ARGS__);                                \
      _os_log_impl(&__dso_handle, log, type, text, arguments, sizeof arguments);              \
    }                                                                                         \
  } while (0)

#define os_log(log, ...) os_log_with_type(log, OS_LOG_TYPE_DEFAULT, __VA_ARGS__)
#define os_log_info(log, ...) os_log_with_type(log, OS_LOG_TYPE_INFO, __VA_ARGS__)
#define os_log_debug(log, ...) os_log_with_type(log, OS_LOG_TYPE_DEBUG, __VA_ARGS__)
#define os_log_error(log, ...) os_log_with_type(log, OS_LOG_TYPE_ERROR, __VA_ARGS__)
#define os_log_fault(log, ...) os_log_with_type(log, OS_LOG_TYPE_FAULT, __VA_ARGS__)

#endif
