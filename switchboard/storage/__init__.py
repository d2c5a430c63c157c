"""Opens the Blob container and the queues, and translates their errors.

What a call needs is sent from here without the SDK, which takes more than twice the processor time for it. The SDK does
the rest: lists, repairs, and whatever is rare.
"""

from switchboard.storage.access import Storage, storage_errors

__all__ = ["Storage", "storage_errors"]
