"""Too much, and what is no SIP at all. Seconds only: the machine belongs to others too."""
import random
import socket
import ssl
import threading
import time

import sip
from lab import WORLD
from scene import attack

GROUP = "Floods and junk"
FLOOD_SECONDS = 5
JUNK = (b"\x00" * 200, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"REGISTER\r\n\r\n", b"INVITE sip:1@1 SIP/2.0\r\nVia: x\r\n\r\n", b"SIP/2.0 200 OK\r\n\r\n",
        b"REGISTER sip:x SIP/9.9\r\nCSeq: z\r\n\r\n", bytes(range(256)), b"OPTIONS sip:" + b"A" * 3000 + b" SIP/2.0\r\n\r\n")


def without_cseq(line, n):
    return line.message("OPTIONS", f"{7000 + n % 900}", without=("CSeq",))


@attack("malformed-udp", GROUP, "what pjproject drops before it is a message, over UDP")
def _(scene):
    with scene.connection(scene.source()) as line:
        scene.blind(lambda n: line.send(JUNK[n % len(JUNK)]))


@attack("malformed-cseq", GROUP, "requests without CSeq, over UDP: each is dumped into the error log")
def _(scene):
    with scene.connection(scene.source()) as line:
        scene.blind(lambda n: line.send(without_cseq(line.line, n)))


@attack("malformed-tcp", GROUP, "the same junk over TCP")
def _(scene):
    def once(n):
        with scene.connection(scene.source(), "tcp") as line:
            if line.open:
                line.send(JUNK[n % len(JUNK)])
    scene.blind(once)


@attack("tls-junk", GROUP, "connections to the TLS port that speak no TLS, or TLS 1.1 alone")
def _(scene):
    def once(n):
        with scene.lab.namespace("att"):
            plug = socket.socket()
        with plug:
            plug.settimeout(0.7)
            try:
                plug.bind((scene.source(), 0))
                plug.connect((WORLD, 5061))
                if n % 2:
                    plug.sendall(JUNK[n % len(JUNK)])
                else:
                    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
                    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
                    old.set_ciphers("ALL:@SECLEVEL=0")
                    old.wrap_socket(plug).close()
            except OSError:
                pass
    scene.blind(once)


def flood(scene, per_second, message, answered=True):
    """Five seconds of datagrams at this rate from one address; in the middle the phones are asked how they are.

    answered: each is answered while the sender is not banned; else a knock five times a second tells."""
    meter = scene.meter(scene.source())
    if answered:
        # Hundredths of a second.
        meter.enough = 50
    asked = threading.Thread(target=lambda: (time.sleep(FLOOD_SECONDS / 2), scene.meanwhile()))
    asked.start()
    begin = time.monotonic()
    with scene.connection(scene.source()) as line:
        for step in range(FLOOD_SECONDS * 100):
            for n in range(per_second // 100):
                line.send(message(line.line, step * 100 + n))
            if answered:
                meter.count(per_second // 100, line.drain())
            elif step % 20 == 0:
                meter.attempt(scene.knock)
            time.sleep(max(0.0, begin + (step + 1) / 100 - time.monotonic()))
    asked.join()


@attack("flood-register", GROUP, "500 REGISTER a second of unknown accounts from one address", alone=True)
def _(scene):
    flood(scene, 500, lambda line, n: line.message("REGISTER", f"{7000 + n}"))


@attack("flood-invented", GROUP, "500 REGISTER a second of a real account with an invented Authorization", alone=True)
def _(scene):
    flood(scene, 500, lambda line, n: line.message("REGISTER", scene.account, authorization=sip.INVENTED.format(scene.account, WORLD)))


@attack("flood-known", GROUP, "500 REGISTER a second of a real account, the challenge never answered", alone=True)
def _(scene):
    flood(scene, 500, lambda line, n: line.message("REGISTER", scene.account))


@attack("flood-malformed", GROUP, "1,000 packets a second that are no SIP, from one address", alone=True)
def _(scene):
    flood(scene, 1000, lambda line, n: JUNK[n % len(JUNK)], answered=False)


@attack("flood-cseq", GROUP, "500 requests a second without CSeq, from one address: each is dumped into the error log", alone=True)
def _(scene):
    flood(scene, 500, without_cseq, answered=False)


@attack("flood-connections", GROUP, "300 TCP connections to the SIP port that say nothing", alone=True, expect="hold",
        because="A connection that says nothing is no offence by itself; phones and trunks must work beside it.")
def _(scene):
    scene.suspects.add(scene.source())
    held = []
    for _ in range(300):
        with scene.lab.namespace("att"):
            plug = socket.socket()
        plug.settimeout(0.3)
        plug.bind((scene.source(), 0))
        try:
            plug.connect((WORLD, 5060))
        except OSError:
            pass
        held.append(plug)
    scene.meanwhile()
    for plug in held:
        plug.close()


def forged_flood(scene, count, per_second, message):
    asked = threading.Thread(target=lambda: (time.sleep(count / per_second / 2), scene.meanwhile()))
    asked.start()
    dice = random.Random(scene.number)
    begin = time.monotonic()
    for done in range(0, count, 200):
        pairs = []
        for n in range(done, done + 200):
            source = f"11.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"
            pairs.append((source, message(sip.Line(source, WORLD, 5060), n)))
        sip.forged(scene.lab.namespace("att"), pairs)
        time.sleep(max(0.0, begin + (done + 200) / per_second - time.monotonic()))
    asked.join()


@attack("flood-forged", GROUP, "10,000 REGISTER of unknown accounts, 2,000 a second, each from another forged address", alone=True, expect="hold",
        because="There is nobody to ban: the addresses are forged, and hardly one comes twice. Those that do are bystanders.")
def _(scene):
    forged_flood(scene, 10000, 2000, lambda line, n: line.message("REGISTER", f"{7000 + n}"))


@attack("flood-forged-malformed", GROUP, "10,000 packets without CSeq, 2,000 a second, each from another forged address", alone=True, expect="hold",
        because="As flood-forged.")
def _(scene):
    forged_flood(scene, 10000, 2000, without_cseq)
