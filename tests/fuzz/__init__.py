"""Requests that no browser would send, over all routes, by raw sockets, against the platform's worker library.

    python -m tests.fuzz --seed 1 --requests 10000

odd       sans-I/O: odd values for everything that a request is made of
requests  sans-I/O: a request as bytes, from a seed
answers   sans-I/O: what may not stand in an answer
run       sends the requests to two gateways, one of which wants callers to sign in, and watches their memory
"""
