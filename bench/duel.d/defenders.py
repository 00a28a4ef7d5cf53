"""Who defends: each started fresh, beside the Asterisk, as its packages ship it. What it bans is read from the kernel, alike for all."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ringfence"


class Defender:
    """None: what an Asterisk without a defender does."""

    name = "none"
    # From the last line that it needs to the address in the kernel, at most: how long the duel waits before it looks.
    settles = 0.5

    def __init__(self, lab, work):
        self._lab, self._work, self._processes = lab, Path(work) / self.name, []
        self._work.mkdir(parents=True, exist_ok=True)

    def version(self):
        return ""

    def prepare(self):
        """Once: what it needs on this machine."""

    def start(self):
        """Fresh: no memory of earlier attacks, an empty firewall."""

    def stop(self):
        for process in self._processes:
            process.send_signal(signal.SIGTERM)
        for process in self._processes:
            try:
                process.wait(8)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes = []
        self._lab.run("pbx", "nft", "flush", "ruleset", check=False)

    def settle(self):
        """Waits until what it has decided is in the kernel."""
        time.sleep(self.settles)

    def bans(self):
        """Every address and network whose packets the kernel refuses in the PBX's namespace."""
        return banned(json.loads(self._lab.run("pbx", "nft", "-j", "list", "ruleset") or '{"nftables": []}'))

    def throttled(self):
        """Every address of whose SIP over UDP the kernel lets a little through, because its attack proves no address."""
        return set()

    def alerts(self, addresses):
        """Of these addresses those that it told the operator of, banned or not: address -> what it said."""
        return {}

    def log(self):
        """The end of what it wrote, for a failure."""
        return ""

    def _run(self, command, environment=None, output="out"):
        # A machine whose name is known and whose resolver answers at once, if only with no: in the namespace the host's can't be reached, and
        # who asks it (fail2ban for its own names, before each first ban) would wait for 20 s.
        (self._work / "hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {os.uname().nodename}\n", encoding="ascii")
        (self._work / "resolv.conf").write_text("nameserver 127.0.0.1\n", encoding="ascii")
        own = 'mount --bind hosts /etc/hosts && mount --bind resolv.conf /etc/resolv.conf && exec "$@"'
        with open(self._work / output, "ab") as out:
            process = subprocess.Popen(
                self._lab.inside("pbx", "sh", "-c", own, "sh", *command), stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self._work,
                env={**os.environ, "PATH": f"{self._lab.console}:{os.environ['PATH']}", **(environment or {})}, start_new_session=True)
        self._processes.append(process)
        return process

    def _await(self, ready, seconds=25):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if any(process.poll() is not None for process in self._processes):
                break
            if ready():
                return
            time.sleep(0.05)
        raise SystemExit(f"duel: {self.name} did not start: {self.log()[-1500:]}")


class Ringfence(Defender):
    """The published file, with the configuration that `ringfence init` writes for this Asterisk and duel.d/ringfence.conf."""

    name = "ringfence"
    settles = 1.5

    def __init__(self, lab, work, binary):
        super().__init__(lab, work)
        self._binary, self._config = binary, self._work / "ringfence.conf"

    def version(self):
        return subprocess.run([self._binary, "--version"], capture_output=True, text=True, check=True).stdout.strip()

    def start(self):
        shutil.rmtree(self._work)
        self._work.mkdir()
        text = (HERE / "ringfence.conf").read_text(encoding="ascii")
        for name, value in {"@log@": self._lab.logs, "@etc@": self._lab.directory / "etc", "@work@": self._work}.items():
            text = text.replace(name, str(value))
        self._config.write_text(text, encoding="ascii")
        self._run([self._binary, "guard", "--enforce", "--config", self._config])
        self._await(self._reads)

    def throttled(self):
        listed = json.loads(self._lab.run("pbx", "nft", "-j", "list", "table", "inet", "ringfence"))["nftables"]
        return {element(value) for part in listed if part.get("set", {}).get("name", "").startswith("throttled") for value in part["set"].get("elem", [])}

    def alerts(self, addresses):
        said = {}
        for address in addresses:
            for decision in (self._ask(f"/v1/why/{address}") or {}).get("decisions", []):
                if decision["action"] != "unban":
                    said[address] = f"{decision['action']}: {decision['rule']} {decision['reason']}"
        for decision in (self._ask("/v1/status") or {}).get("latest", []):
            if decision["action"] != "ban":
                said.setdefault(decision["subject"], f"{decision['action']}: {decision['rule']} {decision['reason']}")
        return said

    def log(self):
        return (self._work / "out").read_text(errors="replace")

    def _reads(self):
        status = self._ask("/v1/status")
        return bool(status) and len(status["sources"]) > 0 and all(source["alive"] for source in status["sources"])

    def _ask(self, path):
        """The daemon's API on its unix socket (docs/json.md); None while it does not answer."""
        connection = HTTPConnection("ringfence", timeout=5)
        connection.sock = socket.socket(socket.AF_UNIX)
        try:
            connection.sock.connect(str(self._work / "ringfence.sock"))
            connection.request("GET", path)
            answer = connection.getresponse()
            return json.loads(answer.read()) if answer.status == 200 else None
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()


