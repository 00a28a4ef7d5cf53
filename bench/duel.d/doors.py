"""What else listens on the machine: the manager interface, the web server; and calls that need no login."""
import base64
import socket

import sip
from lab import WORLD
from scene import attack

GROUP = "Other doors"


def say(scene, port, text, source=None):
    """One TCP connection: sends this, returns the first bytes of the answer or None."""
    with scene.lab.namespace("att"):
        plug = socket.socket()
    with plug:
        plug.settimeout(1)
        try:
            plug.bind((source or scene.source(), 0))
            plug.connect((WORLD, port))
            if port == 5038:
                plug.recv(200)
            plug.sendall(text.encode("latin-1"))
            return plug.recv(4096) or None
        except OSError:
            return None


def manager(name, what, text, **rest):
    attack(name, GROUP, what, **rest)(lambda scene: scene.repeat(lambda n: say(scene, 5038, text(n)) is not None, port=5038))


manager("ami-unknown-user", "AMI: users that do not exist", lambda n: f"Action: Login\r\nUsername: user{n}\r\nSecret: 1234\r\n\r\n")
manager("ami-wrong-secret", "AMI: wrong secrets of a user that exists", lambda n: f"Action: Login\r\nUsername: remote\r\nSecret: guess{n}\r\n\r\n")
manager("ami-acl", "AMI: a user that may log in from elsewhere only", lambda n: "Action: Login\r\nUsername: admin\r\nSecret: Adm1n-Very-Long-Secret\r\n\r\n")
manager("ami-junk", "AMI: what is no login", lambda n: "GET / HTTP/1.0\r\n\r\nAction: Command\r\nCommand: core show channels\r\n\r\n")


@attack("ami-connections", GROUP, "AMI: connections that say nothing, more than authlimit; Asterisk logs none of them", alone=True)
def _(scene):
    held = []

    def once(_):
        with scene.lab.namespace("att"):
            plug = socket.socket()
        held.append(plug)
        plug.settimeout(1)
        try:
            plug.bind((scene.source(), 0))
            plug.connect((WORLD, 5038))
            return True
        except OSError:
            return False
    scene.repeat(once, seconds=10, port=5038)
    for plug in held:
        plug.close()


def basic(n):
    return base64.b64encode(f"operator:guess{n}".encode()).decode()


@attack("ari-password", GROUP, "ARI: wrong passwords; Asterisk logs none of them")
def _(scene):
    scene.repeat(lambda n: say(scene, 8088, f"GET /ari/asterisk/info HTTP/1.1\r\nHost: pbx\r\nAuthorization: Basic {basic(n)}\r\n"
                                            "Connection: close\r\n\r\n") is not None, port=8088)


@attack("http-manager", GROUP, "AMI over HTTP: wrong secrets")
def _(scene):
    scene.repeat(lambda n: say(scene, 8088, f"GET /rawman?action=login&username=remote&secret=guess{n} HTTP/1.1\r\nHost: pbx\r\n"
                                            "Connection: close\r\n\r\n") is not None, port=8088)


@attack("guest-calls", GROUP, "toll fraud without a login where an endpoint named anonymous lets it: the PBX answers each call and logs nothing", pbx="guests",
        because="A provider that nobody named as a trunk sends its calls in the same way, and the PBX's configuration lets both in. Who is to be banned is the "
                "operator's to say: he is told at the first call to an international number.")
def _(scene):
    scene.each_on_its_own(lambda line, n: line.ask("INVITE", "asterisk", target=f"00972592{n:06}", body=sip.SDP.format(scene.source())))


@attack("guest-dial-plan", GROUP, "the same, looking for the prefix: numbers that the dialplan refuses", pbx="guests")
def _(scene):
    scene.each_on_its_own(lambda line, n: line.ask("INVITE", "asterisk", target=f"+{n:02}972592{n:06}", body=sip.SDP.format(scene.source())))


@attack("guest-register", GROUP, "REGISTER of unknown accounts that anonymous takes for its own (403)", pbx="guests")
def _(scene):
    scene.each_on_its_own(lambda line, n: line.ask("REGISTER", f"{7000 + n}"))
