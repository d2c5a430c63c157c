"""The assistants of the gateway: each is written down in one file, which a team reviews like code."""
