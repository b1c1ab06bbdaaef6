/* A program that is linked as MSVC does it: with gadget_request.lib, here without a C library. It
 * returns 0 if it reaches the DLL. scripts/test-windows builds and runs it. */
#include <gadget_request.h>

int start(void)
{
    static const char settings[] = "{\"platform\":7}";
    const gadget_slice json = {(const uint8_t *)settings, sizeof settings - 1};
    gadget_config *config = NULL;
    static char message[100]; /* static: memset would need a C library */
    if (gadget_abi_version() != GADGET_ABI_VERSION)
        return 1;
    if (gadget_config_new(json, &config, message, sizeof message) != GADGET_INVALID_CONFIG)
        return 2;
    return message[0] == 'p' && message[7] == 'm' ? 0 : 3; /* it names `platform` */
}
