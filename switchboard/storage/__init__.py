"""Opens the Blob container and the queues, and translates their errors.

The SDK does the rest: lists, repairs, and whatever is rare. A call needs some twenty operations, and with the SDK each
of them takes about three times the processor time of a request that is written here.
"""

from switchboard.storage.access import Storage, storage_errors

__all__ = ["Storage", "storage_errors"]
