"""docs/duel.md from the results: one row for each attack, three columns for each defender."""
import json
from statistics import median

TITLES = {"ringfence": "Ringfence", "fail2ban": "fail2ban", "fail2ban-security": "fail2ban, security log", "crowdsec": "CrowdSec", "none": "nobody"}
INNOCENT_SHOWN = 3


def line(result):
    """One result for the terminal."""
    return (f"{result['attack']:26} banned {len(result['banned'])}/{result['sources']}, {'silenced' if result['silenced'] else 'answered'}, "
            f"{'-' if result['seconds'] is None else result['seconds']} s, {result['answered']} answers"
            + (f", throttled {len(result['throttled'])}" if result.get("throttled") else "") + (f", a phone there logs in: {result['arrived']}" if result.get("arrived") else "")
            + "".join(f", {word}: {', '.join(result[key])}" for word, key in
                      (("INNOCENT BANNED", "innocent_banned"), ("DISTURBED", "disturbed"), ("note", "notes")) if result[key])
            + (f"; said: {'; '.join(sorted(set(result['alerts'].values())))[:160]}" if result["alerts"] else ""))


def write(folder, attacks, path):
    documents = {name: json.loads(file.read_text(encoding="ascii")) for name in TITLES if (file := folder / f"duel-{name}.json").exists()}
    rows = {name: {result["attack"]: result for result in document["results"]} for name, document in documents.items()}
    parts = [head(documents, attacks), totals(rows, attacks)]
    for group in dict.fromkeys(attack.group for attack in attacks):
        parts.append(table(group, [attack for attack in attacks if attack.group == group], rows))
    parts.append(harm(rows, attacks))
    parts.append(exceptions(rows.get("ringfence", {}), attacks))
    path.write_text("\n".join(parts), encoding="utf-8")


def head(documents, attacks):
    lines = [
        "# The duel", "",
        f"Ringfence and its peers against the same {len(attacks)} cases on a real Asterisk, each defender on fresh network namespaces with a fresh Asterisk.",
        "Written from `bench/results/duel-*.json`, which the first command below makes in one run for each defender. The second measures single cases again, whose",
        "rows then take the place of the old ones: of which run and version each case is, the table says.", "",
        "```", "sudo bench/duel --defender all --update-docs", "sudo bench/duel --defender NAME --attack CASE... --update-docs", "bench/duel --list", "```", "",
        "| defender | version | measured | cases | machine |", "|---|---|---|---|---|",
    ]
    for name, document in documents.items():
        lines += [f"| {TITLES[name]} | {version or '-'} | {when} | {cases} | {document['machine']}; {document['asterisk']} |" for version, when, cases in runs(document)]
    lines += [
        "", "## How to read it", "",
        "* **Result**: *stopped*: nothing that the attacker sends is answered any more. *late*: he was banned when the attack",
        "  was over. *banned*: the kernel refuses his address on some port, and he is still answered. *told*: the operator was told, nobody was banned. *throttled*: his packets over UDP prove no address, so he is",
        "  not banned: of his SIP over UDP a REGISTER or INVITE comes through now and then, at most one in 10 s. *nothing*: none of it. *3 of 50*: of 50 addresses 3 were banned.",
        "  *held*: nobody innocent was banned and every phone and trunk still works. **In bold**: innocent addresses that were banned, or what no longer works.",
        "* **s**: seconds from the attacker's first packet to the first that was never answered again. **answers**: attempts that Asterisk answered until then;",
        "  a tool's answers are counted on the wire.",
        "* An attacker tries five times a second for at most 24 s, unless the row says otherwise, and stops when three attempts in a row stay unanswered.",
        "* A phone begins to work at each address that was accused and that is not banned, and must be able to register within 32 s.",
        "* After each case every phone registers, calls are made inside, out over both trunks and in from both; in a flood also in its middle.",
        "* Bans are read from the kernel's rules, alike for all. Each batch of cases meets a fresh defender; each attack has networks of its own.",
        "* **Ringfence**: packaged defaults, with what `ringfence init` recommends (security as [json], the level notice, the manager interface, HEP), and the wire.",
        "  **fail2ban**: the asterisk jail as Debian ships it (10 refusals in 10 minutes, ports 5060 and 5061), turned on, with nftables, on the log `messages`",
        "  that it names; once more on the security log, where guides point it. **CrowdSec**: Debian's packages with their offline hub: the collection",
        "  `asterisk`, the list of private networks that the package turns on (office phones and the router are on it), the firewall bouncer, which asks",
        "  every 10 s; the attacks begin half way between two questions. Nothing was tuned for or against anybody: `bench/duel.d`.", "",
    ]
    return "\n".join(lines)


def runs(document):
    """(version, when it began, which cases) for each run that rows of a defender are of; that with most cases first."""
    rows = {}
    for result in document["results"]:
        rows.setdefault((result.get("version", document["version"]), result.get("at", document["date"])), []).append(result["attack"])
    of_run = sorted(rows.items(), key=lambda row: -len(row[1]))
    whole = f", in {document['seconds']} s" if document["complete"] else ""
    return [(version, when.replace("T", " ").replace("Z", " UTC"), f"{len(names)}{whole}" if at == 0 else ", ".join(names)) for at, ((version, when), names) in enumerate(of_run)]


