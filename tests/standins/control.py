"""The control port of a stand-in: faults, latency and counts over HTTP, for whoever runs it as a process.

GET /counts; DELETE /counts; POST /faults {rule}, which answers {"number"}; DELETE /faults?number=N, or all of
them; POST /latency {"seconds", "kind"}. Whoever runs a stand-in within their own process uses Faults directly.
"""

from aiohttp import web

from tests.standins.faults import Faults


def control_app(faults: Faults) -> web.Application:
    """Return the application that serves the control port."""
    app = web.Application()

    async def counts(_request: web.Request) -> web.Response:
        return web.json_response(dict(faults.counts))

    async def forget(_request: web.Request) -> web.Response:
        faults.counts.clear()
        return web.Response(status=204)

    async def order(request: web.Request) -> web.Response:
        return web.json_response({"number": faults.order(**await request.json())})

    async def clear(request: web.Request) -> web.Response:
        number = request.query.get("number")
        faults.clear(int(number) if number else None)
        return web.Response(status=204)

    async def latency(request: web.Request) -> web.Response:
        asked = await request.json()
        faults.latencies[asked.get("kind", "*")] = float(asked["seconds"])
        return web.Response(status=204)

    app.router.add_get("/counts", counts)
    app.router.add_delete("/counts", forget)
    app.router.add_post("/faults", order)
    app.router.add_delete("/faults", clear)
    app.router.add_post("/latency", latency)
    return app
