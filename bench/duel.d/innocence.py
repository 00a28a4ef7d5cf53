"""What nobody should be banned for."""
import time

import lab as laboratory
import sip
from scene import attack

GROUP = "Innocent"


def innocent(name, what, **rest):
    return attack(name, GROUP, what, expect="spare", **rest)


@innocent("four-wrong-then-right", "a phone at home, not yet registered: a wrong password 4 times, then the right one")
def _(scene):
    device, account = scene.victim(registered=False)
    for _ in range(4):
        device.register(account, "wrong")
        time.sleep(1)
    device.register(account)


@innocent("typo-then-right", "a new phone with a typo in its account: 3 times, then right")
def _(scene):
    device, account = scene.victim(registered=False)
    for _ in range(3):
        device.register(account + "0", laboratory.password(account))
        time.sleep(1)
    device.register(account)


@innocent("reboots", "a phone that reboots 10 times where max_contacts is 1: refused with the right password")
def _(scene):
    device, account = scene.victim(account="1008", registered=False)
    device.fine = {200, 403}
    for port in range(5100, 5110):
        device._logged_in("REGISTER", account, laboratory.password(account), contact=f"<sip:1008@{device.address}:{port}>")
        time.sleep(0.3)


@innocent("misdials", "a registered phone dials a number that does not exist, 12 times")
def _(scene):
    device, account = scene.victim()
    for n in range(12):
        device.call(account, f"47{n:02}")
        time.sleep(0.3)


@innocent("office-behind-one-address", "5 phones behind one address; one of them has a wrong password and tries 20 times")
def _(scene):
    device, account = scene.victim()
    lines = [sip.Connection(scene.lab.namespace("cli"), device.address, laboratory.OFFICE, port=6000 + n, agent="Yealink SIP-T46S 66.86.0.15") for n in range(4)]
    for n, line in enumerate(lines[:3]):
        line.log_in("REGISTER", str(2050 + n), laboratory.password(str(2050 + n)))
    for _ in range(20):
        lines[3].log_in("REGISTER", "2053", "old-password")
        time.sleep(0.4)
    for line in lines:
        line.close()


@innocent("wrong-phone-alone", "a registered phone whose owner changes its password: 20 refusals, then right")
def _(scene):
    device, account = scene.victim()
    for _ in range(20):
        device.register(account, "old-password")
        time.sleep(0.3)
    device.register(account)


@innocent("stale-nonces", "a phone that answers with an old nonce 12 times")
def _(scene):
    device, account = scene.victim()
    with sip.Connection(scene.lab.namespace("cli"), device.address, laboratory.OFFICE, port=6000) as line:
        for _ in range(12):
            line.log_in("REGISTER", account, laboratory.password(account), nonce="1700000000/0123456789abcdef0123456789abcdef")
            time.sleep(0.3)


@innocent("registers-often", "a phone that registers 40 times in a row")
def _(scene):
    device, account = scene.victim()
    for _ in range(40):
        device.register(account)


@innocent("asks-only", "a new phone whose firmware asks 12 times before it answers the challenge")
def _(scene):
    device, account = scene.victim(registered=False)
    for _ in range(12):
        device.ask("REGISTER", account)
        time.sleep(0.3)
    device.register(account)


@innocent("keep-alives", "a phone that keeps its router's door open with 60 packets that are no SIP")
def _(scene):
    device, _ = scene.victim()
    for n in range(60):
        device.send((b"\r\n\r\n", b"\0\0\0\0", b"\r\n")[n % 3])
        time.sleep(0.05)


@innocent("subscribes", "a phone that subscribes 20 times to what the PBX does not offer")
def _(scene):
    device, account = scene.victim()
    for _ in range(20):
        device._logged_in("SUBSCRIBE", account, laboratory.password(account), target=account, extra=[("Event", "message-summary"), ("Expires", "60")])
        time.sleep(0.1)


@innocent("trunk-options", "the trunk asks OPTIONS 300 times and is asked for a password each time", alone=True,
          scaled="300 in 10 s; in the field one in 30 s for hours")
def _(scene):
    trunk = scene.office.login_trunk
    for n in range(300):
        trunk.send(trunk.line.message("OPTIONS", "pinger", call_id=f"options-{n}"))
        time.sleep(0.033)


@innocent("trunk-misdials", "callers of the trunk dial 30 numbers that the PBX does not have", alone=True)
def _(scene):
    trunk = scene.office.trunk
    for n in range(30):
        answer = trunk.ask("INVITE", "4930123456", target=f"none{n}", body=sip.SDP.format(trunk.address), patience=0.5)
        if answer:
            trunk.acknowledge(answer, f"none{n}")


@innocent("guest-calls-once", "a stranger who may call: one call through anonymous to the switchboard", pbx="guests")
def _(scene):
    device, _ = scene.victim(registered=False)
    device.fine = {200}
    device.ask("INVITE", "alice", target="600", body=sip.SDP.format(device.address))


@innocent("owner-of-a-guessed-account", "30 addresses guess at an account; then its owner's phone comes, with a wrong password 3 times, then the right one", alone=True)
def _(scene):
    device, account = scene.victim(registered=False)
    for n in range(30):
        with scene.connection(scene.source(1 + n), patience=0.4) as line:
            line.log_in("REGISTER", account, f"guess{n}")
        scene.suspects.add(scene.source(1 + n))
    for _ in range(3):
        device.register(account, "wrong")
        time.sleep(0.5)
    device.register(account)


@innocent("same-make-as-a-scanner", "40 accounts are scanned from 40 addresses with a phone maker's User-Agent; then a new phone of that make registers", alone=True)
def _(scene):
    device, account = scene.victim(registered=False)
    for n in range(40):
        with scene.connection(scene.source(1 + n), patience=0.4, agent=device.line.agent) as line:
            line.ask("REGISTER", f"{7000 + n}")
        scene.suspects.add(scene.source(1 + n))
    device.ask("REGISTER", account)
    time.sleep(0.5)
    device.register(account)
