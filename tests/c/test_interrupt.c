/* Signals during a wait: the host's check decides whether the call goes on with the time that is left. */
#include "harness.h"

#include "listener.h"

#include <signal.h>
#include <sys/time.h>

static volatile sig_atomic_t signals;
static int asked;

static void on_alarm(int number)
{
    (void)number;
    signals++;
}

/* Every 20 ms; 0 ends it. With SA_RESTART a handler asks that system calls go on as if nothing had been. */
static void ring(int microseconds, int flags)
{
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = flags};
    struct itimerval every = {{0, microseconds}, {0, microseconds}};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &every, NULL);
}

static int32_t go_on(void *ctx)
{
    asked++;
    CHECK(ctx == &asked);
    return 0;
}

static int32_t stop(void *ctx)
{
    ++*(int *)ctx;
    return 1;
}

static djredis_cache *full;

/* What a host's signal handler may do: use the very cache whose call it interrupts. */
static int32_t use_the_cache(void *ctx)
{
    djredis_value slot = {0};
    djredis_call call = {.struct_size = sizeof call, .deadline_ms = 1};
    static int inside;
    if (inside)
        return 0;
    inside = 1;
    ++*(int *)ctx;
    CHECK(djredis_cache_stats(full, &slot) == DJREDIS_OK);
    CHECK(djredis_cache_get(full, TEXT("k"), &call, &slot) == DJREDIS_ERR_POOL);
    djredis_value_clear(&slot);
    inside = 0;
    return 0;
}

static void *give_up(void *argument)
{
    sleep(60);
    fprintf(stderr, "a call that was interrupted hangs\n");
    _exit(3);
    return argument;
}

/* While a call waits for a connection, no lock is held that its check could need. */
static void interrupted_in_the_pool(char **arguments)
{
    djredis_call call = {.struct_size = sizeof call, .deadline_ms = 300};
    djredis_conn *conn = NULL;
    pthread_t watchdog;
    sigset_t alarms, before;
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &alarms, &before);
    pthread_create(&watchdog, NULL, give_up, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_detach(watchdog);
    full = open_private(arguments, (const char *const[]){"MAX_CONNECTIONS", "1", NULL});
    EXPECT(DJREDIS_OK, djredis_conn_acquire(full, NULL, &conn, &out));
    asked = 0;
    EXPECT(DJREDIS_OK, djredis_set_interrupt_check(use_the_cache, &asked));
    EXPECT(DJREDIS_ERR_POOL, djredis_cache_get(full, TEXT("k"), &call, &out));
    CHECK(asked > 0);
    EXPECT(DJREDIS_OK, djredis_set_interrupt_check(NULL, NULL));
    djredis_conn_release(conn);
    EXPECT(DJREDIS_MISS, djredis_cache_get(full, TEXT("no such key"), NULL, &out));
    djredis_cache_free(full);
}

static int32_t wait_for(const char *location, int64_t deadline_ms)
{
    djredis_cache *cache = open_at(location, NULL);
    djredis_call call = {.struct_size = sizeof call, .deadline_ms = deadline_ms};
    int32_t status = djredis_cache_get(cache, TEXT("k"), &call, &out);
    djredis_cache_free(cache);
    return status;
}

/* A message that comes after the interrupt is for nobody: the connection does not go back to the pool. */
static void interrupted_while_listening(char **arguments)
{
    static const uint32_t lens[] = {9, 4};
    djredis_cache *cache = open_private(arguments, (const char *const[]){"MAX_CONNECTIONS", "1", NULL});
    djredis_call call = {.struct_size = sizeof call, .deadline_ms = 60000};
    djredis_conn *conn = NULL;
    EXPECT(DJREDIS_OK, djredis_conn_acquire(cache, NULL, &conn, &out));
    EXPECT(DJREDIS_OK, djredis_conn_send(conn, 2, "SUBSCRIBEnews", lens, NULL, &out));
    EXPECT(DJREDIS_OK, djredis_conn_receive(conn, NULL, &out));
    EXPECT(DJREDIS_OK, djredis_set_interrupt_check(stop, &asked));
    EXPECT(DJREDIS_ERR_INTERRUPTED, djredis_conn_receive(conn, &call, &out));
    EXPECT(DJREDIS_OK, djredis_set_interrupt_check(NULL, NULL));
    djredis_conn_release(conn);
    EXPECT(DJREDIS_MISS, djredis_cache_get(cache, TEXT("no such key"), NULL, &out));
    djredis_cache_free(cache);
}

static void interrupted(char **arguments, int flags)
{
    struct listener *silent = listen_and(KEEP_SILENT);
    djredis_cache *cache = open_private(arguments, NULL);
    djredis_value one = int_value(1);

    signals = 0;
    ring(20000, flags);
    /* No check: signals change nothing, the deadline ends the call. */
    EXPECT(DJREDIS_ERR_TIMEOUT, wait_for(silent->location, 150));
    CHECK(signals > 0);

    asked = 0;
    EXPECT(DJREDIS_OK, djredis_set_interrupt_check(go_on, &asked));
    EXPECT(DJREDIS_ERR_TIMEOUT, wait_for(silent->location, 1000));
    CHECK(asked > 0);

    asked = 0;
    EXPECT(DJREDIS_OK, djredis_set_interrupt_check(stop, &asked));
    EXPECT_ERROR(DJREDIS_ERR_INTERRUPTED, "interrupt", wait_for(silent->location, 60000));
    CHECK(asked == 1);

    EXPECT(DJREDIS_OK, djredis_set_interrupt_check(NULL, NULL));
    EXPECT(DJREDIS_ERR_TIMEOUT, wait_for(silent->location, 150));
    CHECK(asked == 1);

    interrupted_in_the_pool(arguments);
    interrupted_while_listening(arguments);

    /* A working server is not disturbed at all. */
    for (int i = 0; i < 500; i++)
        EXPECT(DJREDIS_OK, djredis_cache_set(cache, TEXT("k"), &one, NULL, &out));
    ring(0, flags);
    djredis_cache_free(cache);
    stop_listening(silent);
}

int main(int count, char **arguments)
{
    CHECK(count == 2);
    interrupted(arguments, 0);
    interrupted(arguments, SA_RESTART);
    return finish();
}
