"""What an attack is, what it gets to work with, and how its success is measured."""
import re
import socket
import subprocess
import threading
import time
from dataclasses import dataclass, field

import lab as laboratory
import sip

# As long as CrowdSec needs to ban at all (its bouncer asks every 10 s), and as often as a careful guesser tries.
SECONDS, PER_SECOND = 24, 5
# So many answers in a row that do not come are no lost packet.
SILENT = 3


@dataclass(frozen=True)
class Attack:
    name: str
    group: str
    what: str
    run: object
    # Which configuration of the PBX: see Lab._configuration.
    pbx: str = "plain"
    # Not beside others: it disturbs everybody, or is about the trunk, which all share.
    alone: bool = False
    # "stop": whoever does it should be banned. "spare": nobody may be. "hold": the source is forged or refuses nothing, phones must live.
    expect: str = "stop"
    # Why Ringfence does not stop it, where it does not.
    because: str = ""
    # A slow case is compressed: what the table says of it.
    scaled: str = ""


ATTACKS = []


def attack(name, group, what, **rest):
    def add(run):
        ATTACKS.append(Attack(name, group, what, run, **rest))
        return run
    return add


class Meter:
    """Counts what one source tried and what was answered, until nothing is."""

    def __init__(self):
        self.attempts = self.answered = self.silent = 0
        # When the first attempt was that has stayed unanswered, with all behind it, and when the last was.
        self.unanswered_since = self._last = None
        self.first = self._silent_since = None
        self.enough = SILENT
        # Where it knocks.
        self.port = 5060

    @property
    def stopped(self):
        return self.silent >= self.enough

    @property
    def seconds(self):
        """From the first packet to the first that was never answered again; None: the last one was answered."""
        return None if self._silent_since is None else self._silent_since - self.first

    @property
    def unanswered(self):
        """Seconds without an answer at the end."""
        return self._last - self.unanswered_since if self.unanswered_since else 0

    def attempt(self, act):
        """One attempt; act's result tells whether the PBX answered. False once the source is silenced."""
        now = time.monotonic()
        self.first = self.first or now
        self.attempts += 1
        if act():
            self.unanswered_since = None
            self.answered, self.silent, self._silent_since = self.answered + 1, 0, None
        else:
            self.unanswered_since, self._last = self.unanswered_since or now, time.monotonic()
            self.silent += 1
            self._silent_since = self._silent_since or now
        return not self.stopped

    def doubt(self):
        """It was no ban."""
        self.silent, self._silent_since = 0, None
        return True

    def count(self, sent, answers):
        """A piece of a flood: so many sent, so many answers that came meanwhile."""
        now = time.monotonic()
        self.first = self.first or now
        self.attempts, self.answered = self.attempts + sent, self.answered + answers
        self.silent = 0 if answers else self.silent + 1
        self._silent_since = None if answers else self._silent_since or now


