/* A release sends to no inspector: it refuses the setting. scripts/test-pc runs it. */
#include "support.h"

static void an_inspector_is_refused_by_name(void)
{
    gadget_config *config = NULL;
    char message[200] = "";
    gadget_slice settings = TEXT("{\"inspector\":\"http://127.0.0.1:8018\"}");
    const char *expected = "inspector: this build has no feature `inspector`";
    CHECK(gadget_config_new(settings, &config, message, sizeof message) == GADGET_INVALID_CONFIG);
    CHECK(strstr(message, expected) == message && config == NULL);
}

static void the_setting_without_a_value_is_taken(void)
{
    gadget_config_free(new_config("{\"inspector\":null}"));
}

int main(void)
{
    an_inspector_is_refused_by_name();
    the_setting_without_a_value_is_taken();
    puts("release: passed");
    return 0;
}
