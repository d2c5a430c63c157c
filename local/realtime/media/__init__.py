"""This room is the WebRTC side: the peer that a browser connects to, and the sound that it sends."""
