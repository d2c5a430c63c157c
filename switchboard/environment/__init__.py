"""This package reads the settings from the environment, and names every fault at once."""

from switchboard.environment.reading import read_settings as read_settings
