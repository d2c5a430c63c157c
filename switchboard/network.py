"""The way to other machines: the process's one TLS context, the proxies of its environment, and pools of connections.

Making a TLS context parses some hundred certificates, which takes 20 ms and more. requests does so for each new
connection, and reads the environment and .netrc for each request. Here it is done once, and .netrc is never read: it
must not add a credential to the gateway's requests.
"""

import ipaddress
import ssl
from collections.abc import Mapping
from functools import cached_property, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import certifi
import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool
from urllib3.util import Retry

from switchboard.open_pools import OpenPool, OpenTlsPool
from switchboard.settings import NetworkSettings, is_loopback

# How many proxies, or hosts, are remembered. A gateway asks a handful.
_HOSTS = 64


class Network:
    """Knows how to reach other machines. An instance lives as long as the process, and threads share it."""

    def __init__(self, settings: NetworkSettings) -> None:
        self._settings = settings
        self._find_proxy = lru_cache(_HOSTS)(self._proxy_for)
        self._sessions: list[Session] = []

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """Return the TLS context of all connections. The first use reads the CA bundle, so it is not for a loop."""
        bundle = self._settings.ca_bundle or certifi.where()
        if Path(bundle).is_dir():
            return ssl.create_default_context(capath=bundle)
        return ssl.create_default_context(cafile=bundle)

    def warm_up(self) -> None:
        """Read the CA bundle now, and not when the first connection is made."""
        _ = self.tls

    def proxy_for(self, url: str) -> str | None:
        """Return the URL of the proxy that leads to `url`, with its password if it has one; None if none does.

        `url` begins with http, https, ws or wss. This machine is never reached through a
        proxy, and neither is its platform's own address for managed identities (link-local).
        """
        parts = urlsplit(url)
        return self._find_proxy(parts.scheme, parts.netloc)

    def session(self, connections: int, retries: Retry | int = 0) -> "Session":
        """Return a new session with a pool of so many connections for each host. Whoever needs more waits for one."""
        session = Session(Adapter(self, connections, retries))
        self._sessions.append(session)
        return session

    def close(self) -> None:
        """Close the connections of all sessions."""
        for session in self._sessions:
            session.close()

    def _proxy_for(self, scheme: str, netloc: str) -> str | None:
        secure = scheme in ("https", "wss")
        proxy = self._settings.https_proxy if secure else self._settings.http_proxy
        parts = urlsplit(f"//{netloc}")
        if proxy is None or is_loopback(f"//{netloc}") or _is_link_local(parts.hostname or ""):
            return None
        port = parts.port or (443 if secure else 80)
        if any(_covers(entry, parts.hostname or "", port) for entry in self._settings.no_proxy):
            return None
        return proxy.reveal()


class Session(requests.Session):
    """Sends each request just as it is given: adds no header and no cookie, follows no redirect, and reads no file."""

    def __init__(self, adapter: "Adapter") -> None:
        super().__init__()
        self.trust_env = False
        self.mount("https://", adapter)
        self.mount("http://", adapter)
        self._adapter = adapter

    def request(self, method: str, url: str, **options: Any) -> requests.Response:  # type: ignore[override]
        """Send a request and return its answer. `url` must be quoted already.

        Takes the options `headers`, `data` (bytes, text, the fields of a form, or None), `timeout` and `stream`. The
        other options of requests are settled for all requests here, and ignored. Raises requests.RequestException.
        """
        body = options.get("data")
        if isinstance(body, Mapping):
            body = urlencode(body)
        if isinstance(body, str):
            body = body.encode()
        prepared = requests.PreparedRequest()
        prepared.method, prepared.url, prepared.body = method.upper(), url, body
        prepared.headers = CaseInsensitiveDict(options.get("headers") or {})
        if body is not None:
            prepared.headers["Content-Length"] = str(len(body))
        answer = self._adapter.send(prepared, timeout=options.get("timeout"))
        if not options.get("stream"):
            # Reading the body also gives the connection back to the pool.
            answer.content  # noqa: B018
        return answer

    def exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> requests.Response | None:
        """Send a small request over an open connection; return None if there is none, or if a proxy is in the way.

        Nothing is retried. `url` must be quoted already. Raises ExchangeFailed.
        """
        parts = urlsplit(url)
        pool = self._adapter.pool_of(parts.scheme, parts.netloc)
        if not isinstance(pool, OpenPool):
            return None
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        reply = pool.exchange(method, target, {"Host": parts.netloc, **headers}, body, seconds)
        if reply is None:
            return None
        answer = requests.Response()
        answer.status_code, answer.headers = reply.status, CaseInsensitiveDict(reply.headers)
        answer.raw = BytesIO(reply.body)
        return answer

    def way_to(self, url: str) -> tuple[HTTPConnectionPool, str]:
        """Return the pool of the host in `url`, and what stands before the path in a request's first line there.

        That is nothing, unless a proxy has to be told the whole URL.
        """
        parts = urlsplit(url)
        pool, direct = self._adapter.pool_of(parts.scheme, parts.netloc), self._adapter.reaches(url)
        return pool, "" if direct else f"{parts.scheme}://{parts.netloc}"


