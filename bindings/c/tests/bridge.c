/* A page in a WebView: messages in, exactly one reply to each, whatever happens meanwhile. */
#include "support.h"

#define PAGE "\"page\":\"0123456789abcdef0123456789abcdef\""
#define HELLO "{" PAGE ",\"hello\":true}"
#define ORIGIN "https://page.example"

/* Waits for one reply. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    char text[4000];
    size_t length;
    bool is_absent, is_text;
    int replied, destroyed;
} answer;

#define ANSWER {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, "", 0, false, false, 0, 0}

static void on_replied(void *context, gadget_slice reply, bool is_text)
{
    answer *self = context;
    pthread_mutex_lock(&self->lock);
    CHECK(self->destroyed == 0 && reply.length < sizeof self->text);
    self->replied++;
    self->is_absent = !reply.data;
    self->is_text = is_text;
    self->length = reply.length;
    if (reply.data)
        memcpy(self->text, reply.data, reply.length);
    self->text[reply.length] = 0;
    pthread_mutex_unlock(&self->lock);
}

static void on_reply_destroyed(void *context)
{
    answer *self = context;
    pthread_mutex_lock(&self->lock);
    self->destroyed++;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

static gadget_status send_from(const gadget_bridge *bridge, gadget_slice message,
                               gadget_slice origin, answer *answered)
{
    gadget_bridge_reply reply = {NULL, on_replied, on_reply_destroyed};
    reply.context = answered;
    return gadget_bridge_receive(bridge, message, origin, true, &reply);
}

/* Sends a message of the page. */
static void sends(const gadget_bridge *bridge, const char *message, answer *answered)
{
    CHECK(send_from(bridge, TEXT(message), TEXT(ORIGIN), answered) == GADGET_OK);
}

static void wait_for_reply(answer *self)
{
    pthread_mutex_lock(&self->lock);
    while (!self->destroyed)
        pthread_cond_wait(&self->changed, &self->lock);
    CHECK(self->replied == 1 && self->destroyed == 1);
    pthread_mutex_unlock(&self->lock);
}

static void has_no_answer(const gadget_bridge *bridge, const char *message)
{
    answer answered = ANSWER;
    sends(bridge, message, &answered);
    wait_for_reply(&answered);
    CHECK(answered.is_absent && answered.length == 0);
}

static gadget_bridge *new_bridge(const gadget_client *client, const char *settings)
{
    gadget_bridge *bridge = NULL;
    char message[200] = "";
    if (gadget_bridge_new(client, TEXT(settings), &bridge, message, sizeof message)) {
        fprintf(stderr, "%s\n", message);
        exit(1);
    }
    return bridge;
}

/* A bridge with one document. */
static gadget_bridge *new_page(const gadget_client *client)
{
    gadget_bridge *bridge = new_bridge(client, "{\"origins\":[\"" ORIGIN "\"],\"bytes\":true}");
    has_no_answer(bridge, HELLO);
    return bridge;
}

static const char *call_of(const char *path)
{
    return text("{" PAGE ",\"call\":1,\"options\":{\"url\":\"%s\"}}", path);
}

static void takes_text(void *context, gadget_slice text)
{
    CHECK(text.data && text.length > 0);
    *(size_t *)context = text.length;
}

static void null_is_detected(void)
{
    gadget_slice settings = TEXT("{}"), invalid = slice(NULL, 1);
    gadget_client *client = new_client("{}");
    gadget_bridge *bridge = NULL;
    size_t length = 0;
    CHECK(gadget_bridge_new(NULL, settings, &bridge, NULL, 0) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_bridge_new(client, ABSENT, &bridge, NULL, 0) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_bridge_new(client, invalid, &bridge, NULL, 0) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_bridge_new(client, settings, NULL, NULL, 0) == GADGET_NULL_ARGUMENT);
    CHECK(bridge == NULL);
    CHECK(gadget_bridge_get_script(NULL, takes_text, &length) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_bridge_close(NULL) == GADGET_NULL_ARGUMENT);
    gadget_bridge_free(NULL);
    bridge = new_bridge(client, "{}");
    CHECK(gadget_bridge_get_script(bridge, NULL, &length) == GADGET_NULL_ARGUMENT && length == 0);
    CHECK(gadget_bridge_receive(bridge, settings, settings, true, NULL) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_bridge_get_script(bridge, takes_text, &length) == GADGET_OK && length > 1000);
    gadget_bridge_free(bridge);
    gadget_client_free(client);
}

