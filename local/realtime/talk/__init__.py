"""This room holds one call: who says what, in which order, and the events that tell clients about it."""
