/**
 * Which microphones and speakers there are. Names are known only once the microphone was granted.
 *
 * @typedef {{ id: string, label: string }} Device
 * @typedef {{ microphones: Device[], speakers: Device[], named: boolean }} Devices
 */

/** @type {Devices} */
export const noDevices = Object.freeze({ microphones: [], speakers: [], named: false });

/** @returns {Promise<Devices>} */
export async function listDevices() {
  const all = (await navigator.mediaDevices?.enumerateDevices?.().catch(() => [])) ?? [];
  const of = (/** @type {MediaDeviceKind} */ kind) =>
    all.filter((device) => device.kind === kind && device.deviceId).map(({ deviceId, label }) => ({ id: deviceId, label }));
  const microphones = of('audioinput');
  return { microphones, speakers: of('audiooutput'), named: microphones.some(({ label }) => label !== '') };
}

/**
 * @param {(devices: Devices) => void} onChange called at once and whenever one is plugged in or out
 * @returns {() => Promise<void>} looks again, for the moment at which the names become known
 */
export function watchDevices(onChange) {
  const look = async () => onChange(await listDevices());
  navigator.mediaDevices?.addEventListener?.('devicechange', look);
  void look();
  return look;
}