@dataclass(eq=False)
class Scene:
    """One attack in one run: its addresses, its victims, its meters."""

    lab: object
    office: object
    number: int
    attack: Attack
    meters: dict = field(default_factory=dict)
    homes: list = field(default_factory=list)
    bystanders: list = field(default_factory=list)
    # All sources together, where there are several.
    crowd: Meter = field(default_factory=Meter)
    notes: list = field(default_factory=list)
    during: list = field(default_factory=list)
    # Seconds that a phone took to log in from an address that was accused.
    arrivals: dict = field(default_factory=dict)
    # Attackers whose silence is not the aim, only whether they are banned or told of.
    suspects: set = field(default_factory=set)

    @property
    def account(self):
        """An account that exists and that this attack alone is after."""
        return str(3000 + self.number)

    def source(self, index=0):
        """An attacker's address; each in a /24 of its own, and none of another attack in it."""
        return f"198.18.{self.number}.7" if index == 0 else f"100.{64 + self.number % 64}.{index}.7"

    def source6(self):
        return f"2001:db8:b{self.number:03x}::7"

    def bystander(self):
        """An address that nobody vouches for and that sends nothing."""
        address = f"192.0.2.{self.number}"
        self.bystanders.append(address)
        return address

    def arrived(self, address, seconds):
        """A phone begins to work at an address that was accused; None: it can't log in."""
        if seconds is None:
            self.during.append(f"a phone that begins to work at {address} can't register")
        else:
            self.arrivals[address] = seconds

    def victim(self, **how):
        """A phone at home, registered: (device, account)."""
        home = self.office.home(**how)
        self.homes.append(home)
        return home

    def meanwhile(self):
        """In the middle of a flood: do phones and trunks still work?"""
        self.during += [f"during it: {words}" for words in self.office.broken(self.homes)]

    def meter(self, source):
        return self.meters.setdefault(source, Meter())

    def connection(self, source, transport="udp", patience=0.7, agent="Z 5.6.1"):
        pbx = laboratory.WORLD6 if ":" in source else laboratory.WORLD
        return sip.Connection(self.lab.namespace("att"), source, pbx, transport, agent=agent, patience=patience)

    def repeat(self, act, source=None, seconds=SECONDS, per_second=PER_SECOND, port=5060):
        """act(n) again and again, at this pace, until the source is silenced or the time is over."""
        source = source or self.source()
        meter = self.meter(source)
        meter.port = port
        begin = time.monotonic()
        for count in range(int(seconds * per_second)):
            if time.monotonic() - begin > seconds:
                return
            # Silence may be a PBX that has no time: its kernel takes a connection all the same, and a ban does not.
            if not meter.attempt(lambda n=count: act(n)) and not (self.knock(source, port) and meter.doubt()):
                return
            time.sleep(max(0.0, begin + (count + 1) / per_second - time.monotonic()))

    def each_on_its_own(self, act, source=None, transport="udp", **pace):
        """As repeat; act(connection, n) has a fresh connection each time."""
        source = source or self.source()

        def once(count):
            with self.connection(source, transport) as connection:
                return connection.open and act(connection, count) is not None
        self.repeat(once, source, port=sip.PORTS[transport], **pace)

    def knock(self, source=None, port=5060):
        """Is this source let through? A TCP connection that says nothing: no log and no message tells of it."""
        source = source or self.source()
        family = socket.AF_INET6 if ":" in source else socket.AF_INET
        with self.lab.namespace("att"):
            plug = socket.socket(family, socket.SOCK_STREAM)
        with plug:
            plug.settimeout(0.7)
            try:
                plug.bind((source, 0))
                plug.connect((laboratory.WORLD6 if ":" in source else laboratory.WORLD, port))
                return True
            except OSError:
                return False

    def blind(self, act, source=None, seconds=SECONDS, per_second=PER_SECOND):
        """As repeat, for what the PBX never answers: after each act(n) the same source knocks."""
        def once(count):
            act(count)
            return self.knock(source)
        self.repeat(once, source, seconds, per_second)

    def tool(self, *command, seconds=SECONDS, source=None):
        """A real tool, again and again from one address, while the same address knocks; its answers are counted on the way back."""
        source = source or self.source()
        meter, ends = self.meter(source), threading.Event()
        counter = f"a{self.number}"
        self.lab.run("att", "nft", f"add counter inet duel {counter}; add rule inet duel in {'ip6' if ':' in source else 'ip'} daddr {source} "
                     f"udp sport 5060 counter name {counter}")

        def run():
            while not ends.is_set():
                process = subprocess.Popen(self.lab.as_attacker(source, command), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                           stderr=subprocess.DEVNULL, cwd="/", start_new_session=True)
                while process.poll() is None and not ends.wait(0.1):
                    pass
                if process.poll() is None:
                    process.kill()
                process.wait()
                ends.wait(0.3)
        worker = threading.Thread(target=run)
        meter.first = time.monotonic()
        worker.start()
        try:
            self.blind(lambda _: None, source, seconds, per_second=10)
        finally:
            ends.set()
            worker.join()
        answers = self.lab.run("att", "nft", "list", "counter", "inet", "duel", counter)
        meter.answered = int(re.search(r"packets (\d+)", answers)[1])
        meter.attempts = None
