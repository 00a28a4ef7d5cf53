"""A real Asterisk and its neighbours, each in a network namespace of its own (lab/asterisk), with more addresses than the tests need."""
import ctypes
import os
import re
import shutil
import subprocess
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "lab" / "asterisk"
OWN_CONF = Path(__file__).resolve().parent / "asterisk"

# The PBX as the world sees it and as its phones see it.
WORLD, WORLD6 = "10.80.0.1", "2001:db8:80::1"
OFFICE = "10.81.0.1"
TRUNK_IP, TRUNK_LOGIN = "203.0.113.10", "203.0.113.11"

# Attackers: RFC 2544's range, so that each attack has a /24 (or a /48) of its own, and one attack's neighbours are not another's.
ATTACKERS, ATTACKERS6 = "198.18.0.0/15", "2001:db8:b000::/36"
# Crowds: each has a /16 of its own (RFC 6598's range).
CROWDS = "100.64.0.0/10"
# Phones at home, behind routers of their own; the PBX reaches them through the phones' namespace.
HOMES = "203.0.113.128/25"
HOME_PHONES = 60
# Accounts that nobody uses: one for each attack to guess at.
TARGETS = range(3001, 3200)
# One user and one routing table for each tool that can't be told its source address.
TOOL_UID = 62000

_libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000


def password(account):
    return f"Lab-{account}-w7Kq3Vz"


class Namespace:
    """The calling thread is in another network namespace while this holds; a socket that it opens stays there."""

    def __init__(self, name):
        self._path = f"/run/netns/{name}"

    def __enter__(self):
        self._own = os.open(f"/proc/self/task/{threading.get_native_id()}/ns/net", os.O_RDONLY)
        with open(self._path, "rb") as there:
            self._set(there.fileno())

    def __exit__(self, *_):
        self._set(self._own)
        os.close(self._own)

    @staticmethod
    def _set(descriptor):
        if _libc.setns(descriptor, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")


class Lab:
    def __init__(self, name, work):
        self.name, self._work = name, Path(work)
        self._environment = {**os.environ, "RINGFENCE_LAB": name, "RINGFENCE_LAB_OWNER": str(os.getpid())}
        self.directory = Path(self._script("dir").strip())
        self._variant = None
        self._tool_users = {}
        self._lock = threading.Lock()

    @property
    def logs(self):
        return self.directory / "log"

    @property
    def console(self):
        """A folder with an `asterisk` that reaches this Asterisk's console."""
        return self.directory / "bin"

    def namespace(self, which):
        return Namespace(f"{self.name}-{which}")

    def inside(self, which, *command):
        return ["ip", "netns", "exec", f"{self.name}-{which}", *map(str, command)]

    def run(self, which, *command, check=True, timeout=20):
        return subprocess.run(
            self.inside(which, *command), check=check, timeout=timeout, capture_output=True, text=True, errors="replace").stdout

    def up(self):
        self._script("install")
        self._script("up")
        self.run("att", "ip", "route", "add", "local", ATTACKERS, "dev", "lo")
        self.run("att", "ip", "route", "add", "local", CROWDS, "dev", "lo")
        self.run("att", "ip", "-6", "route", "add", "local", ATTACKERS6, "dev", "lo")
        # A local route makes IPv4 addresses bindable; IPv6 wants to be told.
        self.run("att", "sysctl", "-qw", "net.ipv6.ip_nonlocal_bind=1")
        self.run("cli", "ip", "route", "add", "local", HOMES, "dev", "lo")
        self.run("pbx", "ip", "route", "add", HOMES, "via", "10.81.0.11", "dev", "cli0")
        # Counts what the PBX answers to a tool, which can't be asked itself.
        self.run("att", "nft", "add table inet duel; add chain inet duel in { type filter hook prerouting priority 0; }")

    def down(self):
        subprocess.run([SCRIPT, "down"], env=self._environment, check=False, capture_output=True)

    def start(self, variant):
        """Runs a fresh Asterisk in this variant of the configuration; what ran before is ended."""
        self._script("stop")
        for old in (self.directory / "log", self.directory / "db"):
            shutil.rmtree(old, ignore_errors=True)
        self._script("start", self._configuration(variant))
        self._variant = variant

    def cli(self, command):
        return self._script("cli", command)

    def version(self):
        return self.cli("core show version").split(" built ")[0].strip()

    def as_attacker(self, source, command):
        """The command line of a tool whose packets leave with this source address, whatever it binds to."""
        with self._lock:
            user = self._tool_users.get(source)
            if user is None:
                user = self._tool_users[source] = TOOL_UID + len(self._tool_users)
                table = str(2000 + user - TOOL_UID)
                gateway, family = ("2001:db8:80::1", ["-6"]) if ":" in source else ("10.80.0.1", [])
                if family:
                    # A route's src must be an address of the machine; for IPv6 a local route is not enough.
                    self.run("att", "ip", "addr", "add", f"{source}/128", "dev", "pbx0", "nodad")
                self.run("att", "ip", *family, "rule", "add", "uidrange", f"{user}-{user}", "lookup", table)
                self.run("att", "ip", *family, "route", "add", "default", "via", gateway, "src", source, "table", table)
        # The source tree may lie where only root may look: these capabilities let the tool read its own files.
        return self.inside("att", "setpriv", "--reuid", user, "--regid", 65534, "--clear-groups", "--no-new-privs",
                           "--inh-caps=+dac_override,+dac_read_search", "--ambient-caps=+dac_override,+dac_read_search",
                           "env", "HOME=/nonexistent", *command)

    def _script(self, *arguments):
        ran = subprocess.run([SCRIPT, *map(str, arguments)], env=self._environment, capture_output=True, text=True, errors="replace")
        if ran.returncode != 0:
            raise SystemExit(f"duel: lab/asterisk {arguments[0]}: {ran.stderr.strip()}")
        return ran.stdout

    def _configuration(self, variant):
        """lab/conf and what the duel adds: AMI, ARI, more phones, a trunk that the PBX logs in at."""
        conf = self._work / f"conf-{variant}"
        shutil.rmtree(conf, ignore_errors=True)
        shutil.copytree(ROOT / "lab" / "conf", conf)
        for file in OWN_CONF.glob("*.conf"):
            with open(conf / file.name, "a", encoding="ascii") as whole:
                whole.write("\n" + file.read_text(encoding="ascii"))
        pjsip = conf / "pjsip.conf"
        text = pjsip.read_text(encoding="ascii") + "".join(self._phone(2001 + n) for n in range(HOME_PHONES)) + "".join(map(self._phone, TARGETS))
        if variant == "auth_username":
            text = text.replace("user_agent = PBX", "user_agent = PBX\nendpoint_identifier_order = auth_username,username,ip,anonymous", 1)
        if variant == "guests":
            text += "\n[anonymous]\ntype = endpoint\ncontext = guests\ndisallow = all\nallow = ulaw\n"
        pjsip.write_text(text, encoding="ascii")
        return conf

    @staticmethod
    def _phone(account):
        return (f"\n[{account}](phone)\nauth = {account}\naors = {account}\n[{account}](login)\nusername = {account}\n"
                f"password = {password(account)}\n[{account}](contacts)\n")

