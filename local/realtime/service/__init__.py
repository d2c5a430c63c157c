"""This room is the HTTP side: the endpoints of the imitated service, and what a running emulator remembers."""
