"""The innocent: phones that stay registered and answer, trunks that bring and take calls. They live through every attack."""
import re
import selectors
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, Queue

import lab as laboratory
import sip


class Device:
    """One SIP device with one UDP socket on port 5060: asks as a client, and answers what the PBX asks."""

    def __init__(self, where, name, address, pbx, agent):
        self.name, self.address, self.line = name, address, sip.Line(address, pbx, 5060, agent=agent)
        with where:
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 5060))
        self._waiting = {}
        self._pbx = (pbx, 5060)
        # What an answer to its REGISTER may be.
        self.fine = {200}
        # How long it waits for an answer each time that it asks.
        self.pauses = (1.0, 1.0)

    def fileno(self):
        return self._socket.fileno()

    def close(self):
        self._socket.close()

    def serve(self):
        """Reads one datagram: to whoever waits for it, or answered at once."""
        try:
            data, sender = self._socket.recvfrom(65536)
        except OSError:
            return
        if data.startswith(b"SIP/2.0 "):
            answer = sip.Answer(data)
            queue = self._waiting.get(answer.header("Call-ID"))
            if queue:
                queue.put(answer)
            return
        method = data.split(b" ", 1)[0]
        if method != b"ACK" and data[:1].isalpha():
            self._reply(sip.Answer(b"SIP/2.0 000\r\n" + data), method.decode("latin-1"), sender)

    def ask(self, method, user, patience=None, **rest):
        """The final response to a request that is sent again when none comes, as RFC 3261 has it; None after all."""
        call_id = rest.setdefault("call_id", sip.fresh())
        queue = self._waiting[call_id] = Queue()
        data = self.line.message(method, user, branch="z9hG4bK" + sip.fresh(), **rest)
        try:
            for pause in self.pauses:
                self.send(data)
                answer = self._final(queue, patience or pause)
                if answer is not None:
                    return answer
            return None
        finally:
            self._waiting.pop(call_id, None)

    def register(self, account, secret=None):
        return self._logged_in("REGISTER", account, secret or laboratory.password(account))

    def call(self, account, number, secret=None):
        """Calls, is answered, hangs up. The status of the call."""
        call_id, tag = sip.fresh(), sip.fresh()
        answer = self._logged_in("INVITE", account, secret or laboratory.password(account), target=number, call_id=call_id, tag=tag,
                                 body=sip.SDP.format(self.address))
        if answer is not None and answer.status == 200:
            self.acknowledge(answer, number)
            contact = re.search(r"<([^>]+)>", answer.header("Contact"))
            self.ask("BYE", account, uri=contact[1] if contact else None, call_id=call_id, tag=tag, cseq=3, target=number,
                     to=answer.header("To"))
        return answer

    def acknowledge(self, answer, number):
        sip.Connection.acknowledge(self, answer, number)

    def send(self, data):
        try:
            self._socket.sendto(data, self._pbx)
        except OSError:
            pass

    @staticmethod
    def _final(queue, patience):
        end = time.monotonic() + patience
        try:
            while (answer := queue.get(timeout=max(0.001, end - time.monotonic()))).status < 200:
                pass
        except Empty:
            return None
        return answer

    def _logged_in(self, method, account, secret, **rest):
        rest.setdefault("call_id", sip.fresh())
        rest.setdefault("tag", sip.fresh())
        first = self.ask(method, account, **rest)
        if first is None or first.status not in (401, 407):
            return first
        if method == "INVITE":
            self.acknowledge(first, rest["target"])
        domain = self.line.pbx
        uri = f"sip:{domain}" if method == "REGISTER" else f"sip:{rest['target']}@{domain}"
        return self.ask(method, account, cseq=2, authorization=sip.digest(first, method, uri, account, secret), **rest)

    def _reply(self, request, method, sender):
        body, extra = "", ""
        if method == "INVITE":
            body, extra = sip.SDP.format(self.address), f"Contact: <sip:{self.address}:5060>\r\nContent-Type: application/sdp\r\n"
        if method == "REGISTER":
            extra = f"Contact: {request.header('Contact')};expires=60\r\n"
        to = request.header("To")
        vias = "".join(f"Via: {via}\r\n" for via in re.findall(r"^Via\s*:\s*(.*?)\r?$", request.text, re.M | re.I))
        text = (f"SIP/2.0 200 OK\r\n{vias}From: {request.header('From')}\r\nTo: {to if 'tag=' in to else to + ';tag=' + sip.fresh()}\r\n"
                f"Call-ID: {request.header('Call-ID')}\r\nCSeq: {request.header('CSeq')}\r\n{extra}Content-Length: {len(body)}\r\n\r\n{body}")
        try:
            self._socket.sendto(text.encode("latin-1"), sender)
        except OSError:
            pass


