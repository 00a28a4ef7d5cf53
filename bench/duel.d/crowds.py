"""Many addresses, each of which does little."""
import time

from scene import PER_SECOND, SECONDS, attack

GROUP = "Crowds"
# So many attempts in a row of whatever addresses that are not answered: the crowd is silenced.
ENOUGH = 30


def crowd(scene, size, act, source=None, seconds=SECONDS, per_second=PER_SECOND):
    """act(connection, n) from one address after the other, whether the others were silenced or not; each is measured by itself."""
    begin = time.monotonic()
    for count in range(int(seconds * per_second)):
        address = (source or (lambda n: scene.source(1 + n)))(count % size)

        def once(n=count, at=address):
            with scene.connection(at, patience=0.4) as line:
                return act(line, n) is not None
        before = scene.meter(address).answered
        scene.meter(address).attempt(once)
        scene.crowd.attempt(lambda at=address, last=before: scene.meter(at).answered > last)
        if scene.crowd.silent >= ENOUGH and all(meter.stopped or meter.attempts < 3 for meter in scene.meters.values()):
            return
        time.sleep(max(0.0, begin + (count + 1) / per_second - time.monotonic()))


@attack("distributed", GROUP, "one account's password guessed from 50 addresses in as many networks", alone=True,
        because="Each address guesses two or three times here. It is told as soon as ten of them did. RF2009 waits for four wrong passwords of one address in a day, since "
                "the account's owner mistypes too, and then bans; a crowd that goes on is stopped address by address.")
def _(scene):
    crowd(scene, 50, lambda line, n: line.log_in("REGISTER", scene.account, f"guess{n}"))


@attack("spraying", GROUP, "one password tried on many accounts from 50 addresses in as many networks", alone=True)
def _(scene):
    crowd(scene, 50, lambda line, n: line.log_in("REGISTER", str(3001 + n), "1234"))


@attack("distributed-scan", GROUP, "unknown accounts from 50 addresses in as many networks", alone=True)
def _(scene):
    crowd(scene, 50, lambda line, n: line.ask("REGISTER", f"{7000 + n}"))


@attack("neighbours", GROUP, "passwords guessed from 30 addresses of one /24", alone=True)
def _(scene):
    crowd(scene, 30, lambda line, n: line.log_in("REGISTER", str(3001 + n % 40), f"guess{n}"), lambda n: f"198.18.{scene.number}.{10 + n}")


@attack("neighbours-of-a-phone", GROUP, "the same, and a registered phone lives in that network", alone=True)
def _(scene):
    address = f"198.18.{scene.number}.200"
    scene.victim(address=address, where="att")
    crowd(scene, 30, lambda line, n: line.log_in("REGISTER", str(3001 + n % 40), f"guess{n}"), lambda n: f"198.18.{scene.number}.{10 + n}")


@attack("rotating-ipv6", GROUP, "passwords guessed from ever new addresses of one IPv6 /64", alone=True)
def _(scene):
    crowd(scene, 120, lambda line, n: line.log_in("REGISTER", scene.account, f"guess{n}"), lambda n: f"2001:db8:b{scene.number:03x}::{n + 16:x}")
    scene.suspects.add(f"2001:db8:b{scene.number:03x}::10")
