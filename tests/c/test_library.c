/* The library itself: versions and names of statuses. */
#include "harness.h"

static const struct {
    int32_t status;
    const char *name;
} names[] = {
    {DJREDIS_OK, "OK"},
    {DJREDIS_MISS, "MISS"},
    {DJREDIS_IGNORED, "IGNORED"},
    {DJREDIS_ERR_NULL, "ERR_NULL"},
    {DJREDIS_ERR_ARGUMENT, "ERR_ARGUMENT"},
    {DJREDIS_ERR_CONFIG, "ERR_CONFIG"},
    {DJREDIS_ERR_PANIC, "ERR_PANIC"},
    {DJREDIS_ERR_CONNECTION, "ERR_CONNECTION"},
    {DJREDIS_ERR_TIMEOUT, "ERR_TIMEOUT"},
    {DJREDIS_ERR_POOL, "ERR_POOL"},
    {DJREDIS_ERR_AUTH, "ERR_AUTH"},
    {DJREDIS_ERR_SERVER, "ERR_SERVER"},
    {DJREDIS_ERR_PROTOCOL, "ERR_PROTOCOL"},
    {DJREDIS_ERR_ENCODE, "ERR_ENCODE"},
    {DJREDIS_ERR_DECODE, "ERR_DECODE"},
    {DJREDIS_ERR_NOT_FOUND, "ERR_NOT_FOUND"},
    {DJREDIS_ERR_UNSUPPORTED, "ERR_UNSUPPORTED"},
    {DJREDIS_ERR_CLOSED, "ERR_CLOSED"},
    {DJREDIS_ERR_FORKED, "ERR_FORKED"},
    {DJREDIS_ERR_CALLBACK, "ERR_CALLBACK"},
    {DJREDIS_ERR_TYPE, "ERR_TYPE"},
    {DJREDIS_ERR_UNAVAILABLE, "ERR_UNAVAILABLE"},
    {DJREDIS_ERR_INTERRUPTED, "ERR_INTERRUPTED"},
};

int main(void)
{
    int major, minor, patch;
    CHECK(djredis_abi() == DJREDIS_ABI);
    CHECK(sscanf(djredis_version(), "%d.%d.%d", &major, &minor, &patch) == 3);
    CHECK(djredis_version() == djredis_version());
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        CHECK(!strcmp(djredis_status_name(names[i].status), names[i].name));
    CHECK(!strcmp(djredis_status_name(3), "UNKNOWN"));
    CHECK(!strcmp(djredis_status_name(-21), "UNKNOWN"));
    CHECK(!strcmp(djredis_status_name(INT32_MIN), "UNKNOWN"));
    CHECK(djredis_ruby_install() == DJREDIS_ERR_UNSUPPORTED); /* no Ruby here */
    CHECK(djredis_cpython_methods() == NULL); /* this is no Python */
    return finish();
}