class Fail2ban(Defender):
    """Debian's fail2ban: its own configuration, and duel.d/fail2ban.local beside it (the jail on, the paths)."""

    name = "fail2ban"
    log_names = ("messages",)
    settles = 2.5

    def version(self):
        return subprocess.run(["fail2ban-server", "--version"], capture_output=True, text=True, check=True).stdout.strip().splitlines()[0]

    def prepare(self):
        if not shutil.which("fail2ban-server"):
            raise SystemExit("duel: no fail2ban here: apt-get install fail2ban")

    def start(self):
        shutil.rmtree(self._work)
        self._work.mkdir()
        shutil.copytree("/etc/fail2ban", self._work / "etc")
        for file in (self._work / "etc" / "jail.d").glob("*"):
            file.unlink()
        text = (HERE / "fail2ban.local").read_text(encoding="ascii")
        paths = "\n          ".join(str(self._lab.logs / name) for name in self.log_names)
        (self._work / "etc" / "jail.local").write_text(text.replace("@logs@", paths), encoding="ascii")
        (self._work / "etc" / "fail2ban.local").write_text(
            f"[DEFAULT]\ndbfile = {self._work}/db.sqlite3\nlogtarget = {self._work}/fail2ban.log\n", encoding="ascii")
        # Relative paths, as short as a socket's must be.
        self._run(["fail2ban-server", "-c", "etc", "-s", "sock", "-p", "pid", "-f", "start"])
        self._await(lambda: "Currently failed" in self._client("status", "asterisk"))

    def log(self):
        path = self._work / "fail2ban.log"
        return (self._work / "out").read_text(errors="replace") + (path.read_text(errors="replace") if path.exists() else "")

    def _client(self, *arguments):
        return subprocess.run(["fail2ban-client", "-c", "etc", "-s", "sock", *arguments], cwd=self._work, capture_output=True, text=True,
                              check=False).stdout


class Fail2banSecurity(Fail2ban):
    """The same jail on the security log, where many guides point it."""

    name = "fail2ban-security"
    log_names = ("security",)


