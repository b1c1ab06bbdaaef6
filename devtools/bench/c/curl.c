/* libcurl's multi interface on one thread, with its handles kept for the next request. */
#include "peer.h"

#include <curl/curl.h>

/* One request at a time, and its body. */
typedef struct {
    CURL *easy;
    char *body;
    size_t length, capacity;
} transfer;

static work the_work;
static CURLM *multi;
static struct curl_slist *json_type;

static size_t write_body(char *data, size_t one, size_t size, void *context)
{
    transfer *self = context;
    if (!self->capacity) {
        curl_off_t announced = 0;
        curl_easy_getinfo(self->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
        self->capacity = announced > 0 ? (size_t)announced : 1024;
        self->body = malloc(self->capacity);
    }
    while (self->body && self->length + size > self->capacity)
        self->body = realloc(self->body, self->capacity *= 2);
    if (!self->body)
        return 0;
    memcpy(self->body + self->length, data, one * size);
    self->length += size;
    return size;
}

static void open_transfer(transfer *self)
{
    CURL *easy = curl_easy_init();
    const char *roots = getenv("SSL_CERT_FILE");
    memset(self, 0, sizeof *self);
    self->easy = easy;
    curl_easy_setopt(easy, CURLOPT_URL, the_work.url);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, self);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, write_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, self);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (roots && *roots)
        curl_easy_setopt(easy, CURLOPT_CAINFO, roots);
    if (wants(&the_work, "coded"))
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    if (wants(&the_work, "post")) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, the_work.body);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, json_type);
    }
}

static void check(const transfer *self)
{
    long status = 0;
    char *type = NULL;
    curl_easy_getinfo(self->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(self->easy, CURLINFO_CONTENT_TYPE, &type);
    if (status != 200 || !type || self->length != the_work.length)
        fail("a wrong response");
}

static void begin(transfer *self)
{
    self->length = self->capacity = 0;
    if (curl_multi_add_handle(multi, self->easy))
        fail("curl_multi_add_handle");
}

/* Takes one finished transfer, and begins its next one if there is one left. */
static int finish_one(size_t *left)
{
    int queued;
    char *private;
    transfer *self;
    CURLMsg *message = curl_multi_info_read(multi, &queued);
    if (!message)
        return 0;
    if (message->msg != CURLMSG_DONE || message->data.result)
        fail(curl_easy_strerror(message->data.result));
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
    self = (transfer *)(void *)private;
    check(self);
    free(self->body);
    self->body = NULL;
    curl_multi_remove_handle(multi, self->easy);
    if (*left) {
        --*left;
        begin(self);
    }
    return 1;
}

/* Makes `count` requests with these transfers. */
static void run_with(transfer *transfers, size_t open, size_t count)
{
    size_t i, done = 0, left = count;
    int running;
    for (i = 0; i < open && left; i++, left--)
        begin(&transfers[i]);
    while (done < count) {
        if (curl_multi_perform(multi, &running))
            fail("curl_multi_perform");
        while (finish_one(&left))
            done++;
        if (done < count && curl_multi_poll(multi, NULL, 0, 1000, NULL))
            fail("curl_multi_poll");
    }
}

static transfer *open_transfers(size_t count)
{
    transfer *transfers = calloc(count, sizeof *transfers);
    size_t i;
    for (i = 0; transfers && i < count; i++)
        open_transfer(&transfers[i]);
    return transfers;
}

static void close_transfers(transfer *transfers, size_t count)
{
    while (count--)
        curl_easy_cleanup(transfers[count].easy);
    free(transfers);
}

static void run(size_t count)
{
    static transfer *kept;
    if (the_work.in_flight) {
        if (!kept)
            kept = open_transfers(the_work.in_flight);
        run_with(kept, the_work.in_flight, count);
    } else {
        transfer *all = open_transfers(count);
        run_with(all, count, count);
        close_transfers(all, count);
    }
}

int main(int argc, char **argv)
{
    long places;
    the_work = work_of(argc, argv);
    places = the_work.in_flight ? (long)the_work.in_flight : PLACES;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    multi = curl_multi_init();
    json_type = curl_slist_append(NULL, "content-type: application/json");
    curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, places);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, places);
    curl_multi_setopt(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, places);
    serve(run);
    return 0;
}