class Adapter(HTTPAdapter):
    """Holds the pools of one session. All of them use the process's TLS context and its proxies."""

    def __init__(self, network: Network, connections: int, retries: Retry | int) -> None:
        self._network = network
        self.pool_of = lru_cache(_HOSTS)(self._pool)
        self._pools: list[HTTPConnectionPool] = []
        super().__init__(_HOSTS, connections, max_retries=retries, pool_block=True)
        self.poolmanager.pool_classes_by_scheme = {"http": OpenPool, "https": OpenTlsPool}

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, *_unused: Any, **_more: Any
    ) -> HTTPConnectionPool:
        """Return the pool of the request's host, behind a proxy where one leads there."""
        parts = urlsplit(request.url or "")
        return self.pool_of(parts.scheme, parts.netloc)

    def request_url(self, request: requests.PreparedRequest, *_unused: Any, **_more: Any) -> str:
        """Return what stands in the request's first line: a proxy is told the whole URL, unless it only tunnels."""
        url = request.url or ""
        return request.path_url if self.reaches(url) else url

    def reaches(self, url: str) -> bool:
        """Return whether requests go to the host itself, or through a tunnel. Only http is told to a proxy."""
        return not (url.startswith("http:") and self._network.proxy_for(url))

    def close(self) -> None:
        """Close all connections that are not in use. urllib3 itself only forgets its pools."""
        super().close()
        for pool in self._pools:
            pool.close()

    def cert_verify(self, *_unused: Any, **_more: Any) -> None:
        """Do nothing, because the TLS context verifies. Naming a bundle here would load it for each connection."""

    def _pool(self, scheme: str, netloc: str) -> HTTPConnectionPool:
        url = f"{scheme}://{netloc}"
        tls = {"ssl_context": self._network.tls} if scheme == "https" else {}
        proxy = self._network.proxy_for(url)
        if proxy is None:
            manager = self.poolmanager
        else:
            proxy_tls = {"proxy_ssl_context": self._network.tls} if proxy.startswith("https:") else {}
            manager = self.proxy_manager_for(proxy, **proxy_tls)
        parts = urlsplit(url)
        pool: HTTPConnectionPool = manager.connection_from_host(
            parts.hostname, parts.port, scheme=scheme, pool_kwargs=tls
        )
        self._pools.append(pool)
        return pool


def _is_link_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_link_local
    except ValueError:
        return False


def _covers(entry: str, host: str, port: int) -> bool:
    """Return whether an entry of NO_PROXY covers a host: a name and all below it, an address, a network, or `*`."""
    name, _, wanted = entry.rpartition(":") if entry.count(":") == 1 else (entry, "", "")
    if wanted and wanted != str(port):
        return False
    name = name.lower().removeprefix("*").removeprefix(".")
    if not name or host == name or host.endswith(f".{name}"):
        return True
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(name, strict=False)
    except ValueError:
        return False
