"""Switchboard: a serverless gateway that puts a realtime voice model on a web page.

The rooms, from the edge inwards. Imports go down this list and never up (import-linter watches):

    triggers/     the Functions edges; the only place that imports azure.functions
    services      makes the clients and joins them: the only maker of credentials, pools and containers
    calls         what a caller can do with a call: connect, register, look, hang up, report
    controller    an operator's hand on a call
    observer      one call from attach to end: sideband events in, journal lines and a hang-up out
    unobserved    one call that no server can hear: its record, until the browser says that it is over
    http          reading requests within limits, and problems (RFC 9457) as values
    tokens        ephemeral tokens of the gateway's own, for OpenAI's clients
    callers       who is calling, and may they touch this call?
    limits        a caller's places
    archive       summaries and poison messages in Blob storage
    journal       the append blob a call is written to as it goes
    summary       sans-I/O: the fold of a journal into a call summary
    observation   sans-I/O: what one event means for the journal and the limits
    lines         what may stand in a journal
    storage       containers, queues and the one place that translates their errors
    realtime/     the upstream service: client secrets, calls, hang-up, sideband
    session       the session configuration, and what a page may choose of it
    sdp           is this a plausible audio offer?
    credentials   Entra token or API key
    settings      read once, frozen, every fault named at once
    preview_session  sans-I/O: the session configuration in the preview protocol's flat fields
    errors        whose fault, which status, may one retry
"""

__version__ = "0.1.0"
