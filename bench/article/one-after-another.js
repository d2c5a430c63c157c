/**
 * Our page is measured against this one, which takes the steps of Microsoft's how-to in their order, one after the
 * other: the microphone, the ephemeral token, the connection with its offer, and the call.
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
