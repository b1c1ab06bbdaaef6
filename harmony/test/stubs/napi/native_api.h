// The header of Node-API on OpenHarmony; in tests it is the header of Node.
#include <node_api.h>
