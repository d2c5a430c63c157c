"""The upstream service: client secrets, calls, hang-up and the sideband of the Realtime API (GA)."""