static void a_wrong_setting_is_named(void)
{
    gadget_client *client = new_client("{}");
    gadget_bridge *bridge = NULL;
    char message[100] = "", small[8] = "xxxxxxx";
    gadget_slice wrong = TEXT("{\"origins\":[\"page.example\"]}");
    gadget_slice latin1 = TEXT("{\"name\":\"\xe9\"}");
    CHECK(gadget_bridge_new(client, wrong, &bridge, message, sizeof message) ==
          GADGET_INVALID_CONFIG);
    CHECK(strstr(message, "origins[0]: not SCHEME://HOST") == message);
    CHECK(gadget_bridge_new(client, wrong, &bridge, small, sizeof small) == GADGET_INVALID_CONFIG);
    CHECK(strcmp(small, "origins") == 0);
    CHECK(gadget_bridge_new(client, wrong, &bridge, NULL, 0) == GADGET_INVALID_CONFIG);
    CHECK(gadget_bridge_new(client, latin1, &bridge, message, sizeof message) ==
          GADGET_INVALID_CONFIG);
    CHECK(strcmp(message, "not UTF-8") == 0 && bridge == NULL);
    gadget_client_free(client);
}

static void a_refused_message_destroys_its_context_once_and_has_no_reply(void)
{
    gadget_client *client = new_client("{}");
    gadget_bridge *bridge = new_page(client), *freed = new_page(client);
    gadget_slice hello = TEXT(HELLO), origin = TEXT(ORIGIN);
    gadget_slice invalid = slice(NULL, 1), too_long = slice(HELLO, (size_t)-2);
    struct {
        const gadget_bridge *bridge;
        gadget_slice message, origin;
        gadget_status status;
    } refused[] = {
        {NULL, hello, origin, GADGET_NULL_ARGUMENT},
        {bridge, ABSENT, origin, GADGET_NULL_ARGUMENT},
        {bridge, invalid, origin, GADGET_NULL_ARGUMENT},
        {bridge, too_long, origin, GADGET_NULL_ARGUMENT},
        {bridge, hello, ABSENT, GADGET_NULL_ARGUMENT},
        {bridge, hello, invalid, GADGET_NULL_ARGUMENT},
        {freed, hello, origin, GADGET_NO_SUCH_OBJECT},
        {(gadget_bridge *)client, hello, origin, GADGET_NO_SUCH_OBJECT},
        {(gadget_bridge *)&hello, hello, origin, GADGET_NO_SUCH_OBJECT},
    };
    answer incomplete = ANSWER;
    gadget_bridge_reply reply = {NULL, NULL, on_reply_destroyed};
    size_t i;
    gadget_bridge_free(freed);
    for (i = 0; i < sizeof refused / sizeof *refused; i++) {
        answer answered = ANSWER;
        CHECK(send_from(refused[i].bridge, refused[i].message, refused[i].origin, &answered) ==
              refused[i].status);
        CHECK(answered.replied == 0 && answered.destroyed == 1);
    }
    reply.context = &incomplete;
    CHECK(gadget_bridge_receive(bridge, hello, origin, true, &reply) == GADGET_NULL_ARGUMENT);
    CHECK(incomplete.destroyed == 1);
    reply.destroy = NULL;
    CHECK(gadget_bridge_receive(bridge, hello, origin, true, &reply) == GADGET_NULL_ARGUMENT);
    gadget_bridge_free(bridge);
    gadget_client_free(client);
}

