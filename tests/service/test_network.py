"""Tests that everything that the gateway sends takes the way that the environment names: proxy and authorities."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from switchboard.callers import Caller
from switchboard.errors import SidebandFailed, UpstreamFailed
from switchboard.services import Services, build
from switchboard.session import Choice
from tests.examples import OFFER, settings
from tests.processes import free_port
from tests.service.proxy import Proxy
from tests.standins.service.server import ServiceStandIn
from tests.standins.service.tls import server_context
from tests.standins.storage.server import KEY, StorageStandIn

ADA = Caller("ada")


@asynccontextmanager
async def behind_a_proxy(folder: Path, **environ: str) -> AsyncIterator[tuple[Services, Proxy, ServiceStandIn]]:
    """Run service, storage and proxy; only the proxy finds the hosts service.test and storage.test."""
    context, authority = server_context(folder, "service.test")
    port, blob, queue = free_port(), free_port(), free_port()
    proxy_port = free_port()
    proxy_url = f"http://ada:pass%20word@127.0.0.1:{proxy_port}"
    storage = (
        f"DefaultEndpointsProtocol=http;AccountName=a;AccountKey={KEY};"
        f"BlobEndpoint=http://storage.test:{blob}/a;QueueEndpoint=http://storage.test:{queue}/a;"
    )
    env = {
        "REALTIME_ENDPOINT": f"https://service.test:{port}",
        "AzureWebJobsStorage": storage,
        "HTTPS_PROXY": proxy_url,
        "http_proxy": proxy_url,
        "REQUESTS_CA_BUNDLE": str(authority),
        **environ,
    }
    services = build(settings(**env))
    async with StorageStandIn(blob, queue), ServiceStandIn(port, tls=context) as service, Proxy(proxy_port) as proxy:
        yield services, proxy, service
        services.close()


async def test_everything_goes_through_the_proxy(tmp_path: Path) -> None:
    """HTTP, the sideband, blobs and queues go through the proxy, each with its password, and trust its authority."""
    async with behind_a_proxy(tmp_path) as (services, proxy, service):
        created = await asyncio.to_thread(services.connecting.connect, ADA, OFFER, Choice())
        assert {(asked.method, asked.host) for asked in proxy.asked} == {
            ("CONNECT", "service.test"),
            ("POST", "storage.test"),
            ("PUT", "storage.test"),
        }
        tunnels = sum(asked.method == "CONNECT" for asked in proxy.asked)
        async with services.observers.dial(created.endpoint, created.call_id):
            assert service.ledger.calls[created.call_id].attachments
        assert sum(asked.method == "CONNECT" for asked in proxy.asked) == tunnels + 1
        password = f"Basic {base64.b64encode(b'ada:pass word').decode()}"
        assert {asked.authorization for asked in proxy.asked} == {password}


async def test_an_authority_that_is_not_trusted(tmp_path: Path) -> None:
    """Without the bundle neither HTTP nor the sideband talks to the service."""
    async with behind_a_proxy(tmp_path, REQUESTS_CA_BUNDLE="", SSL_CERT_FILE="") as (services, proxy, service):
        with pytest.raises(UpstreamFailed):
            await asyncio.to_thread(services.connecting.connect, ADA, OFFER, Choice())
        with pytest.raises(SidebandFailed):
            async with services.observers.dial(services.settings.realtime_endpoints[0], "rtc_1"):
                pass
        assert "CONNECT" in {asked.method for asked in proxy.asked}
        assert service.faults.counts.total() == 0


async def test_netrc_is_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A .netrc file would put its password in the place of the client secret."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine service.test login eve password x\nmachine storage.test login eve password x\n")
    monkeypatch.setenv("NETRC", str(netrc))
    async with behind_a_proxy(tmp_path) as (services, _, service):
        created = await asyncio.to_thread(services.connecting.connect, ADA, OFFER, Choice())
        assert created.call_id in service.ledger.calls