def verdict(result, attack):
    """What became of the attacker."""
    if any(note.startswith("FAILED") for note in result["notes"]):
        return "failed"
    if attack.expect != "stop":
        return "held, told" if result["alerts"] and attack.expect != "spare" else "held"
    if result["silenced"]:
        return "stopped"
    if result["sources"] > 1 and result["banned"]:
        return f"{len(result['banned'])} of {result['sources']}"
    if result.get("late"):
        return "late"
    if result.get("throttled") and not result["banned"]:
        return "throttled" if result["sources"] == 1 else f"{len(result['throttled'])} of {result['sources']} throttled"
    return "banned" if result["banned"] else "told" if result["alerts"] else "nothing"


def outcome(result, attack):
    """The same, and whom it hurt."""
    harm, became = innocent(result), verdict(result, attack)
    return became if not harm else harm if attack.expect != "stop" else f"{became}; {harm}"


def innocent(result):
    words = []
    if result["innocent_banned"]:
        shown = ", ".join(result["innocent_banned"][:INNOCENT_SHOWN])
        more = len(result["innocent_banned"]) - INNOCENT_SHOWN
        words.append(f"banned {shown}" + (f" and {more:,} more" if more > 0 else ""))
    if result["disturbed"]:
        words.append(f"{len(result['disturbed'])} cut off")
    return f"**{'; '.join(words)}**" if words else ""


def cells(result, attack):
    if result is None:
        return "not measured | | "
    seconds = "" if not result["silenced"] or attack.expect != "stop" else f"{result['seconds']:.1f}"
    answers = f"{result['answered']:,}" if attack.expect == "stop" else ""
    return f"{outcome(result, attack)} | {seconds} | {answers}"


def table(group, attacks, rows):
    lines = [f"## {group}", "",
             "| attack | what is sent | " + " | ".join(f"{TITLES[name]} | s | answers" for name in rows) + " |",
             "|---|---|" + "---|---:|---:|" * len(rows)]
    for attack in attacks:
        what = attack.what + (f" ({attack.scaled})" if attack.scaled else "")
        lines.append(f"| {attack.name} | {what} | " + " | ".join(cells(results.get(attack.name), attack) for results in rows.values()) + " |")
    return "\n".join([*lines, ""])


def totals(rows, attacks):
    lines = ["## Totals", "", "| | " + " | ".join(TITLES[name] for name in rows) + " |", "|---|" + "---:|" * len(rows)]
    stop = [attack for attack in attacks if attack.expect == "stop"]
    rest = [attack for attack in attacks if attack.expect != "stop"]

    def count(words, choose, among):
        lines.append(f"| {words.format(len(among))} | " + " | ".join(
            str(sum(1 for attack in among if attack.name in results and choose(results[attack.name], attack))) for results in rows.values()) + " |")
    for words, kinds in (("attacks to stop ({}): stopped", ("stopped",)), ("attacks to stop: throttled", ("throttled",)), ("attacks to stop: in part", ("of",)), ("attacks to stop: late", ("late",)),
                         ("attacks to stop: banned, and still answered", ("banned",)), ("attacks to stop: told only", ("told",)),
                         ("attacks to stop: nothing", ("nothing", "failed"))):
        count(words, lambda result, attack, kinds=kinds: any(kind in verdict(result, attack).split() for kind in kinds), stop)
    lines.append("| median seconds until the attacker was silenced | " + " | ".join(
        middle([results[attack.name]["seconds"] for attack in stop if attack.name in results and results[attack.name]["silenced"]]) for results in rows.values()) + " |")
    lines.append("| median answers that he got until then | " + " | ".join(
        middle([results[attack.name]["answered"] for attack in stop if attack.name in results and results[attack.name]["silenced"]], "{:.0f}")
        for results in rows.values()) + " |")
    count("forgeries, floods and innocent deeds ({}): nobody innocent banned or cut off", lambda result, attack: not innocent(result), rest)
    lines.append("| innocent addresses banned, all cases | " + " | ".join(
        f"{sum(len(result['innocent_banned']) for result in results.values()):,}" for results in rows.values()) + " |")
    lines.append("| cases in which a phone or a trunk was cut off | " + " | ".join(
        str(sum(1 for result in results.values() if result["disturbed"])) for results in rows.values()) + " |")
    return "\n".join([*lines, ""])


def middle(values, form="{:.1f}"):
    values = [value for value in values if value is not None]
    return form.format(median(values)) if values else "-"


def harm(rows, attacks):
    lines = ["## What was cut off", ""]
    for name, results in rows.items():
        for attack in attacks:
            for words in results.get(attack.name, {}).get("disturbed", []):
                lines.append(f"* {TITLES[name]}, {attack.name}: {words}")
    if len(lines) == 2:
        lines.append("Nothing.")
    return "\n".join([*lines, ""])


def exceptions(results, attacks):
    """What Ringfence does not stop, and why."""
    lines = ["## Where Ringfence does not stop the attack", ""]
    for attack in attacks:
        result = results.get(attack.name)
        if result is None:
            continue
        became = outcome(result, attack)
        if became in ("stopped", "held", "held, told") or became.endswith("throttled"):
            continue
        said = "; ".join(sorted(set(result["alerts"].values())))
        lines.append(f"* **{attack.name}**: {became.replace('**', '')}. {attack.because or 'Not explained.'}" + (f" It said: {said[:200]}." if said else ""))
    if len(lines) == 2:
        lines.append("There is none.")
    return "\n".join([*lines, ""])
