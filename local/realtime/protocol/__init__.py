"""This room is the protocol in words: events, session objects, and how the preview protocol differs from GA."""
