"""Compares what the archive container holds, lists what does not fit together, and mends what can be mended."""
