/*
 * What goes over every byte of a page, in C: whole tags are passed, and it is told where a number
 * may begin. Optional: `skim.py` says what is done without it, and both come to the same places.
 *
 * No function looks before `pos`, or from `most` on; none keeps anything but a count of the bytes
 * it looked at, which the tests need to see that nothing takes more than linear time.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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

/* ------------------------------------------------------------------ whole tags and elements -- */

/* Return what is behind the tag whose name ends at `at`, -1 where it has no end. */
static place tag_end(const byte *page, place at, place end, int *slash)
{
    place begin = at;
    *slash = 0;
    for (;;) {
        *slash = 0;
        for (; at < end && is[page[at]] & (SPACE | SLASH); at++)
            *slash = page[at] == '/';
        if (at >= end)
            break;
        if (page[at] == '>') {
            looked += at - begin + 1;
            return at + 1;
        }
        for (at++; at < end && !(is[page[at]] & ATTRIBUTE_ENDS); at++)
            ;
        place value = at;
        while (value < end && is[page[value]] & SPACE)
            value++;
        if (value >= end || page[value] != '=')
            continue;
        for (value++; value < end && is[page[value]] & SPACE; value++)
            ;
        if (value >= end)
            break;
        at = value;
        if (page[at] == '"' || page[at] == '\'') {
            const byte *close = find(page, at + 1, end, page[at]);
            if (!close)
                break;
            looked -= close - page - at;
            at = close - page + 1;
        } else
            while (at < end && !(is[page[at]] & (SPACE | ENDS_TAG)))
                at++;
    }
    looked += at - begin;
    return -1;
}

static place name_end(const byte *page, place at, place end)
{
    while (at < end && !(is[page[at]] & NAME_ENDS))
        at++;
    return at;
}

static int is_named(const byte *page, place at, place end, const char *name)
{
    place length = (place)strlen(name);
    if (end - at != length)
        return 0;
    for (place each = 0; each < length; each++)
        if ((page[at + each] | 0x20) != name[each] || !(is[page[at + each]] & LETTER))
            return 0;
    return 1;
}

/* What is behind a comment whose "<!--" ends at `at`. */
static place comment_end(const byte *page, place at, place end)
{
    place from = at;
    if (at < end && page[at] == '>')
        return at + 1;
    if (at + 1 < end && page[at] == '-' && page[at + 1] == '>')
        return at + 2;
    for (;;) {
        const byte *found = find(page, at, end, '>');
        if (!found)
            return -1;
        place hyphens = found - page;
        at = hyphens + 1;
        if (hyphens > from && page[hyphens - 1] == '!')
            hyphens--;
        if (hyphens - 2 >= from && page[hyphens - 1] == '-' && page[hyphens - 2] == '-')
            return at;
    }
}

/* What is behind the end tag of an element without markup, whose content begins at `at`. */
static place raw_end(const byte *page, place at, place end, const char *name, int is_script)
{
    place length = (place)strlen(name);
    int slash;
    for (;;) {
        const byte *found = find(page, at, end, '<');
        if (!found)
            return -1;
        place open = found - page;
        at = open + 1;
        if (end - open < length + 3)
            return -1;
        if (is_script && page[at] == '!' && page[at + 1] == '-' && page[at + 2] == '-')
            return -1; /* It may change what the end is. */
        if (page[at] == '/' && is_named(page, at + 1, at + 1 + length, name)
            && is[page[at + 1 + length]] & NAME_ENDS)
            return tag_end(page, at + 1 + length, end, &slash);
    }
}

static const char *const DRAWN[] = {
    "path", "g", "use", "circle", "rect", "line", "polygon", "polyline", "ellipse", "defs",
    "symbol", "stop", "lineargradient", "radialgradient", "clippath", "mask", "animate", NULL,
};

/* What is behind a drawing in which nothing is but lines and figures. */
static place svg_end(const byte *page, place at, place end)
{
    int slash;
    for (;;) {
        const byte *found = find(page, at, end, '<');
        if (!found || found - page + 2 >= end)
            return -1;
        place name = found - page + 1;
        int is_closing = page[name] == '/';
        name += is_closing;
        if (!(is[page[name]] & LETTER))
            return -1;
        place named = name_end(page, name, end);
        at = tag_end(page, named, end, &slash);
        if (at < 0)
            return -1;
        if (is_named(page, name, named, "svg"))
            return is_closing ? at : -1;
        const char *const *each = DRAWN;
        while (*each && !is_named(page, name, named, *each))
            each++;
        if (!*each)
            return -1;
    }
}

