"""Scanning and guessing from one address, each method and transport, as the corpus has them."""
import time

import sip
from lab import WORLD, password
from scene import attack

GROUP = "Guessing and scanning"


def stranger(count):
    return f"{7000 + count}"


@attack("register-unknown", GROUP, "REGISTER of accounts that do not exist, a new one each time, no answer to the challenge")
def _(scene):
    scene.each_on_its_own(lambda line, n: line.ask("REGISTER", stranger(n)))


@attack("register-unknown-answered", GROUP, "the same, and the challenge is answered with a guessed password")
def _(scene):
    scene.each_on_its_own(lambda line, n: line.log_in("REGISTER", stranger(n), "1234"))


for _transport in ("udp", "tcp", "tls", "ws", "wss"):
    def _guess(scene, transport=_transport):
        scene.each_on_its_own(lambda line, n: line.log_in("REGISTER", scene.account, f"guess{n}"), transport=transport)
    attack(f"password-{_transport}", GROUP, f"brute force of one account's password over {_transport.upper()}")(_guess)

    def _scan(scene, transport=_transport):
        scene.each_on_its_own(lambda line, n: line.ask("REGISTER", stranger(n)), transport=transport)
    if _transport != "udp":
        attack(f"scan-{_transport}", GROUP, f"REGISTER of unknown accounts over {_transport.upper()}")(_scan)

for _transport in ("udp", "tcp", "tls"):
    def _guess6(scene, transport=_transport):
        scene.each_on_its_own(lambda line, n: line.log_in("REGISTER", scene.account, f"guess{n}"), scene.source6(), transport)
    attack(f"password-{_transport}-ipv6", GROUP, f"brute force of one account's password over {_transport.upper()} and IPv6")(_guess6)


@attack("password-one-connection", GROUP, "brute force of a password, all guesses in one TCP connection")
def _(scene):
    with scene.connection(scene.source(), "tcp") as line:
        scene.repeat(lambda n: line.log_in("REGISTER", scene.account, f"guess{n}") is not None)


@attack("password-fast", GROUP, "brute force of a password over UDP, as fast as the answers come, at most 200 a second")
def _(scene):
    scene.each_on_its_own(lambda line, n: line.log_in("REGISTER", scene.account, f"guess{n}"), per_second=200, seconds=14)


@attack("known-unanswered", GROUP, "REGISTER of accounts that exist, and the challenge is never answered: Asterisk logs no refusal")
def _(scene):
    scene.each_on_its_own(lambda line, n: line.ask("REGISTER", f"100{n % 5 + 1}"))


for _method in ("OPTIONS", "SUBSCRIBE", "MESSAGE", "PUBLISH"):
    def _ask(scene, method=_method):
        scene.each_on_its_own(lambda line, n: line.ask(method, stranger(n)))
    attack(f"{_method.lower()}-unknown", GROUP, f"{_method} from users that do not exist")(_ask)


@attack("options-known", GROUP, "OPTIONS from a user that exists, the challenge never answered")
def _(scene):
    scene.each_on_its_own(lambda line, n: line.ask("OPTIONS", "1002"))


@attack("invite-unknown", GROUP, "INVITE 00972... from an unknown user, no login")
def _(scene):
    scene.each_on_its_own(lambda line, n: line.ask("INVITE", stranger(n), target=f"00972592{n:06}", body=sip.SDP.format(scene.source())))


@attack("invite-unknown-invented", GROUP, "the same with an invented Authorization")
def _(scene):
    def once(line, n):
        return line.ask("INVITE", stranger(n), target=f"00972592{n:06}", authorization=sip.INVENTED.format(stranger(n), line.line.pbx))
    scene.each_on_its_own(once)


@attack("invite-known", GROUP, "INVITE 00972... from a user that exists, no login")
def _(scene):
    scene.each_on_its_own(lambda line, n: line.ask("INVITE", "1002", target=f"00972592{n:06}", body=sip.SDP.format(scene.source())))


