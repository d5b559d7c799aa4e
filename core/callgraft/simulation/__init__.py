"""
A made-up site with visitors and callers, on which policies of call tracking are compared.

``people`` and ``world`` make what happens, ``product`` plays it to this program's own client,
``rivals`` to the trade's two policies; ``outcomes`` and ``trials`` count what came of it.
"""