static const char *const RAW[] = {
    "script", "style", "title", "textarea", "iframe", "xmp", "noembed", "noframes", NULL,
};

static place element_end(const byte *page, place name, place end, int only_tags)
{
    int slash;
    place named = name_end(page, name, end);
    looked += named - name;
    place at = tag_end(page, named, end, &slash);
    if (at < 0 || !memchr("stixnpm", page[name] | 0x20, 7))
        return at;
    for (const char *const *each = RAW; *each; each++)
        if (is_named(page, name, named, *each))
            return only_tags ? -1 : raw_end(page, at, end, *each, each == RAW);
    if (is_named(page, name, named, "svg"))
        return slash ? at : only_tags ? -1 : svg_end(page, at, end);
    if (is_named(page, name, named, "math"))
        return slash ? at : -1;
    return is_named(page, name, named, "plaintext") ? -1 : at;
}

/*
 * What is behind the tag, comment or element that the "<" at `open` begins; -1 when in doubt, and
 * for comments and elements without markup where `only_tags` are passed.
 */
static place behind(const byte *page, place open, place end, int only_tags)
{
    int slash;
    if (end - open < 3)
        return -1;
    byte first = page[open + 1], second = page[open + 2];
    if (is[first] & LETTER)
        return element_end(page, open + 1, end, only_tags);
    if (first == '/' && is[second] & LETTER)
        return tag_end(page, name_end(page, open + 2, end), end, &slash);
    if (first == '/' && second == '>')
        return open + 3;
    if (first == '!') {
        if (end - open < 9)
            return -1;
        if (second == '-' && page[open + 3] == '-')
            return only_tags ? -1 : comment_end(page, open + 4, end);
        if (memcmp(page + open + 2, "[CDATA[", 7) == 0)
            return -1;
    } else if (first != '/' && first != '?')
        return open + 1;
    const byte *found = find(page, open + 2, end, '>');
    return found ? found - page + 1 : -1;
}

static place skim(const byte *page, place at, place until, place most, int only_tags)
{
    while (at < until) {
        const byte *found = find(page, at, until, '<');
        if (!found)
            return until;
        at = behind(page, found - page, most, only_tags);
        if (at < 0)
            return found - page;
    }
    return at;
}

/* ------------------------------------------------------------- where a number may begin ------ */

enum { DEPTH = 5, LONGEST = 512 };
enum { NONE, PLAIN, HIGH, TAG, REFERENCE, PERCENT, ESCAPE };
static byte gap[256];

/* For each depth and byte: a bit for each number of which it is the digit there. Then, for each
 * depth, the numbers that end there. */
typedef struct {
    uint64_t of[DEPTH][256];
    uint64_t last[DEPTH];
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
        place next = depth ? over(page, at, end) : 0;
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
    uint64_t next[256];   /* The second digit; anything for what begins a long gap. */
    uint64_t plain[256];  /* All bits, where the byte is a gap of its own. */
    uint64_t second[256]; /* What may be behind that. */
} likelihood;

