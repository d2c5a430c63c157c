/**
 * Name the trace of a call, so that whoever runs the gateway finds everything that belongs to one call together: W3C trace
 * context, which the page only begins. It sends no telemetry itself, and the ids are random and say nothing of the visitor.
 */

/** A trace: everything that follows from one click. */
export function beginTrace() {
  const trace = hex(16);
  return {
    /** Return the `traceparent` of one more request. The gateway decides itself whether it records anything. */
    traceparent: () => `00-${trace}-${hex(8)}-01`,
  };
}

/**
 * Return so many random bytes as hexadecimal digits. They are never all zero, which the standard forbids.
 * @param {number} bytes
 */
function hex(bytes) {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  random[0] ||= 1;
  return Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
