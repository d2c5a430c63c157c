"""The tests. docs/testing.md says which are where."""

import os

# Trio comes with Selenium and has a plugin for Hypothesis, which would take a tenth of a second in every process.
os.environ["HYPOTHESIS_NO_PLUGINS"] = "1"
