/* Where a number may begin: the same gaps as in `coarse.py`, and the same that is not clear. */
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { DEPTH = 5, LONGEST = 512 };
enum { NONE, PLAIN, HIGH, TAG, REFERENCE, PERCENT, ESCAPE };
static byte gap[256];

/* Bits, one for each number. */
typedef struct {
    uint64_t of[DEPTH][256]; /* Which have this byte at this depth. */
    uint64_t last[DEPTH];    /* Which end there. */
    uint64_t tight[DEPTH];   /* Which take no gap before it. */
} table;

static int is_hex(byte one)
{
    return (one >= '0' && one <= '9') || ((one | 0x20) >= 'a' && (one | 0x20) <= 'f');
}

static int is_digit(byte one)
{
    return one >= '0' && one <= '9';
}

/* Whether "#..." behind an "&" means a digit. */
static int is_reference(const byte *page, place at, place end)
{
    at++;
    int hex = at < end && (page[at] | 0x20) == 'x';
    for (at += hex; at < end && page[at] == '0'; at++)
        looked++;
    if (hex)
        return at + 1 < end && page[at] == '3' && is_digit(page[at + 1]);
    return at + 1 < end
           && ((page[at] == '4' && (page[at + 1] == '8' || page[at + 1] == '9'))
               || (page[at] == '5' && page[at + 1] >= '0' && page[at + 1] <= '7'));
}

/* All of these return what is behind the gap, 0 where it is none, -1 where it is not clear. */

static place over_tag(const byte *page, place at, place end)
{
    if (end - at >= 4 && memcmp(page + at, "<!--", 4) == 0)
        return -1;
    for (at++; at < end; at++) {
        byte one = page[at];
        if (one == '>')
            return at + 1;
        if (one == '<')
            return 0;
        if (one == '"' || one == '\'') {
            const byte *close = find(page, at + 1, end, one);
            if (!close)
                return 0;
            at = close - page;
        }
    }
    return 0;
}

static place over_reference(const byte *page, place at, place end)
{
    place begin = ++at;
    if (at < end && page[at] == '#') {
        if (is_reference(page, at, end))
            return -1;
        for (at++; at < end && at < begin + 9; at++)
            if (!(is_digit(page[at]) || is[page[at]] & LETTER))
                break;
        if (at < begin + 2)
            return 0;
    } else {
        while (at < end && at < begin + 12 && is[page[at]] & LETTER)
            at++;
        if (at < begin + 2)
            return 0;
    }
    if (at >= end || page[at] != ';')
        return at;
    at++;
    if (at - begin == 3 && memcmp(page + begin, "lt;", 3) == 0)
        return -1;
    if (at - begin == 4 && memcmp(page + begin, "amp;", 4) == 0 && at < end
        && (page[at] == '#' || is[page[at]] & LETTER))
        return -1;
    return at;
}

static place over_escape(const byte *page, place at, place end)
{
    if (end - at < 2)
        return 0;
    if (page[at + 1] != 'u')
        return memchr("/nrt", page[at + 1], 4) ? at + 2 : 0;
    if (end - at < 6)
        return 0;
    if (memcmp(page + at + 2, "003", 3) == 0)
        return -1;
    for (place each = at + 2; each < at + 6; each++)
        if (!is_hex(page[each]))
            return 0;
    return at + 6;
}

static place over(const byte *page, place at, place end)
{
    switch (gap[page[at]]) {
    case PLAIN:
        return at + 1;
    case HIGH:
        return page[at] == 0xEF && at + 1 < end && page[at + 1] == 0xBC ? -1 : at + 1;
    case TAG:
        return over_tag(page, at, end);
    case REFERENCE:
        return over_reference(page, at, end);
    case PERCENT:
        return end - at >= 3 && is_hex(page[at + 1]) && is_hex(page[at + 2]) ? at + 3 : 0;
    case ESCAPE:
        return over_escape(page, at, end);
    }
    return 0;
}

static int may_begin(const byte *page, place at, place end, const table *numbers)
{
    place begin = at;
    uint64_t alive = ~(uint64_t)0;
    int depth = 0;
    if (end - at > LONGEST)
        end = at + LONGEST;
    while (at < end) {
        uint64_t those = alive & numbers->of[depth][page[at]];
        if (those) {
            alive = those;
            if (alive & numbers->last[depth] || ++depth == DEPTH)
                break;
            at++;
            continue;
        }
        alive &= ~numbers->tight[depth];
        place next = alive ? over(page, at, end) : 0;
        if (next < 0)
            break;
        if (next == 0) {
            looked += at - begin + 1;
            return 0;
        }
        at = next;
    }
    looked += at - begin;
    return at < end;
}