@attack("invite-wrong-password", GROUP, "INVITE from a user that exists, wrong passwords")
def _(scene):
    scene.each_on_its_own(lambda line, n: line.log_in("INVITE", scene.account, f"guess{n}", target="00972592000000", body=sip.SDP.format(scene.source())))


@attack("acl-named", GROUP, "the right password of an account whose acl= does not know the address")
def _(scene):
    scene.each_on_its_own(lambda line, n: line.log_in("REGISTER", "1006", password("1006")))


@attack("acl-inline", GROUP, "the right password of an account whose deny=/permit= does not know the address")
def _(scene):
    scene.each_on_its_own(lambda line, n: line.log_in("REGISTER", "1011", password("1011")))


@attack("acl-contact", GROUP, "the right password of an account whose contact_acl= does not know the contact")
def _(scene):
    scene.each_on_its_own(lambda line, n: line.log_in("REGISTER", "1007", password("1007")))


@attack("other-aor", GROUP, "a stolen password, used to register other people's numbers (404 from the registrar)",
        because="Each login is right, and a right login spares its address for a minute and a half: it is told.")
def _(scene):
    scene.each_on_its_own(lambda line, n: line.log_in("REGISTER", "1005", password("1005"), to=f"<sip:{stranger(n)}@{line.line.pbx}>"))


@attack("stolen-password", GROUP, "toll fraud with a stolen password: 9011972... over the trunk, from an address that the account never used",
        expect="hold", because="Every login is right: to Asterisk it is the owner. The account's new address is for the rules about calls.")
def _(scene):
    scene.suspects.add(scene.source())
    scene.each_on_its_own(lambda line, n: line.log_in("INVITE", "1009", password("1009"), target=f"9011972592{n:05}", body=sip.SDP.format(scene.source())),
                          seconds=8, per_second=1)


@attack("other-aor-unknown", GROUP, "REGISTER of the trunk's own account from a stranger's address, wrong passwords")
def _(scene):
    scene.each_on_its_own(lambda line, n: line.log_in("REGISTER", "trunk-auth", f"guess{n}"))


def at_once(name, what, transport, count, right):
    """All guesses before the first answer is read, the right one late among them; and 42 s later, when a registered contact would be trusted, others."""
    def run(scene):
        begin, uri = time.monotonic(), f"sip:{WORLD}"
        scene.suspects.add(scene.source())
        with scene.connection(scene.source(), transport, patience=2) as line:
            call_id, tag = sip.fresh(), sip.fresh()
            first = line.ask("REGISTER", scene.account, call_id=call_id, tag=tag)
            guesses = [line.line.message("REGISTER", scene.account, call_id=call_id, tag=tag, cseq=2 + n, authorization=sip.digest(
                first, "REGISTER", uri, scene.account, password(scene.account) if n == right else f"guess{n}")) for n in range(count)]
            for data in guesses if transport == "udp" else [b"".join(guesses)]:
                line.send(data)
            answers = 0
            while time.monotonic() < begin + 4 and line.receive(1.0):
                answers += 1
        scene.notes.append(f"{count} guesses sent, {answers} answers read; the right one registered" if scene.account in scene.lab.cli("pjsip show contacts")
                           else f"{count} guesses sent, {answers} answers read; the right one was not reached")
        time.sleep(max(0.0, begin + 42 - time.monotonic()))
        scene.each_on_its_own(lambda connection, n: connection.log_in("REGISTER", f"{3001 + n}", "x"), transport="tcp", seconds=4)
    attack(name, GROUP, what, alone=True, scaled="at once, and 20 guesses at others 42 s later")(run)


at_once("register-pipelined", "3,000 guesses in one write over one TCP connection, the 2,251st right: Asterisk works them off after the ban", "tcp", 3000, 2250)
at_once("register-burst", "90 guesses over UDP at once, the 81st right: answered before any kernel has the ban", "udp", 90, 80)
