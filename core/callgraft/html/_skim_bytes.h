/* What a byte is in a tag, and where one is next. */
#include <stdint.h>
#include <string.h>

typedef unsigned char byte;
typedef Py_ssize_t place;

static uint64_t looked = 0;

/* What a byte is in a tag: bits. */
enum { SPACE = 1, SLASH = 2, ENDS_TAG = 4, EQUALS = 8, LETTER = 16 };
static byte is[256];
static const byte NAME_ENDS = SPACE | SLASH | ENDS_TAG;
static const byte ATTRIBUTE_ENDS = SPACE | SLASH | ENDS_TAG | EQUALS;

static const byte *find(const byte *page, place at, place end, byte what)
{
    if (at >= end)
        return NULL;
    const byte *found = memchr(page + at, what, end - at);
    looked += found ? found - page - at + 1 : end - at;
    return found;
}
