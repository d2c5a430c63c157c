"""Observes calls: attaches to a call's sideband, keeps the call within its limits, and writes down what happens."""