static void a_freed_bridge_and_an_object_of_another_type_are_detected(void)
{
    gadget_client *client = new_client("{}");
    gadget_bridge *bridge = new_page(client), *made = NULL;
    size_t length = 0;
    CHECK(gadget_bridge_close((gadget_bridge *)client) == GADGET_NO_SUCH_OBJECT);
    CHECK(gadget_client_shutdown((gadget_client *)bridge) == GADGET_NO_SUCH_OBJECT);
    CHECK(gadget_client_network_changed((gadget_client *)bridge) == GADGET_NO_SUCH_OBJECT);
    CHECK(gadget_bridge_new((gadget_client *)bridge, TEXT("{}"), &made, NULL, 0) ==
              GADGET_NO_SUCH_OBJECT &&
          !made);
    gadget_bridge_free((gadget_bridge *)client);
    CHECK(gadget_client_set_online(client, true) == GADGET_OK);
    gadget_bridge_free(bridge);
    CHECK(gadget_bridge_close(bridge) == GADGET_NO_SUCH_OBJECT);
    CHECK(gadget_bridge_get_script(bridge, takes_text, &length) == GADGET_NO_SUCH_OBJECT);
    gadget_bridge_free(bridge);
    gadget_client_free(client);
}

static void a_call_of_a_page_has_its_result_as_text_or_as_a_frame(void)
{
    gadget_client *client = new_client("{}");
    gadget_bridge *bridge = new_page(client);
    answer texts = ANSWER, bytes = ANSWER, refused = ANSWER;
    sends(bridge, call_of("/status/404"), &texts);
    wait_for_reply(&texts);
    CHECK(texts.is_text && strstr(texts.text, "{\"id\":1," PAGE ",\"result\":"));
    CHECK(strstr(texts.text, "{\"statusCode\":404,"));
    sends(bridge, call_of("/bytes/5\",\"responseType\":\"arraybuffer"), &bytes);
    wait_for_reply(&bytes);
    CHECK(!bytes.is_text && bytes.text[0] == 0 && strstr(bytes.text + 4, "\"result\":") &&
          strcmp(bytes.text + bytes.length - 5, "01234") == 0);
    CHECK(send_from(bridge, TEXT(call_of("/echo")), TEXT("\xff"), &refused) == GADGET_OK);
    wait_for_reply(&refused);
    CHECK(strstr(refused.text, "\"errno\":103") && strstr(refused.text, "\"refused\":"));
    gadget_bridge_free(bridge);
    gadget_client_free(client);
}

static void a_bridge_keeps_its_client_until_it_is_freed(void)
{
    gadget_client *client = new_client("{}");
    gadget_bridge *bridge = new_page(client);
    answer answered = ANSWER, pending = ANSWER;
    gadget_client_free(client);
    sends(bridge, call_of("/status/200"), &answered);
    wait_for_reply(&answered);
    CHECK(strstr(answered.text, "\"statusCode\":200"));
    sends(bridge, call_of("/delay/60000"), &pending);
    gadget_bridge_free(bridge);
    wait_for_reply(&pending);
    CHECK(pending.is_absent);
}

/* Sends messages from within replies, then ends the bridge from within the last one. */
typedef struct {
    gadget_bridge *bridge;
    int left, replied, destroyed;
    bool frees;
} chain;

static void sends_next(chain *self);

static void on_chain_replied(void *context, gadget_slice reply, bool is_text)
{
    chain *self = context;
    (void)is_text;
    self->replied++;
    CHECK(self->replied % 2 == 0 || !reply.data);
    if (self->left > 0) {
        sends_next(self);
    } else if (self->frees) {
        gadget_bridge_free(self->bridge);
    } else {
        CHECK(gadget_bridge_close(self->bridge) == GADGET_OK);
    }
}

static void on_chain_destroyed(void *context)
{
    __atomic_add_fetch(&((chain *)context)->destroyed, 1, __ATOMIC_SEQ_CST);
}

/* A hello, whose reply comes at once, and a call, whose reply comes on another thread, by turns. */
static void sends_next(chain *self)
{
    gadget_bridge_reply reply = {NULL, on_chain_replied, on_chain_destroyed};
    gadget_slice message = TEXT(self->left % 2 == 0 ? HELLO : call_of("/status/200"));
    self->left--;
    reply.context = self;
    CHECK(gadget_bridge_receive(self->bridge, message, TEXT(ORIGIN), true, &reply) == GADGET_OK);
}

