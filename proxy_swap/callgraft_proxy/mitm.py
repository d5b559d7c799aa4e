"""The script for ``mitmdump -s``; its options are those of :class:`CallgraftAddon`."""

from callgraft_proxy.addon import CallgraftAddon

addons = [CallgraftAddon()]
