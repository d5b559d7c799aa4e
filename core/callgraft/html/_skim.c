/*
 * What goes over every byte of a page, in C: whole tags are passed, and it is told where a number
 * may begin. Optional: `skim.py` says what is done without it, and both come to the same places.
 *
 * No function looks before where it is told to begin, or from where it is told to end on; none keeps
 * anything but a count of the bytes it looked at: the tests see by it that no page takes more than
 * linear time.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "_skim_bytes.h"
#include "_skim_tags.h"
#include "_skim_numbers.h"

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