static void a_reply_can_send_messages_and_close_or_free_its_bridge(void)
{
    int frees;
    for (frees = 0; frees < 2; frees++) {
        gadget_client *client = new_client("{}");
        chain all = {NULL, 20, 0, 0, false};
        all.bridge = new_page(client);
        all.frees = frees;
        sends_next(&all);
        while (__atomic_load_n(&all.destroyed, __ATOMIC_SEQ_CST) < 20)
            sched_yield();
        CHECK(all.replied == 20 && all.destroyed == 20);
        CHECK(gadget_bridge_close(all.bridge) == (frees ? GADGET_NO_SUCH_OBJECT : GADGET_OK));
        gadget_bridge_free(all.bridge);
        gadget_client_free(client);
    }
}

static void a_closed_bridge_answers_nothing(void)
{
    gadget_client *client = new_client("{}");
    gadget_bridge *bridge = new_page(client);
    answer pending = ANSWER;
    size_t length = 0, in_flight = 1;
    sends(bridge, call_of("/delay/60000"), &pending);
    CHECK(gadget_bridge_close(bridge) == GADGET_OK);
    wait_for_reply(&pending);
    CHECK(pending.is_absent);
    CHECK(gadget_client_get_in_flight(client, &in_flight) == GADGET_OK && in_flight == 0);
    CHECK(gadget_bridge_close(bridge) == GADGET_OK);
    has_no_answer(bridge, HELLO);
    has_no_answer(bridge, call_of("/status/200"));
    has_no_answer(bridge, "{");
    CHECK(gadget_bridge_get_script(bridge, takes_text, &length) == GADGET_OK && length > 0);
    gadget_bridge_free(bridge);
    gadget_client_free(client);
}

enum { MESSAGES = 200 };

typedef struct {
    const gadget_bridge *bridge;
    char message[1000];
    answer answers[MESSAGES];
} sender;

static void *send_all(void *context)
{
    sender *self = context;
    int i;
    for (i = 0; i < MESSAGES; i++)
        sends(self->bridge, i % 10 == 0 ? HELLO : self->message, &self->answers[i]);
    return NULL;
}

static void each_message_has_one_reply_while_another_thread_closes_the_bridge(void)
{
    static const answer empty = ANSWER;
    static sender one;
    int round, i;
    for (round = 0; round < 5; round++) {
        gadget_client *client = new_client("{}");
        gadget_bridge *bridge = new_page(client);
        size_t in_flight = 1, queued = 1;
        pthread_t thread;
        one.bridge = bridge;
        strcpy(one.message, call_of("/delay/60000"));
        for (i = 0; i < MESSAGES; i++)
            one.answers[i] = empty;
        CHECK(pthread_create(&thread, NULL, send_all, &one) == 0);
        while (__atomic_load_n(&one.answers[10 * round].replied, __ATOMIC_SEQ_CST) == 0)
            sched_yield();
        CHECK(gadget_bridge_close(bridge) == GADGET_OK);
        CHECK(pthread_join(thread, NULL) == 0);
        for (i = 0; i < MESSAGES; i++)
            wait_for_reply(&one.answers[i]);
        CHECK(gadget_client_get_in_flight(client, &in_flight) == GADGET_OK && in_flight == 0);
        CHECK(gadget_client_get_queued(client, &queued) == GADGET_OK && queued == 0);
        gadget_bridge_free(bridge);
        gadget_client_free(client);
    }
}

int main(void)
{
    null_is_detected();
    a_wrong_setting_is_named();
    a_refused_message_destroys_its_context_once_and_has_no_reply();
    a_freed_bridge_and_an_object_of_another_type_are_detected();
    a_call_of_a_page_has_its_result_as_text_or_as_a_frame();
    a_bridge_keeps_its_client_until_it_is_freed();
    a_reply_can_send_messages_and_close_or_free_its_bridge();
    a_closed_bridge_answers_nothing();
    each_message_has_one_reply_while_another_thread_closes_the_bridge();
    puts("bridge: passed");
    return 0;
}
