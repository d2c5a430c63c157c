"""Traces and figures of the gateway. Where TELEMETRY is off nothing of OpenTelemetry is imported, and nothing runs."""
