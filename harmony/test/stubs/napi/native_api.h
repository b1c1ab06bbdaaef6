// Where OpenHarmony has Node-API; here it is what Node has.
#include <node_api.h>
