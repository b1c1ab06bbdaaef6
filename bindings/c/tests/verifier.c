/* The system's verifier judges certificates, with the server's CA among the system's. */
#include "support.h"

static void a_call_to(const char *host, const char *err_msg)
{
    char settings[300], options[200];
    const char *server = strstr(environment("GADGET_HTTPS"), "//") + 2;
    gadget_client *client;
    gadget_result *result;
    gadget_slice slice;
    waiter waiting = WAITER;
    snprintf(settings, sizeof settings, "{\"resolve\":[\"%s:443:%s\"]}", host, server);
    snprintf(options, sizeof options, "{\"url\":\"https://%s/status/404\"}", host);
    client = new_client(settings);
    CHECK(start(client, options, &waiting, NULL) == GADGET_OK);
    result = wait_for(&waiting);
    CHECK(gadget_result_get_err_msg(result, &slice) == GADGET_OK);
    if (!IS(slice, err_msg)) {
        fprintf(stderr, "%s: %.*s", host, (int)slice.length, (const char *)slice.data);
        if (gadget_result_get_cause(result, &slice) == GADGET_OK)
            fprintf(stderr, " (%.*s)", (int)slice.length, (const char *)slice.data);
        fprintf(stderr, ", not %s\n", err_msg);
        exit(1);
    }
    gadget_result_free(result);
    gadget_client_free(client);
}

int main(void)
{
    /* wine has two faults: it fails if it finds no list of revoked certificates, although
       CERT_CHAIN_POLICY_IGNORE_ALL_REV_UNKNOWN_FLAGS is set; and a revoked one is CERT_E_REVOKED,
       where Windows says CRYPT_E_REVOKED. The engine knows neither of these errors. */
    const char *wine = getenv("GADGET_WINE") ? "request:fail tls: bad certificate" : NULL;
    a_call_to("www.example.com", "request:ok");
    a_call_to("expired.example.com", "request:fail tls: certificate expired");
    a_call_to("wrong-host.example.com", "request:fail tls: wrong host");
    a_call_to("unknown-issuer.example.com", wine ? wine : "request:fail tls: unknown issuer");
#ifdef _WIN32 /* it asks the server for its list of revoked certificates */
    a_call_to("revoked.example.com", wine ? wine : "request:fail tls: revoked");
#endif
    puts("verifier: passed");
    return 0;
}
