"""The upstream service: client secrets, calls, hang-up and the sideband of the Realtime API.

`service` is the port; `client` speaks GA, `preview` the deprecated protocol.
"""
