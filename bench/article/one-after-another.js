/**
 * What our page is measured against: the steps that Microsoft's how-to takes, in its order and each after the last.
 * Microphone, then the ephemeral token, then the connection with its offer, then the call.
 * https://learn.microsoft.com/azure/foundry/openai/how-to/realtime-audio-webrtc
 */

document.getElementById('start').addEventListener('click', async () => {
  const media = await navigator.mediaDevices.getUserMedia({ audio: true });
  const { token, calls_url: url } = await (await fetch('/api/token')).json();

  const connection = new RTCPeerConnection();
  connection.ontrack = ({ streams }) => {
    document.getElementById('voice').srcObject = streams[0];
  };
  connection.addTrack(media.getAudioTracks()[0]);
  connection.createDataChannel('realtime-channel');
  await connection.setLocalDescription(await connection.createOffer());

  const response = await fetch(url, {
    method: 'POST',
    body: connection.localDescription.sdp,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/sdp' },
  });
  await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() });
});
