"""Contains everything that speaks the language of the upstream service, the Realtime API.

`service` is the port that the rest of the gateway uses. `client` implements it with the GA protocol and `preview` with
the deprecated one.
"""
