/* Whole tags, comments and elements, as the HTML standard's tokenizer reads them. */

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
