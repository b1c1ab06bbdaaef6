/* The smallest call: get URL. */
#include <gadget_request.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* On a thread of the library: hand the result over and be quick. */
static void completed(void *context, gadget_result *result)
{
    gadget_slice json;
    if (gadget_result_json(result, &json) == GADGET_OK)
        printf("%.*s\n", (int)json.length, (const char *)json.data);
    gadget_result_free(result);
    fflush(stdout);
    close(*(int *)context); /* main waits for it */
}

int main(int argc, char **argv)
{
    const char *settings = "{\"platform\":\"pc\",\"app_id\":\"cli_9dff7f6ae02ad104\",\"app_version\":\"1.2.0\"}";
    gadget_config *config;
    gadget_client *client;
    char message[200], options[2000];
    int ends[2], length;

    if (gadget_config_new((const uint8_t *)settings, strlen(settings), &config, message, sizeof message)) {
        fprintf(stderr, "%s\n", message);
        return 2;
    }
    if (pipe(ends) || gadget_client_new(config, &client))
        return 2;
    length = snprintf(options, sizeof options, "{\"url\":\"%s\"}", argc > 1 ? argv[1] : "http://open.feishu.cn");
    gadget_client_start(client, (const uint8_t *)options, (size_t)length, NULL, 0, completed, &ends[1], NULL, NULL);
    if (read(ends[0], message, 1) < 0)
        return 2;
    gadget_client_free(client);
    gadget_config_free(config);
    return 0;
}
