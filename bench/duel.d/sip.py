"""A SIP client that can send any byte anywhere: UDP, TCP, TLS, WebSocket with and without TLS; IPv4 and IPv6."""
import base64
import hashlib
import os
import random
import re
import socket
import ssl
import struct
import time

import lab as laboratory

PORTS = {"udp": 5060, "tcp": 5060, "tls": 5061, "ws": 8088, "wss": 8089}
WEB_SOCKETS = ("ws", "wss")
SDP = ("v=0\r\no=- 1 1 IN IP4 {0}\r\ns=-\r\nc=IN IP4 {0}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n")


def fresh():
    return f"{random.getrandbits(64):016x}"


def bracketed(address):
    return f"[{address}]" if ":" in address else address


class Answer:
    """A response of the PBX."""

    def __init__(self, data):
        self.text = data.decode("latin-1")
        self.status = int(self.text[8:11])

    def header(self, name):
        found = re.search(rf"^{name}\s*:\s*(.*?)\r?$", self.text, re.I | re.M)
        return found[1] if found else ""

    def parameter(self, header, name):
        found = re.search(rf'{name}="?([^",]+)', self.header(header))
        return found[1] if found else ""


class Line:
    """Who talks to whom: what every message of one sender has in common."""

    def __init__(self, source, pbx, port, transport="udp", agent="Z 5.6.1"):
        self.source, self.pbx, self.port, self.transport, self.agent = source, pbx, port, transport, agent

    def message(self, method, user="1001", *, uri=None, sender=None, to=None, contact=None, call_id=None, cseq=1, branch=None, tag=None,
                to_tag="", authorization=None, extra=(), body="", kind="application/sdp", without=(), target=None):
        """The bytes of one request. user: percent-encoded already where it must be; target: the number that is called."""
        domain = bracketed(self.pbx)
        uri = uri or (f"sip:{domain}" if method == "REGISTER" else f"sip:{target or user}@{domain}")
        to = to or f"<sip:{target or user}@{domain}>"
        plain = re.sub(r"[^\w.+-]", "", user) or "x"
        headers = [
            ("Via", f"SIP/2.0/{self.transport.upper()} {bracketed(self.source)}:{self.port};branch={branch or 'z9hG4bK' + fresh()};rport"),
            ("Max-Forwards", "70"),
            ("From", sender or f"<sip:{user}@{domain}>;tag={tag or fresh()}"),
            ("To", to + to_tag),
            ("Call-ID", call_id or fresh()),
            ("CSeq", f"{cseq} {method}"),
            ("Contact", contact or f"<sip:{plain}@{bracketed(self.source)}:{self.port};transport={self.transport}>"),
            ("User-Agent", self.agent),
        ]
        if method == "REGISTER":
            headers.append(("Expires", "120"))
        if authorization:
            headers.append(("Authorization", authorization))
        headers += extra
        if body:
            headers.append(("Content-Type", kind))
        headers.append(("Content-Length", str(len(body.encode("latin-1")))))
        lines = [f"{method} {uri} SIP/2.0"] + [f"{name}: {value}" for name, value in headers if name not in without]
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("latin-1")


def digest(answer, method, uri, user, secret, nonce=None):
    """RFC 2617 with qop=auth, as Asterisk asks for it."""
    field = "WWW-Authenticate" if answer.status == 401 else "Proxy-Authenticate"
    realm, nonce, opaque = answer.parameter(field, "realm"), nonce or answer.parameter(field, "nonce"), answer.parameter(field, "opaque")

    def md5(text):
        return hashlib.md5(text.encode("latin-1")).hexdigest()
    first, second = md5(f"{user}:{realm}:{secret}"), md5(f"{method}:{uri}")
    response = md5(":".join([first, nonce, "00000001", "c0ffee", "auth", second]))
    return (f'Digest username="{user}",realm="{realm}",nonce="{nonce}",uri="{uri}",response="{response}",cnonce="c0ffee",nc=00000001,'
            f'qop=auth,algorithm=MD5,opaque="{opaque}"')


# What somebody writes who never saw a challenge.
INVENTED = 'Digest username="{0}",realm="asterisk",nonce="1700000000/0123456789abcdef0123456789abcdef",uri="sip:{1}",response="0",algorithm=MD5'