/*
 * Most digits are followed by what says no at once: this tells by two bytes, without a branch that
 * nobody could foresee.
 */
typedef struct {
    uint64_t next[256];   /* The second digit, or what begins a long gap. */
    uint64_t plain[256];  /* A gap of one byte. */
    uint64_t second[256]; /* What may be behind that. */
} likelihood;

static void foresee(const table *numbers, likelihood *likely)
{
    for (int each = 0; each < 256; each++) {
        uint64_t those = numbers->of[1][each];
        uint64_t loose = gap[each] ? ~numbers->tight[1] : 0;
        likely->next[each] = those | numbers->last[0] | (gap[each] > HIGH ? loose : 0);
        likely->plain[each] = gap[each] <= HIGH ? loose : 0;
        likely->second[each] = gap[each] ? ~(uint64_t)0 : those;
    }
}

static int keep(PyObject *found, place at)
{
    PyObject *number = PyLong_FromSsize_t(at);
    int failed = number == NULL || PyList_Append(found, number) < 0;
    Py_XDECREF(number);
    return failed;
}

enum { BLOCK = 64 };

#if defined(__SSE2__)
/* Which of 64 bytes are one of these, as bits. */
static uint64_t bits_of(const byte *page, const __m128i *firsts, int count)
{
    uint64_t bits = 0;
    for (int part = 0; part < BLOCK / 16; part++) {
        __m128i here = _mm_loadu_si128((const __m128i *)(page + part * 16));
        __m128i same = _mm_cmpeq_epi8(here, firsts[0]);
        for (int each = 1; each < count; each++)
            same = _mm_or_si128(same, _mm_cmpeq_epi8(here, firsts[each]));
        bits |= (uint64_t)(unsigned)_mm_movemask_epi8(same) << part * 16;
    }
    return bits;
}
#endif

/* Places at which one of the digits stands with which numbers begin, and more of one behind it. */
static int numbers_in(const byte *page, place at, place until, place end, const table *numbers,
                      PyObject *found)
{
    looked += until > at ? until - at : 0;
#if defined(__SSE2__)
    likelihood likely;
    foresee(numbers, &likely);
    __m128i firsts[4];
    int count = 0;
    for (int each = 0; each < 256 && count < 5; each++)
        if (numbers->of[0][each]) {
            if (count < 4)
                firsts[count] = _mm_set1_epi8((char)each);
            count++;
        }
    for (; count > 0 && count < 5 && at + BLOCK <= until && at + BLOCK + 2 <= end; at += BLOCK) {
        place those[BLOCK];
        int many = 0;
        for (uint64_t bits = bits_of(page + at, firsts, count); bits; bits &= bits - 1) {
            const byte *one = page + at + __builtin_ctzll(bits);
            those[many] = one - page;
            many += (numbers->of[0][one[0]]
                     & (likely.next[one[1]] | (likely.plain[one[1]] & likely.second[one[2]])))
                    != 0;
        }
        for (int each = 0; each < many; each++)
            if (may_begin(page, those[each], end, numbers) && keep(found, those[each]))
                return 1;
    }
#endif
    for (; at < until; at++)
        if (numbers->of[0][page[at]] && may_begin(page, at, end, numbers) && keep(found, at))
            return 1;
    return 0;
}

/* Places at which a digit is written as a reference, as an escape of JSON or in full width. */
static int references_in(const byte *page, place start, place until, place end, PyObject *found)
{
    static const byte FIRST[] = {'&', '\\', 0xEF};
    for (int each = 0; each < 3; each++)
        for (place at = start;;) {
            const byte *next = find(page, at, until, FIRST[each]);
            if (!next)
                break;
            at = next - page;
            place left = end - at;
            if ((each == 0 && left > 1 && page[at + 1] == '#' && is_reference(page, at + 1, end))
                || (each == 1 && left > 5 && memcmp(page + at, "\\u003", 5) == 0)
                || (each == 2 && left > 2 && page[at + 1] == 0xBC && page[at + 2] >= 0x90
                    && page[at + 2] <= 0x99))
                if (keep(found, at))
                    return 1;
            at++;
        }
    return 0;
}
