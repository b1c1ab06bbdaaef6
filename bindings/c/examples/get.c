/* The smallest call: get URL. */
#include <gadget_request.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TEXT(text) (const uint8_t *)(text), strlen(text)

static void completed(void *done, gadget_result *result) /* on a thread of the library */
{
    gadget_slice json;
    gadget_result_json(result, &json);
    printf("%.*s\n", (int)json.length, (const char *)json.data);
    gadget_result_free(result);
    close(*(int *)done);
}

int main(int argc, char **argv)
{
    gadget_config *config;
    gadget_client *client;
    char options[2000];
    int done[2];
    snprintf(options, sizeof options, "{\"url\":\"%s\"}", argc > 1 ? argv[1] : "http://open.feishu.cn");
    if (pipe(done) || gadget_config_new(TEXT("{\"platform\":\"pc\"}"), &config, NULL, 0) ||
        gadget_client_new(config, &client))
        return 2;
    gadget_client_start(client, TEXT(options), NULL, 0, completed, &done[1], NULL, NULL);
    while (read(done[0], options, 1) > 0)
        ; /* until completed closes it */
    gadget_client_free(client);
    gadget_config_free(config);
    return 0;
}
