"""The Realtime service without media: client secrets, calls, hang-up and sidebands, and a ledger of the truth.

server     HTTP and WebSocket, over TLS or not; faults on order
sidebands  an attached sideband: what it is sent, and how a fault spoils that
calls      a call: it is created, joined, talks in real time, and ends
events     sans-I/O: the events of a turn, in the order and shape of the service
ledger     what was really said and billed, who heard it, and who ended the call
tls        a certificate authority made on the spot

What it does not do, on purpose: there is no WebRTC peer and no audio, so that a call is joined and left by a method; it
checks neither keys nor the session's configuration, knows no tools and no preview protocol, and keeps no rate limits.
Its answers follow what the real service was recorded to answer; what was never recorded (how a call ends for its
sideband when it is hung up in mid-answer, above all) is a guess. The emulator in local/realtime is the true peer.
"""
