"""The weights of attribution: how fast a session in a given state rings, and who else may."""