class Office:
    """All of them, served by one thread."""

    DESKS = ("1001", "1002", "1003")

    def __init__(self, lab):
        self._lab, self._selector, self._devices, self._ends = lab, selectors.DefaultSelector(), {}, False
        self._lock = threading.Lock()
        self._homes = 0
        self.trunk = self._add("att", "the trunk that is known by its address", laboratory.TRUNK_IP, laboratory.WORLD, "Provider SBC 7.2")
        self.login_trunk = self._add("att", "the trunk that logs in", laboratory.TRUNK_LOGIN, laboratory.WORLD, "Provider SBC 7.2")
        self.desks = [self._add("cli", f"phone {account}", f"10.81.0.{20 + n}", laboratory.OFFICE, "Yealink SIP-T46S 66.86.0.15")
                      for n, account in enumerate(self.DESKS)]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def home(self, address=None, where="cli", account=None, registered=True):
        """A phone at home with an account of its own, which has just registered: (device, account)."""
        with self._lock:
            own = str(2001 + self._homes % laboratory.HOME_PHONES)
            self._homes += 1
        account, address = account or own, address or f"203.0.113.{130 + int(own) - 2001}"
        device = self._add(where, f"phone {account}", address, laboratory.OFFICE if where == "cli" else laboratory.WORLD,
                           "Grandstream GXP2170 1.0.11.64")
        if registered:
            self.must(device.register(account), f"phone {account} registers")
        return device, account

    def moves_in(self, address):
        """A phone that begins to work at an address that was accused of something: seconds until it is logged in; None: it can't."""
        self._lab.run("att", "ip", "route", "add", "local", address, "dev", "lo")
        device, account = self.home(address, where="att", registered=False)
        # RFC 3261, 17.1.2.2: again after 0.5, 1, 2 and then every 4 s, for 32 s.
        device.pauses = (0.5, 1, 2, *[4] * 7)
        began = time.monotonic()
        try:
            answer = device.register(account)
            return round(time.monotonic() - began, 1) if answer is not None and answer.status == 200 else None
        finally:
            self.forget(device)
            self._lab.run("att", "ip", "route", "del", "local", address, "dev", "lo")

    def forget(self, device):
        with self._lock:
            if self._devices.pop(device.address, None) is None:
                return
            self._selector.unregister(device)
        device.close()

    def open(self):
        """Everybody registers; nothing else begins before."""
        for device, account in zip(self.desks, self.DESKS):
            self.must(device.register(account), f"phone {account} registers")

    def broken(self, homes=()):
        """What the innocent can't do any more, in words; empty if all is well."""
        checks = [(device, account, f"phone {account} at {device.address} can't register", lambda d=device, a=account: d.register(a))
                  for device, account in zip(self.desks, self.DESKS)]
        checks += [(device, account, f"phone {account} at {device.address} can't register", lambda d=device, a=account: d.register(a))
                   for device, account in homes]
        first, second = self.desks[0], self.desks[1]
        checks += [
            (first, "1001", "phone 1001 can't call a colleague", lambda: first.call("1001", "1003")),
            (second, "1002", "no call goes out over the trunk by address", lambda: second.call("1002", "94930123456")),
            (second, "1002", "no call goes out over the trunk with a login", lambda: second.call("1002", "84930123456")),
            (self.trunk, None, "no call comes in over the trunk by address",
             lambda: self.trunk.call("4930123456", "100", secret="none")),
            (self.login_trunk, None, "no call comes in over the trunk with a login",
             lambda: self.login_trunk.call("trunk-auth", "100", secret=laboratory.password("trunk"))),
        ]
        with ThreadPoolExecutor(len(checks)) as pool:
            answers = list(pool.map(lambda check: check[3](), checks))
        return [words for (device, _, words, _), answer in zip(checks, answers) if answer is None or answer.status not in device.fine]

    @staticmethod
    def must(answer, what):
        if answer is None or answer.status != 200:
            raise SystemExit(f"duel: {what}: expected 200, got {answer.status if answer else 'no answer'}")

    def close(self):
        self._ends = True
        self._thread.join()
        for device in list(self._devices.values()):
            device.close()

    def _add(self, where, name, address, pbx, agent):
        device = Device(self._lab.namespace(where), name, address, pbx, agent)
        with self._lock:
            self._devices[address] = device
        self._selector.register(device, selectors.EVENT_READ)
        return device

    def _serve(self):
        while not self._ends:
            for key, _ in self._selector.select(0.2):
                key.fileobj.serve()
