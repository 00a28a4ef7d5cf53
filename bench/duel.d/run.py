"""One defender through all attacks: batches of those that may run beside each other, everything fresh for each batch."""
import ipaddress
import threading
import time
import traceback

from scene import Meter, Scene

AT_ONCE = 14
# A crowd is silenced when so many attempts in a row stay unanswered.
CROWD_SILENT = 10
# Whoever is throttled and is answered now and then is so every 10 s.
THROTTLE_SILENT = 15


def batches(attacks):
    """The same PBX for all of a batch, and alone what must be."""
    waiting = []
    for pbx in dict.fromkeys(attack.pbx for attack in attacks):
        beside = [attack for attack in attacks if attack.pbx == pbx and not attack.alone]
        waiting += [beside[at:at + AT_ONCE] for at in range(0, len(beside), AT_ONCE)]
        waiting += [[attack] for attack in attacks if attack.pbx == pbx and attack.alone]
    return waiting


class Run:
    def __init__(self, lab, defender, office, numbers, say):
        self._lab, self._defender, self._office, self._numbers, self._say = lab, defender, office, numbers, say
        self._variant = None
        self.results = {}

    def all(self, attacks):
        for batch in batches(attacks):
            began = time.monotonic()
            self._batch(batch)
            self._say(f"{self._defender.name}: {', '.join(attack.name for attack in batch)} ({time.monotonic() - began:.0f} s)")
        return self.results

    def _batch(self, batch):
        if self._variant != batch[0].pbx:
            self._lab.start(batch[0].pbx)
            self._variant = batch[0].pbx
            self._office.open()
        # Fresh logs: what earlier attacks wrote is not read again.
        self._lab.cli("logger rotate")
        for file in self._lab.logs.glob("*.[0-9]*"):
            file.unlink()
        self._defender.start()
        scenes = [Scene(self._lab, self._office, self._numbers[attack.name], attack) for attack in batch]
        try:
            workers = [threading.Thread(target=self._act, args=[scene]) for scene in scenes]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            self._defender.settle()
            homes = [home for scene in scenes for home in scene.homes]
            broken = self._office.broken(homes)
            bans, throttled = self._defender.bans(), self._defender.throttled()
            self._move_in(scenes, bans)
            attackers = {scene: set(scene.meters) | scene.suspects for scene in scenes}
            asked = set().union(*attackers.values(), *({device.address for device, _ in scene.homes} | set(scene.bystanders) for scene in scenes))
            alerts = self._defender.alerts(sorted(asked))
            everyone = set().union(*attackers.values())
            # Banned, and answered to the last: because the ban came late, or because it is none for this port.
            late = {source for scene in scenes for source, meter in scene.meters.items()
                    if not meter.stopped and covered(source, bans) and not scene.knock(source, meter.port)}
            for scene in scenes:
                self.results[scene.attack.name] = judged(scene, bans, everyone, alerts, broken, late, throttled, len(batch) == 1)
        finally:
            self._defender.stop()
        for scene in scenes:
            for device, _ in scene.homes:
                self._office.forget(device)

    def _move_in(self, scenes, bans):
        """Can a phone begin to work at the addresses that were accused, where they are not banned anyway?"""
        accused = [(scene, address) for scene in scenes for address in scene.bystanders if not covered(address, bans)]
        workers = [threading.Thread(target=lambda scene=scene, address=address: scene.arrived(address, self._office.moves_in(address)))
                   for scene, address in accused]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def _act(self, scene):
        try:
            scene.attack.run(scene)
        except Exception:  # an attack that fails is told in its row
            scene.notes.append("FAILED: " + traceback.format_exc().strip().splitlines()[-1])
            traceback.print_exc()


def judged(scene, bans, everyone, alerts, broken, late, throttled, alone):
    """What became of one attack, as it stands in the results."""
    meters = scene.meters
    own = set(meters) | scene.suspects
    hit = {address for address in own if covered(address, bans)}
    victims = {device.address for device, _ in scene.homes} | set(scene.bystanders)
    # Beside others an innocent address that is nobody's victim can't be laid at one attack's door: then it is told of all of them.
    innocent = {ban for ban in bans if not any(covered(address, {ban}) for address in everyone)
                and (alone or any(covered(victim, {ban}) for victim in victims) or not is_victim(ban))}
    shared = [words for words in broken if "203.0.113." not in words]
    mine = [words for words in broken if any(device.address in words for device, _ in scene.homes)]
    held = {address for address in own if covered(address, throttled)}
    whole = scene.crowd if scene.crowd.attempts else next(iter(meters.values()), Meter())
    ended = whole.unanswered_since - whole.first if held and whole.unanswered_since else whole.seconds
    return {
        "attack": scene.attack.name,
        "sources": len(own),
        "banned": sorted(hit),
        # A throttle lets his TCP through, by which it is else told from a PBX that has no time; of his REGISTER it answers one in 10 s.
        "silenced": whole.stopped or (bool(held) and whole.unanswered >= THROTTLE_SILENT) if len(meters) < 2 else whole.silent >= CROWD_SILENT,
        "late": bool(late & set(meters)) and len(meters) == 1,
        "seconds": None if ended is None else round(ended, 2),
        "attempts": sum(meter.attempts or 0 for meter in meters.values()),
        "answered": sum(meter.answered for meter in meters.values()),
        "alerts": {address: alerts[address] for address in sorted(own | victims) if address in alerts},
        "innocent_banned": sorted(innocent),
        "throttled": sorted(held),
        "arrived": scene.arrivals,
        "disturbed": scene.during + mine + shared,
        "notes": scene.notes,
    }


def is_victim(ban):
    return ban.startswith(("192.0.2.", "203.0.113.")) and not ban.startswith(("203.0.113.10/", "203.0.113.11/")) and ban not in (
        "203.0.113.10", "203.0.113.11")


def covered(address, bans):
    """Is this address refused by one of these addresses, networks and ranges?"""
    host = ipaddress.ip_address(address)
    for ban in bans:
        first, _, last = ban.partition("-")
        if last:
            if ipaddress.ip_address(first).version == host.version and ipaddress.ip_address(first) <= host <= ipaddress.ip_address(last):
                return True
            continue
        network = ipaddress.ip_network(ban, strict=False)
        # A ban of one IPv6 address is one of its /64 where the rule masks it.
        if network.version == 6 and network.prefixlen == 128 and str(network.network_address).endswith("::"):
            network = ipaddress.ip_network(f"{network.network_address}/64")
        if host in network:
            return True
    return False
