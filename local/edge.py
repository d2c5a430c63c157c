"""This program refuses what the edge of Static Web Apps refuses and the CLI does not: preflight requests to the API.

    python -m local.edge --port 7070 --gateway http://127.0.0.1:7071

It runs between the Static Web Apps CLI and the Functions host, and passes everything else on unchanged. The report
Azure/static-web-apps#588 says that Static Web Apps refuses every `OPTIONS` request under `/api/`. It does not name the
status, so the 405 here is our choice. The program does nothing else that the edge does: the CLI handles sign-in and
routes.
"""

import argparse

from aiohttp import ClientError, ClientSession, ClientTimeout, web

# The site gives a request 45 seconds.
TIMEOUT_SECONDS = 45
# These belong to one connection, so each side sets its own.
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}
_GATEWAY: web.AppKey[str] = web.AppKey("gateway", str)
_CLIENT: web.AppKey[ClientSession] = web.AppKey("client", ClientSession)


def edge(gateway: str) -> web.Application:
    """Return the application that passes requests on to the gateway's base URL."""
    app = web.Application(client_max_size=100 * 1024 * 1024)
    app[_GATEWAY] = gateway.rstrip("/")
    app.on_startup.append(_open)
    app.on_cleanup.append(_close)
    app.router.add_route("*", "/{path:.*}", _pass_on)
    return app


async def _open(app: web.Application) -> None:
    app[_CLIENT] = ClientSession(timeout=ClientTimeout(total=TIMEOUT_SECONDS), auto_decompress=False)


async def _close(app: web.Application) -> None:
    await app[_CLIENT].close()


async def _pass_on(request: web.Request) -> web.Response:
    if request.method == "OPTIONS" and request.path.startswith("/api/"):
        return web.Response(status=405)
    headers = [(name, value) for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP]
    url = f"{request.app[_GATEWAY]}{request.raw_path}"
    body = await request.read() or None
    try:
        async with request.app[_CLIENT].request(
            request.method, url, headers=headers, data=body, allow_redirects=False
        ) as answer:
            kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP]
            return web.Response(status=answer.status, headers=dict(kept), body=await answer.read())
    except TimeoutError:
        return web.Response(status=504)
    except ClientError:
        return web.Response(status=502)


def main() -> None:
    """Read the command line and serve until the process is ended."""
    parser = argparse.ArgumentParser(description="Refuses preflight requests, as the edge of Static Web Apps does.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--gateway", required=True, help="the base URL of the Functions host")
    options = parser.parse_args()
    web.run_app(edge(options.gateway), host="127.0.0.1", port=options.port, print=None)


if __name__ == "__main__":
    main()
