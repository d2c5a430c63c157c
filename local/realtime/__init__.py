"""A stand-in for the Azure OpenAI Realtime API (GA protocol) on one machine. See README.md for what it is not."""
