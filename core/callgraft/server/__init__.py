"""
The tracking server: the tracking engine for doors on other machines, over HTTP.

It needs the extra ``callgraft[server]``; :mod:`callgraft.server.issuing` alone does not.
"""
