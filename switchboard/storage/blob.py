"""One blob, with the operations that every call needs, under the names that the SDK has for them."""

from collections.abc import Callable, Mapping

from azure.core import MatchConditions

from switchboard.storage import operations
from switchboard.storage.answers import Answer
from switchboard.storage.operations import Request, blob_path

BINARY = "application/octet-stream"


class Blob:
    """A blob of the container. Methods block on the network and raise the errors of azure-core, as the SDK does."""

    def __init__(self, container: str, name: str, send: Callable[[Request], Answer]) -> None:
        self._path = blob_path(container, name)
        self._send = send

    def upload_blob(
        self,
        content: bytes,
        *,
        overwrite: bool = False,
        metadata: Mapping[str, str] | None = None,
        content_type: str = BINARY,
        etag: str = "",
        match_condition: MatchConditions | None = None,
    ) -> dict[str, str]:
        """Write the whole blob and return its new version as `etag`.

        Without `overwrite`, it must not exist: raises ResourceExistsError. With a condition that is not met, raises
        ResourceModifiedError.
        """
        conditions = _conditions(etag, match_condition if overwrite else MatchConditions.IfMissing)
        request = operations.put_blob(
            self._path, content, content_type=content_type, metadata=metadata or {}, conditions=conditions
        )
        return {"etag": self._send(request).check().etag}

    def create_append_blob(self, *, etag: str = "", match_condition: MatchConditions | None = None) -> None:
        """Make an empty blob to which blocks can be appended. Without a condition, what was there is emptied.

        Raises ResourceExistsError or ResourceModifiedError if the condition is not met.
        """
        self._send(operations.create_append_blob(self._path, conditions=_conditions(etag, match_condition))).check()

    def append_block(self, block: bytes, *, appendpos_condition: int | None = None) -> None:
        """Append a block, all or nothing. Raises an HttpResponseError with the status 412 at another position."""
        self._send(operations.append_block(self._path, block, appendpos_condition)).check()

    def download_blob(
        self, *, length: int | None = None, etag: str = "", match_condition: MatchConditions | None = None
    ) -> Answer:
        """Return the blob: its content as `body`, with `etag`, `modified` and `date`.

        With `length`, the content is only the first so many bytes; raises an HttpResponseError if the blob is empty.
        Raises ResourceNotFoundError, or ResourceNotModifiedError if it may not have this version but still has it.
        """
        conditions = _conditions(etag, match_condition)
        return self._send(operations.get_blob(self._path, length, conditions=conditions)).check()

    def delete_blob(self, *, etag: str = "", match_condition: MatchConditions | None = None) -> None:
        """Delete the blob. Raises ResourceNotFoundError, or ResourceModifiedError if it has another version."""
        self._send(operations.delete_blob(self._path, conditions=_conditions(etag, match_condition))).check()


def _conditions(etag: str, condition: MatchConditions | None) -> dict[str, str]:
    if condition is MatchConditions.IfMissing:
        return {"If-None-Match": "*"}
    if condition is MatchConditions.IfNotModified:
        return {"If-Match": etag}
    if condition is MatchConditions.IfModified:
        return {"If-None-Match": etag}
    return {}
