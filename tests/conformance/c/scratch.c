/* Memory for one step: taken piece by piece, freed all at once. */
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct piece {
    struct piece *next;
} piece;

static piece *pieces;

void *scratch(size_t size) {
    piece *taken = malloc(sizeof(piece) + size + 1);
    if (!taken) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    taken->next = pieces;
    pieces = taken;
    return taken + 1;
}

void scratch_free(void) {
    while (pieces) {
        piece *next = pieces->next;
        free(pieces);
        pieces = next;
    }
}

static unsigned nibble(char digit) {
    return digit <= '9' ? (unsigned)(digit - '0') : (unsigned)(digit - 'a') + 10;
}

bytes from_hex(const char *text) {
    size_t len = strlen(text) / 2;
    uint8_t *data = scratch(len);
    for (size_t i = 0; i < len; i++)
        data[i] = (uint8_t)(nibble(text[2 * i]) << 4 | nibble(text[2 * i + 1]));
    return (bytes){data, len};
}

char *to_hex(const void *data, size_t len) {
    static const char digits[] = "0123456789abcdef";
    char *text = scratch(2 * len);
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = ((const uint8_t *)data)[i];
        text[2 * i] = digits[byte >> 4];
        text[2 * i + 1] = digits[byte & 15];
    }
    text[2 * len] = 0;
    return text;
}