class CrowdSec(Defender):
    """Debian's CrowdSec and its firewall bouncer, unpacked (nothing of theirs starts on this machine), with the offline hub of the package."""

    name = "crowdsec"
    settles = 2.5
    # The bouncer asks for decisions every 10 s.
    _asks = 10.5
    _packages = ("crowdsec", "crowdsec-firewall-bouncer")

    def __init__(self, lab, work):
        super().__init__(lab, work)
        self._root = CACHE / "crowdsec"

    def version(self):
        return ", ".join((self._root / name).read_text().strip() for name in ("crowdsec.version", "crowdsec-firewall-bouncer.version"))

    def prepare(self):
        if (self._root / ".complete").exists():
            return
        shutil.rmtree(self._root, ignore_errors=True)
        self._root.mkdir(parents=True)
        for package in self._packages:
            subprocess.run(["apt-get", "-qq", "download", package], cwd=self._root, check=True, stderr=subprocess.DEVNULL)
            file = next(self._root.glob(f"{package}_*.deb"))
            subprocess.run(["dpkg-deb", "-x", file, self._root / "root"], check=True)
            version = subprocess.run(["dpkg-deb", "-f", file, "Version"], capture_output=True, text=True, check=True).stdout
            (self._root / f"{package}.version").write_text(f"{package} {version}")
            file.unlink()
        (self._root / ".complete").touch()

    def start(self):
        shutil.rmtree(self._work)
        (self._work / "data").mkdir(parents=True)
        self._configure()
        self._cscli("machines", "add", "duel", "--auto", "--force", "-f", self._work / "etc" / "local_api_credentials.yaml")
        key = self._cscli("bouncers", "add", "duel", "-o", "raw").strip()
        bouncer = (self._root / "root/etc/crowdsec/bouncers/crowdsec-firewall-bouncer.yaml").read_text()
        bouncer = bouncer.replace("${BACKEND}", "nftables").replace("${API_KEY}", key).replace("/var/log/", f"{self._work}/")
        bouncer = bouncer.replace("/var/run/", f"{self._work}/").replace("daemonize: true", "daemonize: false")
        (self._work / "bouncer.yaml").write_text(bouncer)
        # What it keeps of one attack would be known in the next: a namespace's loopback and a database of its own.
        self._run([self._root / "root/usr/bin/crowdsec", "-c", self._work / "etc/config.yaml"])
        self._await(lambda: "Starting processing data" in self.log() and "ok" in self._status())
        self._run([self._root / "root/usr/bin/crowdsec-firewall-bouncer", "-c", self._work / "bouncer.yaml"], output="bouncer.out")
        self._await(lambda: "crowdsec" in self._lab.run("pbx", "nft", "list", "tables"))
        # The attacks begin half way between two of the bouncer's questions: what it takes on average.
        time.sleep(5)

    def settle(self):
        super().settle()
        end = time.monotonic() + self._asks
        while time.monotonic() < end and not set(self.alerts([])) <= self.bans():
            time.sleep(0.5)

    def alerts(self, addresses):
        found = json.loads(self._cscli("alerts", "list", "-o", "json", "-l", "0") or "null") or []
        return {alert["source"]["ip"]: f"alert: {alert['scenario']}" for alert in found if alert["source"].get("ip")}

    def log(self):
        return "".join((self._work / name).read_text(errors="replace")
                       for name in ("out", "crowdsec.log", "bouncer.out") if (self._work / name).exists())

    def _configure(self):
        package, etc = self._root / "root/etc/crowdsec", self._work / "etc"
        shutil.copytree(package, etc)
        hub = self._work / "hub"
        hub.mkdir()
        for item in ("blockers", "collections", "parsers", "postoverflows", "scenarios", ".index.json"):
            (hub / item).symlink_to(self._root / "root/usr/share/crowdsec/hub" / item)
        shutil.copytree(self._root / "root/usr/share/crowdsec/data", self._work / "data", dirs_exist_ok=True)
        text = (etc / "config.yaml").read_text()
        text = text.replace("/etc/crowdsec", str(etc)).replace("/var/lib/crowdsec/data", f"{self._work}/data")
        text = text.replace("/var/lib/crowdsec/hub", str(hub)).replace("/usr/lib/crowdsec/plugins", f"{self._root}/root/usr/lib/crowdsec/plugins")
        text = text.replace("log_dir: /var/log/", f"log_dir: {self._work}/").replace("daemonize: true", "daemonize: false")
        # No account at the central API: nothing leaves the laboratory.
        text = re.sub(r"\n    online_client:.*\n.*credentials_path: .*online_api.*", "", text)
        text = text.replace("type: sqlite", "type: sqlite\n  use_wal: true")
        (etc / "config.yaml").write_text(text)
        self._link_recommended(hub, etc)
        acquisition = (HERE / "crowdsec.yaml").read_text().replace("@log@", str(self._lab.logs))
        (etc / "acquis.yaml").write_text(acquisition)

    def _link_recommended(self, hub, etc):
        """As the package's own installation: links to its offline hub. What it turns on by itself and Asterisk's lines pass (the parsers of
        dates, the list of private networks), and its collection "asterisk", since `cscli collections install` wants the internet first."""
        for item in ("collections/crowdsecurity/asterisk.yaml", "parsers/s01-parse/crowdsecurity/asterisk-logs.yaml",
                     "scenarios/crowdsecurity/asterisk_bf.yaml", "scenarios/crowdsecurity/asterisk_user_enum.yaml",
                     "parsers/s00-raw/crowdsecurity/syslog-logs.yaml", "parsers/s02-enrich/crowdsecurity/dateparse-enrich.yaml",
                     "parsers/s02-enrich/crowdsecurity/whitelists.yaml"):
            link = etc / Path(item).parent.parent / Path(item).name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(hub / item)
        (etc / "postoverflows").mkdir(exist_ok=True)

    def _cscli(self, *arguments):
        ran = subprocess.run(self._lab.inside("pbx", self._root / "root/usr/bin/cscli", "--error", "-c", self._work / "etc/config.yaml", *arguments),
                             capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            raise SystemExit(f"duel: cscli {' '.join(map(str, arguments))}: {ran.stderr[-800:]}{ran.stdout[-300:]}")
        return ran.stdout

    def _status(self):
        ran = subprocess.run(self._lab.inside("pbx", self._root / "root/usr/bin/cscli", "-c", self._work / "etc/config.yaml", "lapi", "status"),
                             capture_output=True, text=True, check=False)
        return "ok" if ran.returncode == 0 else ""


def banned(ruleset):
    """The elements of each set that a rule looks the sender up in, to refuse what it finds. Limits are no bans."""
    parts = ruleset["nftables"]
    rules = [part["rule"] for part in parts if "rule" in part]
    refusing = {(rule["table"], rule["chain"]) for rule in rules
                if any("drop" in s or "reject" in s for s in rule["expr"]) and not any("match" in s or "limit" in s for s in rule["expr"])}
    names = set()
    for rule in rules:
        lookups = [s["match"]["right"][1:] for s in rule["expr"] if "match" in s and isinstance(s["match"]["right"], str)
                   and s["match"]["right"].startswith("@") and "saddr" in json.dumps(s["match"]["left"]) and s["match"]["op"] == "=="]
        refuses = any("drop" in s or "reject" in s or ("jump" in s and (rule["table"], s["jump"]["target"]) in refusing) for s in rule["expr"])
        if lookups and refuses and not any("limit" in s for s in rule["expr"]):
            names.update((rule["table"], name) for name in lookups)
    found = set()
    for part in parts:
        listed = part.get("set")
        if listed and (listed["table"], listed["name"]) in names:
            found.update(filter(None, map(element, listed.get("elem", []))))
    return found


def element(value):
    if isinstance(value, dict) and "elem" in value:
        value = value["elem"]["val"]
    if isinstance(value, dict) and "prefix" in value:
        return f"{value['prefix']['addr']}/{value['prefix']['len']}"
    if isinstance(value, dict) and "range" in value:
        return "-".join(value["range"])
    return value if isinstance(value, str) else None
