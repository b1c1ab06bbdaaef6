/* A program that closes the library does no harm: its calls go on. usage: unload LIBRARY */
#include "support.h"
#ifdef _WIN32
#include <windows.h>
#define dlopen(path, mode) ((void *)LoadLibraryA(path))
#define dlsym(library, name) ((void *)(uintptr_t)GetProcAddress((HMODULE)(library), name))
#define dlclose(library) (!FreeLibrary((HMODULE)(library)))
#else
#include <dlfcn.h>
#endif

/* Declares a function of the opened library, with which this program is not linked. */
#define OPENED(name)                      \
    __typeof__(&name) opened_##name;      \
    *(void **)&opened_##name = dlsym(library, #name); \
    CHECK(opened_##name)

int main(int argc, char **argv)
{
    waiter waiting = WAITER;
    gadget_completion completion = {NULL, on_completed, on_destroyed};
    gadget_slice options = {NULL, 0}, settings = {(const uint8_t *)"{}", 2}, none = {NULL, 0};
    gadget_config *config = NULL;
    gadget_client *client = NULL;
    gadget_result *result;
    bool is_success = false;
    void *library;
    CHECK(argc == 2);
    library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    CHECK(library);
    OPENED(gadget_config_new);
    OPENED(gadget_client_new);
    OPENED(gadget_client_start);
    OPENED(gadget_result_is_success);
    OPENED(gadget_result_free);
    completion.context = &waiting;
    options.data = (const uint8_t *)text("{\"url\":\"%s\"}", "/delay/100");
    options.length = strlen((const char *)options.data);
    CHECK(opened_gadget_config_new(settings, &config, NULL, 0) == GADGET_OK);
    CHECK(opened_gadget_client_new(config, NULL, NULL, &client) == GADGET_OK);
    CHECK(opened_gadget_client_start(client, options, none, &completion, NULL) == GADGET_OK);
    CHECK(dlclose(library) == 0);
    result = wait_for(&waiting);
    CHECK(opened_gadget_result_is_success(result, &is_success) == GADGET_OK && is_success);
    opened_gadget_result_free(result);
    puts("unload: passed");
    return 0;
}