class Connection:
    """A socket of one sender in its namespace. Whatever goes wrong is silence: that is what a banned sender sees."""

    def __init__(self, where, source, pbx, transport="udp", port=0, agent="Z 5.6.1", patience=0.7):
        self._patience, self._buffer, self._transport = patience, b"", transport
        family = socket.AF_INET6 if ":" in source else socket.AF_INET
        with where:
            self._socket = socket.socket(family, socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.settimeout(patience)
        self._socket.bind((source, port))
        self.line = Line(source, pbx, self._socket.getsockname()[1], transport, agent)
        self.open = self._quietly(lambda: self._connect(pbx, transport))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._socket.close()

    def send(self, data):
        return self._quietly(lambda: self._socket.sendall(self._framed(data)))

    def receive(self, patience=None, call_id=None):
        """The next final response (of this call); None if none comes in time."""
        end = time.monotonic() + (patience or self._patience)
        while (left := end - time.monotonic()) > 0:
            try:
                self._socket.settimeout(left)
                data = self._message()
            except OSError:
                return None
            if data is None:
                return None
            if not data.startswith(b"SIP/2.0 ") or data[8:9] == b"1":
                continue
            answer = Answer(data)
            if call_id is None or answer.header("Call-ID") == call_id.strip():
                return answer
        return None

    def drain(self):
        """How many datagrams are waiting; they are thrown away."""
        count = 0
        self._socket.settimeout(0)
        try:
            while self._socket.recv(65536):
                count += 1
        except OSError:
            return count
        return count

    def ask(self, method, user="1001", **rest):
        """Sends one request; the PBX's final response or None."""
        call_id = rest.setdefault("call_id", fresh())
        if not self.open or not self.send(self.line.message(method, user, **rest)):
            return None
        answer = self.receive(call_id=call_id)
        if answer and method == "INVITE":
            self.acknowledge(answer, rest.get("target") or user)
        return answer

    def log_in(self, method, user, secret, nonce=None, login=None, **rest):
        """Asks, and answers the challenge; the PBX's last word, or None when it fell silent."""
        rest.setdefault("call_id", fresh())
        rest.setdefault("tag", fresh())
        first = self.ask(method, user, **rest)
        if first is None or first.status not in (401, 407):
            return first
        domain = bracketed(self.line.pbx)
        uri = f"sip:{domain}" if method == "REGISTER" else f"sip:{rest.get('target') or user}@{domain}"
        return self.ask(method, user, cseq=2, authorization=digest(first, method, uri, login or user, secret, nonce), **rest)

    def acknowledge(self, answer, number):
        via = re.sub(r";(received|rport)(=[^;\r\n]*)?", "", answer.header("Via")) + ";rport"
        uri = f"sip:{number}@{bracketed(self.line.pbx)}"
        contact = re.search(r"<([^>]+)>", answer.header("Contact"))
        if answer.status == 200:
            via = re.sub(r"branch=[^;]+", "branch=z9hG4bK" + fresh(), via)
            uri = contact[1] if contact else uri
        lines = [f"ACK {uri} SIP/2.0", f"Via: {via}", "Max-Forwards: 70", f"From: {answer.header('From')}", f"To: {answer.header('To')}",
                 f"Call-ID: {answer.header('Call-ID')}", f"CSeq: {answer.header('CSeq').split()[0]} ACK", "Content-Length: 0"]
        self.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def _connect(self, pbx, transport):
        self._socket.connect((pbx, PORTS[transport]))
        if transport in ("tls", "wss"):
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self._socket = context.wrap_socket(self._socket)
        if transport in WEB_SOCKETS:
            self._socket.sendall((f"GET /ws HTTP/1.1\r\nHost: {bracketed(pbx)}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                  f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\nSec-WebSocket-Protocol: sip\r\n"
                                  "Sec-WebSocket-Version: 13\r\n\r\n").encode())
            while b"\r\n\r\n" not in self._buffer:
                self._buffer += self._socket.recv(4096) or self._end()
            self._buffer = self._buffer.split(b"\r\n\r\n", 1)[1]

    def _message(self):
        if self._transport == "udp":
            return self._socket.recv(65536)
        while (message := self._whole()) is None:
            data = self._socket.recv(65536)
            if not data:
                return None
            self._buffer += data
        return message

    def _whole(self):
        if self._transport in WEB_SOCKETS:
            return self._frame()
        head, separator, rest = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return None
        length = re.search(rb"^(?:Content-Length|l)\s*:\s*(\d+)", head, re.I | re.M)
        size = int(length[1]) if length else 0
        if len(rest) < size:
            return None
        self._buffer = rest[size:]
        return head + separator + rest[:size]

    def _frame(self):
        if len(self._buffer) < 4:
            return None
        size, start = self._buffer[1] & 127, 2
        if size == 126:
            size, start = struct.unpack(">H", self._buffer[2:4])[0], 4
        if len(self._buffer) < start + size:
            return None
        frame, self._buffer = self._buffer[start:start + size], self._buffer[start + size:]
        return frame

    def _framed(self, data):
        if self._transport not in WEB_SOCKETS:
            return data
        mask = os.urandom(4)
        size = bytes([128 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack(">H", len(data))
        return b"\x82" + size + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))

    @staticmethod
    def _end():
        raise ConnectionError("closed")

    @staticmethod
    def _quietly(act):
        try:
            act()
            return True
        except OSError:
            return False


def forged(where, pairs, pbx=laboratory.WORLD, port=5060, pause=0.0):
    """Sends datagrams whose source address (and port 5060) is whatever the forger likes: (source, bytes) each."""
    with where:
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    with raw:
        for source, data in pairs:
            udp = struct.pack("!HHHH", port, 5060, 8 + len(data), 0) + data
            head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), random.getrandbits(16), 0, 64, 17, 0,
                               socket.inet_aton(source), socket.inet_aton(pbx))
            raw.sendto(head + udp, (pbx, 0))
            if pause:
                time.sleep(pause)
