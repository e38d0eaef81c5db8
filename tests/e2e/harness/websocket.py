"""As much of RFC 6455 as the tests need: the handshake's arithmetic and small frames."""

import base64
import hashlib

KEY = base64.b64encode(b"0123456789abcdef").decode()
HANDSHAKE = [
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", KEY),
]
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


def accept_of(key):
    digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
    return base64.b64encode(digest).decode()


def frame(payload, opcode=TEXT, masked=False):
    data = bytes([0x80 | opcode])
    mask = b"\x11\x22\x33\x44" if masked else b""
    flag = 0x80 if masked else 0
    if len(payload) < 126:
        data += bytes([flag | len(payload)])
    elif len(payload) < 1 << 16:
        data += bytes([flag | 126]) + len(payload).to_bytes(2, "big")
    else:
        data += bytes([flag | 127]) + len(payload).to_bytes(8, "big")
    if masked:
        payload = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
    return data + mask + payload


def read_frame(reader):
    """(opcode, payload) of the next frame."""
    first, second = reader.exactly(2)
    length = second & 0x7F
    if length == 126:
        length = int.from_bytes(reader.exactly(2), "big")
    elif length == 127:
        length = int.from_bytes(reader.exactly(8), "big")
    mask = reader.exactly(4) if second & 0x80 else b""
    payload = reader.exactly(length)
    if mask:
        payload = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
    return first & 0x0F, payload


def echo(call):
    """For an origin: accepts the handshake, then sends every frame back until the close frame."""
    call.send((
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Accept: {accept_of(call.request.headers.get('Sec-WebSocket-Key', ''))}"
        "\r\n\r\n").encode())
    while True:
        opcode, payload = read_frame(call.connection.reader)
        call.send(frame(payload, PONG if opcode == PING else opcode))
        if opcode == CLOSE:
            call.close()
            return
