/* One cache, many threads; and a pool that has no connection left. */
#include "harness.h"

#include "listener.h"

#include <pthread.h>
#include <unistd.h>

enum { THREADS = 8, ROUNDS = 300 };

static djredis_cache *cache;

/* Each thread has its own key and its own slot, and must see its own values. */
static void *work(void *argument)
{
    int number = (int)(intptr_t)argument;
    intptr_t wrong = 0;
    djredis_value slot = {0}, value = int_value(0);
    char key[16];
    int len = snprintf(key, sizeof key, "thread%d", number);
    for (int i = 0; i < ROUNDS; i++) {
        value.integer = number * ROUNDS + i;
        wrong += djredis_cache_set(cache, key, (size_t)len, &value, NULL, &slot) != DJREDIS_OK;
        wrong += djredis_cache_get(cache, key, (size_t)len, NULL, &slot) != DJREDIS_OK;
        wrong += slot.type != DJREDIS_INT || slot.integer != value.integer;
        wrong += djredis_cache_incr(cache, TEXT("shared"), 1, NULL, &slot) != DJREDIS_OK;
        wrong += djredis_cache_get(cache, TEXT("no such key"), NULL, &slot) != DJREDIS_MISS;
    }
    djredis_value_clear(&slot);
    return (void *)wrong;
}

static void together(void)
{
    pthread_t threads[THREADS];
    djredis_value zero = int_value(0);
    EXPECT(DJREDIS_OK, djredis_cache_set(cache, TEXT("shared"), &zero, NULL, &out));
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, work, (void *)(intptr_t)i) == 0);
    for (int i = 0; i < THREADS; i++) {
        void *wrong = NULL;
        CHECK(pthread_join(threads[i], &wrong) == 0 && wrong == NULL);
    }
    EXPECT(DJREDIS_OK, djredis_cache_get(cache, TEXT("shared"), NULL, &out));
    CHECK(out.integer == THREADS * ROUNDS);
}

/* Threads that come and go, with more of them than connections. */
static void short_lived(void)
{
    for (int i = 0; i < 50; i++) {
        pthread_t thread;
        void *wrong = NULL;
        CHECK(pthread_create(&thread, NULL, work, (void *)(intptr_t)(THREADS + i % 2)) == 0);
        CHECK(pthread_join(thread, &wrong) == 0 && wrong == NULL);
    }
}

static void *closing(void *argument)
{
    usleep(20 * 1000);
    djredis_cache_close(argument);
    return NULL;
}

/* Closing from another thread: running calls finish, later ones answer ERR_CLOSED. */
static void closed_meanwhile(char **arguments)
{
    djredis_cache *mine = open_private(arguments, NULL);
    djredis_value value = int_value(1);
    int32_t status = DJREDIS_OK;
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, closing, mine) == 0);
    while (status == DJREDIS_OK)
        status = djredis_cache_set(mine, TEXT("closing"), &value, NULL, &out);
    EXPECT(DJREDIS_ERR_CLOSED, status);
    CHECK(pthread_join(thread, NULL) == 0);
    djredis_cache_free(mine);
}

static djredis_cache *full;

static void *occupy(void *argument)
{
    djredis_value slot = {0};
    djredis_call call = {.struct_size = sizeof call, .deadline_ms = 5000};
    int32_t status = djredis_cache_get(full, TEXT("k"), &call, &slot);
    djredis_value_clear(&slot);
    *(int32_t *)argument = status;
    return NULL;
}

/* The only connection waits for a silent server; the next caller gets ERR_POOL by its own deadline. */
static void pool_is_empty(void)
{
    struct listener *silent = listen_and(KEEP_SILENT);
    djredis_call call = {.struct_size = sizeof call, .deadline_ms = 200};
    int32_t status = DJREDIS_OK;
    pthread_t thread;
    full = open_at(silent->location, (const char *const[]){"MAX_CONNECTIONS", "1", NULL});
    CHECK(pthread_create(&thread, NULL, occupy, &status) == 0);
    wait_for_client(silent);
    EXPECT_ERROR(DJREDIS_ERR_POOL, "MAX_CONNECTIONS", djredis_cache_get(full, TEXT("k"), &call, &out));
    CHECK(out.flags == (DJREDIS_NOT_SENT | DJREDIS_AWAY));
    stop_listening(silent);
    CHECK(pthread_join(thread, NULL) == 0);
    EXPECT(DJREDIS_ERR_CONNECTION, status);
    djredis_cache_free(full);
}

int main(int count, char **arguments)
{
    CHECK(count == 2);
    cache = open_private(arguments, NULL);
    together();
    djredis_cache_free(cache);
    cache = open_private(arguments, (const char *const[]){"MAX_CONNECTIONS", "3", NULL});
    together();
    short_lived();
    djredis_cache_free(cache);
    closed_meanwhile(arguments);
    pool_is_empty();
    return finish();
}
