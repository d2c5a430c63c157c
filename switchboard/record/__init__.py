"""Holds what is kept of a call: the lines of its journal, how they are written, and the call summary they fold into."""
