"""Blob and Queue storage in memory, for measurements and for faults on order.

server     HTTP: which operation a request is, faults, latency, and the control port
blobs      sans-I/O: containers and blobs, their conditions and listings
leases     sans-I/O: leases of blobs
queues     sans-I/O: queues and their messages
answers    what both services answer with: results, errors, times

What it does not do, on purpose: it checks no signature and no token (whoever asks is let in), keeps no snapshots,
versions, tags, tiers, copies, block lists or page blobs, answers in path style only, and forgets everything at its end.
A request it does not understand is answered with 501 and counted as `unknown`.
"""