static void foresee(const table *numbers, likelihood *likely)
{
    for (int each = 0; each < 256; each++) {
        uint64_t those = numbers->of[1][each];
        likely->next[each] = gap[each] > HIGH ? ~(uint64_t)0 : those | numbers->last[0];
        likely->plain[each] = gap[each] == PLAIN || gap[each] == HIGH ? ~(uint64_t)0 : 0;
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

/* ------------------------------------------------------------------------- for Python -------- */

/* Read a page and what is between its start and its end; -1 with an exception set. */
static int read_page(PyObject *const *args, int counts, Py_buffer *page, place *told)
{
    for (int each = 0; each < counts; each++) {
        told[each] = PyLong_AsSsize_t(args[each + 1]);
        if (told[each] == -1 && PyErr_Occurred())
            return -1;
    }
    if (PyObject_GetBuffer(args[0], page, PyBUF_SIMPLE) < 0)
        return -1;
    for (int each = 0; each < counts; each++) {
        told[each] = told[each] < 0 ? 0 : told[each];
        told[each] = told[each] > page->len ? page->len : told[each];
    }
    return 0;
}

static PyObject *py_skim(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Py_buffer page;
    place told[3];
    if (count != 4) {
        PyErr_SetString(PyExc_TypeError, "skim(page, pos, until, most)");
        return NULL;
    }
    if (read_page(args, 3, &page, told) < 0)
        return NULL;
    place most = told[2] > told[1] ? told[2] : told[1];
    place at = skim(page.buf, told[0], told[1], most, 0);
    PyBuffer_Release(&page);
    return PyLong_FromSsize_t(at);
}

static PyObject *py_tags(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Py_buffer page;
    place told[2];
    if (count != 3) {
        PyErr_SetString(PyExc_TypeError, "tags(page, pos, until)");
        return NULL;
    }
    if (read_page(args, 2, &page, told) < 0)
        return NULL;
    place at = skim(page.buf, told[0], told[1], told[1], 1);
    PyBuffer_Release(&page);
    return PyLong_FromSsize_t(at);
}

static PyObject *py_beginnings(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Py_buffer page;
    place told[3];
    if (count != 5 || !PyBytes_Check(args[4]) || PyBytes_GET_SIZE(args[4]) != sizeof(table)) {
        PyErr_SetString(PyExc_TypeError, "beginnings(page, start, until, end, table)");
        return NULL;
    }
    if (read_page(args, 3, &page, told) < 0)
        return NULL;
    table numbers;
    memcpy(&numbers, PyBytes_AS_STRING(args[4]), sizeof(table));
    PyObject *found = PyList_New(0);
    place end = told[2] > told[1] ? told[2] : told[1];
    if (found && numbers_in(page.buf, told[0], told[1], end, &numbers, found))
        Py_CLEAR(found);
    PyBuffer_Release(&page);
    return found;
}

static PyObject *py_references(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Py_buffer page;
    place told[3];
    if (count != 4) {
        PyErr_SetString(PyExc_TypeError, "references(page, start, until, end)");
        return NULL;
    }
    if (read_page(args, 3, &page, told) < 0)
        return NULL;
    PyObject *found = PyList_New(0);
    place end = told[2] > told[1] ? told[2] : told[1];
    if (found && references_in(page.buf, told[0], told[1], end, found))
        Py_CLEAR(found);
    PyBuffer_Release(&page);
    return found;
}

static PyObject *py_looked(PyObject *module, PyObject *nothing)
{
    return PyLong_FromUnsignedLongLong(looked);
}

static PyMethodDef METHODS[] = {
    {"skim", (PyCFunction)(void (*)(void))py_skim, METH_FASTCALL, "Pass text and whole elements."},
    {"tags", (PyCFunction)(void (*)(void))py_tags, METH_FASTCALL, "Pass text and whole tags."},
    {"beginnings", (PyCFunction)(void (*)(void))py_beginnings, METH_FASTCALL,
     "Where a number may begin."},
    {"references", (PyCFunction)(void (*)(void))py_references, METH_FASTCALL,
     "Where a digit is written otherwise."},
    {"looked", py_looked, METH_NOARGS, "How many bytes were looked at so far."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef MODULE = {PyModuleDef_HEAD_INIT, "_skim", NULL, -1, METHODS};

PyMODINIT_FUNC PyInit__skim(void)
{
    for (const char *each = "\t\n\f\r "; *each; each++)
        is[(byte)*each] = SPACE;
    is['/'] = SLASH;
    is['>'] = ENDS_TAG;
    is['='] = EQUALS;
    for (int each = 'a'; each <= 'z'; each++)
        is[each] = is[each - 0x20] = LETTER;
    for (const char *each = "\t\n\f\r -./()"; *each; each++)
        gap[(byte)*each] = PLAIN;
    memset(gap + 0x80, HIGH, 0x80);
    gap['<'] = TAG;
    gap['&'] = REFERENCE;
    gap['%'] = PERCENT;
    gap['\\'] = ESCAPE;
    return PyModule_Create(&MODULE);
}
