/**
 * List the microphones and speakers of the machine. The browser tells their names only after it was allowed to use a
 * microphone.
 *
 * @typedef {{ id: string, label: string }} Device `label` is the name that people read; empty where the browser keeps it back
 * @typedef {{ microphones: Device[], speakers: Device[], named: boolean }} Devices `named` says whether the names are known
 */

/** @type {Devices} */
export const noDevices = Object.freeze({ microphones: [], speakers: [], named: false });

/**
 * Return the devices that the browser tells of.
 * @returns {Promise<Devices>}
 */
export async function listDevices() {
  const all = (await navigator.mediaDevices?.enumerateDevices?.().catch(() => [])) ?? [];
  const of = (/** @type {MediaDeviceKind} */ kind) =>
    all.filter((device) => device.kind === kind && device.deviceId).map(({ deviceId, label }) => ({ id: deviceId, label }));
  const microphones = of('audioinput');
  return { microphones, speakers: of('audiooutput'), named: microphones.some(({ label }) => label !== '') };
}

/**
 * Follow the devices as they come and go.
 * @param {(devices: Devices) => void} onChange is called at once, and whenever a device is plugged in or out
 * @returns {() => Promise<void>} looks again; the names become known without any device changing
 */
export function watchDevices(onChange) {
  const look = async () => onChange(await listDevices());
  navigator.mediaDevices?.addEventListener?.('devicechange', look);
  void look();
  return look;
}
