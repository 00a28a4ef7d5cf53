using System.Runtime.InteropServices;
using Ringfence.Core.Configuration;
using Ringfence.Core.Detection.Rules;
using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>Turns events into suspicions, by the time of the events alone: live and replay are the same.</summary>
/// <remarks>
/// What never counts: evidence that could be forged text; a phone's first challenge, a stale nonce, too many contacts, a misdialled
/// number of a known account (their kinds have no rule); the second record of one attempt; what happened before a login with the
/// right password (but see <see cref="GuessingBetweenLogins"/>); what a second log, or the same one written anew, tells again (<see cref="Tellers"/>). The same attempt stands in the
/// security log and among the notices: refusals are counted per <see cref="Origin"/>, and the one that reaches the limit first decides.
/// </remarks>
internal sealed class Detector
{
    private const int MostEvidence = 10;

    /// <summary>So much of a name tells it from another.</summary>
    public const int HashedBytes = 64;

    private readonly DetectionSettings _settings;
    private readonly DetectionRule[][] _rulesByKind;
    private readonly AddressTable _addresses;
    private readonly LongMemory _memory;
    private readonly AccountAlarms _alarms;
    private readonly EvidenceRing? _texts;
    private readonly List<string> _logs = [];
    private readonly List<Watch> _watches = [];
    private readonly Tellers _tellers = new();

    // What a suspicion stands on, while it is made.
    private readonly List<Refusal> _counted = [];
    private int _historyLength;

    /// <param name="withEvidence">false: suspicions carry no records, for a replay that only counts and lists.</param>
    public Detector(DetectionSettings settings, bool withEvidence = true)
    {
        _settings = settings;
        _texts = withEvidence ? new EvidenceRing(3 << 20) : null;
        var rings = new RefusalRings();
        _addresses = new AddressTable(settings.MaxAddresses, rings);
        _memory = new LongMemory(settings, rings);
        _alarms = new AccountAlarms(settings);
        _historyLength = Math.Max(Math.Max(settings.Refusals, settings.ScanAccounts) * 6, 2 * MalformedPackets.Enough);
        _rulesByKind = new DetectionRule[(int)Enum.GetValues<EventKind>().Max() + 1][];
        for (var kind = 0; kind < _rulesByKind.Length; kind++)
        {
            _rulesByKind[kind] = [.. DetectionRules.All.Where(rule =>
                rule.Check is not null && rule.Kinds.Contains((EventKind)kind) && !settings.DisabledRules.Contains(rule.Id, StringComparer.OrdinalIgnoreCase))];
        }
    }

    /// <summary>What is known of accounts; null: nothing is to be.</summary>
    public KnownAccounts? Accounts => _alarms.Known;

    /// <inheritdoc cref="AccountAlarms.Configure"/>
    public void Configure(IEnumerable<string> accounts) => _alarms.Configure(accounts);

    /// <summary>Addresses under watch now.</summary>
    public int Watched => _addresses.Count;

    /// <summary>Addresses forgotten because <see cref="DetectionSettings.MaxAddresses"/> was reached.</summary>
    public long Evicted => _addresses.Evicted;

    /// <param name="door">Whose log it is; null: the PBX's.</param>
    /// <returns>The number by which <see cref="See"/> knows the log.</returns>
    public ushort AddLog(string path, DoorSettings? door = null)
    {
        var known = _logs.IndexOf(path);
        if (known < 0)
        {
            known = _logs.Count;
            _logs.Add(path);
            _watches.Add(Of(door, known));
        }
        else if (door is not null && _watches[known].Door is null)
        {
            // Somebody asked for its number (status, before its first line) who does not know whose log it is.
            _watches[known] = Of(door, known);
        }

        return (ushort)known;
    }

    /// <returns>The log of a number of <see cref="AddLog"/>.</returns>
    public string LogOf(ushort number) => _logs[number];

    private Watch Of(DoorSettings? door, int log = 0)
    {
        if (door is null)
        {
            return new Watch(0, null, _settings);
        }

        if (_watches.FirstOrDefault(watch => watch.Door?.Name == door.Name) is { } same)
        {
            return same;
        }

        var settings = door.Over(_settings);
        _historyLength = Math.Max(_historyLength, settings.Refusals * 6);
        return new Watch((ushort)(log + 1), door, settings);
    }

    /// <summary>Takes one event.</summary>
    /// <param name="mayThrottle">Whether what is too little for a ban may throttle its sender; see <see cref="Suspicion.MayThrottle"/>.</param>
    /// <param name="canThrottle">Whether the kernel can: else of what may throttle alone nothing is made, a packet of a flood after the other.</param>
    /// <returns>A suspicion when the event completes one; after it call <see cref="Quiet"/> or it will come again.</returns>
    public Suspicion? See(in PbxEvent seen, ushort log, bool mayThrottle, bool canThrottle = true)
    {
        if (seen.Proof == Proof.Forgeable)
        {
            return null;
        }

        if (seen.Kind == EventKind.LoginSucceeded)
        {
            return LogIn(seen, log);
        }

        if (seen.Kind == EventKind.ChallengeAnswered)
        {
            var session = Hash(seen.Session);
            _addresses.Find(KeyOf(seen.Source))?.Answer(session, seen.Method.SequenceEqual("OPTIONS"u8));
            _memory.Answer(seen, session);
            return null;
        }

        var rules = _rulesByKind[(int)seen.Kind];
        // The first half of a notice stays, whatever rules are off: without it the second would be a wrong password.
        if ((rules.Length == 0 && seen is not { Kind: EventKind.AccountUnknown, Origin: Origin.Notice }) || (seen.Kind is EventKind.CallRefused or EventKind.AddressAccepted && !UnauthenticatedCalls.Concerns(seen)))
        {
            return null;
        }

        var watch = log < _watches.Count ? _watches[log] : Of(null);
        var history = _addresses.Use(KeyOf(seen.Source));
        if (history.Quiet.Holds(seen) || IsBeforeLogin(seen, history))
        {
            return null;
        }

        // What a phone is asked before each of its logins, a quarter of a busy log: within the hour of a login it says nothing of a scan.
        if (seen is { Kind: EventKind.ChallengeSent, Origin: not Origin.Sip } && history.LoginTicks != 0 && seen.TimeTicks - history.LoginTicks <= TimeSpan.TicksPerHour
            && !UnauthenticatedCalls.Concerns(seen))
        {
            return null;
        }

        var refusal = new Refusal(
            seen.TimeTicks,
            seen.Line,
            TextAt: 0,
            Hash(seen.Account),
            Hash(seen.Session),
            seen.Port,
            (ushort)Math.Min(seen.Record.Length, EvidenceRing.LongestRecord),
            log,
            seen.Kind,
            seen.Origin,
            seen.Proof)
        {
            // A message is told once, by whichever source (SipExchanges); those of one frame have its number all.
            ToldBy = seen.Kind == EventKind.Injection || seen.Origin == Origin.Sip ? _tellers.Same(log) : _tellers.At(log, seen.Line),
            Door = watch.Number,
        };
        if (IsSecondHalf(seen, refusal, history) || history.IsRetold(refusal) || (IsToldOfEachRequest(seen) && history.IsSecondRequest(refusal)))
        {
            return null;
        }

        refusal = refusal with { TextAt = _texts?.Add(seen.Record) ?? 0 };
        if (seen.Kind != EventKind.ChallengeSent || UnauthenticatedCalls.Concerns(seen))
        {
            history.Add(refusal, _historyLength);
        }

        if (seen is { Kind: EventKind.ChallengeSent, Origin: Origin.Sip })
        {
            if (seen.Method.SequenceEqual("OPTIONS"u8))
            {
                history.ChallengeOptions(seen.TimeTicks, seen.Proof, SlowScan.OptionsWindow);
            }
            else
            {
                history.Challenge(seen.TimeTicks, seen.Proof, _settings.Window);
            }
        }

        if (seen.Kind == EventKind.PasswordRefused && watch.Door is null)
        {
            Accounts?.Refuse(seen, refusal.AccountHash);
        }

        if (watch.Door is null && LongMemory.IsTry(seen))
        {
            _memory.Add(seen, refusal, history.Try(refusal, _settings.SlowAccounts + 2, _settings.SlowWindow));
        }

        (DetectionRule Rule, Claim Claim)? weak = null;
        foreach (var rule in rules)
        {
            if (seen.Proof == Proof.Proven && rule.Check!(seen, new Refusals(history, _memory, Proof.Proven, watch.Number), watch.Settings) is { } proven)
            {
                return Suspect(rule, proven, seen, log, history, Proof.Proven, watch);
            }

            if (rule.Check!(seen, new Refusals(history, _memory, Proof.Unproven, watch.Number), watch.Settings) is { } claim)
            {
                if (!claim.ThrottleOnly)
                {
                    // What is told of an account is told, throttled as its last guesser may be; his own proof says that.
                    return Suspect(rule, claim, seen, log, history, claim.OfAccount is null ? Proof.Unproven : seen.Proof, watch) with { MayThrottle = mayThrottle };
                }

                // Another rule may have more to say.
                weak ??= (rule, claim);
            }
        }

        return mayThrottle && canThrottle && weak is { } one ? Suspect(one.Rule, one.Claim, seen, log, history, Proof.Unproven, watch) with { MayThrottle = true } : null;
    }

    private Suspicion? LogIn(in PbxEvent seen, ushort log)
    {
        var history = _addresses.Find(KeyOf(seen.Source));
        var tried = history?.Tried?.CountRefused(seen.TimeTicks, _settings.SlowWindow) ?? default;
        var account = Hash(seen.Account);
        var stolen = Accounts?.LogIn(seen, account, tried);
        history?.LogIn(seen.TimeTicks, account, seen.Origin);
        _memory.LogIn(seen);
        return stolen is null ? null : Told(StolenCredentials.Rule.Id, stolen.Words, stolen.Proof, seen, log);
    }

    /// <inheritdoc cref="AccountAlarms.LogInLate"/>
    public Suspicion? TellLate(in PbxEvent seen, ushort log) => _alarms.LogInLate(seen) is { } alarm ? Told(alarm.Rule, alarm.Words, seen.Proof, seen, log) : null;

    /// <inheritdoc cref="AccountAlarms.See"/>
    public Suspicion? TellAccount(in PbxEvent seen, ushort log) => _alarms.See(seen, log, hasPhones: _addresses.Find(KeyOf(seen.Source)) is { LoginTicks: not 0 }) is { } alarm ? Told(alarm.Rule, alarm.Words, seen.Proof, seen, log) : null;

    private Suspicion Told(string rule, string words, Proof proof, in PbxEvent seen, ushort log) => new(
        rule,
        seen.Time,
        seen.Source,
        proof,
        1,
        words,
        _texts is null ? [] : [new Evidence(seen.Time, log < _logs.Count ? _logs[log] : string.Empty, seen.Line, seen.Kind, seen.Proof, SafeText.From(seen.Account), SafeText.From(seen.Record))]);

    /// <returns>What the disagreement comes to, with its evidence; null: its rule is off.</returns>
    public Suspicion? Tell(Disagreement disagreement)
    {
        if (_settings.DisabledRules.Contains(disagreement.Rule, StringComparer.OrdinalIgnoreCase))
        {
            return null;
        }

        var evidence = disagreement.Told.Select(told => new Evidence(
            told.Event.Time, told.Log < _logs.Count ? _logs[told.Log] : string.Empty, told.Line, told.Kind, told.Proof, SafeText.From(told.Account), SafeText.From(told.Record)));
        var last = disagreement.Told[^1];
        return new Suspicion(disagreement.Rule, last.Event.Time, disagreement.Source, last.Proof, disagreement.Told.Count, disagreement.Reason, [.. evidence]);
    }

    /// <summary>What counts now against the addresses of a network, those with most against them first.</summary>
    /// <param name="network">null: all addresses.</param>
    /// <param name="most">So many addresses.</param>
    public IReadOnlyList<UnderWatch> LookAt(Network? network, DateTimeOffset now, int most)
    {
        string AccountOf(Refusal refusal) => _texts is null ? "" : EvidenceOf(refusal, _texts, _watches.Find(watch => watch.Number == refusal.Door) ?? Of(null)).Account;
        return
        [
            .. Histories(network).Where(history => history.Length > 0)
                .Select(history => (History: history, Count: UnderWatch.CountOf(history, now.UtcTicks, WatchOf)))
                .Where(entry => entry.Count > 0).OrderByDescending(entry => entry.Count).Take(most)
                .SelectMany(entry => UnderWatch.Of(entry.History, now.UtcTicks, WatchOf, AccountOf)),
        ];
    }

    /// <summary>How many addresses <see cref="LookAt"/> would list, if it listed all.</summary>
    public int CountWatched(DateTimeOffset now) => _addresses.Entries.Count(history => history.Length > 0 && UnderWatch.CountOf(history, now.UtcTicks, WatchOf) > 0);

    private (string? Door, DetectionSettings Settings) WatchOf(ushort number) =>
        _watches.Find(watch => watch.Number == number) is { } watch ? (watch.Door?.Name, watch.Settings) : (null, _settings);

    private IEnumerable<AddressHistory> Histories(Network? network) => network switch
    {
        null => _addresses.Entries,
        // An IPv6 address is watched as its /64.
        { } host when host.PrefixLength >= host.First.Subject.PrefixLength => _addresses.Find(KeyOf(host.First)) is { } history ? [history] : [],
        { } wide => _addresses.Entries.Where(history => wide.Contains(history.Key)),
    };

    /// <summary>Whether the messages show refusals of the source, lately, that prove its address.</summary>
    public bool HasProvenMessages(Address source) => _addresses.Find(KeyOf(source))?.HasProvenMessages == true;

    /// <summary>Does not look at what is proven no better in that time: the address has been judged.</summary>
    public void Quiet(Address source, QuietTime time)
    {
        var history = _addresses.Use(KeyOf(source));
        history.Forget(time.Judged);
        history.Quiet = time;
    }

    /// <summary>The ban that it was judged to is over before its time: the address is looked at again.</summary>
    public void EndQuiet(Network subject, DateTimeOffset at)
    {
        if (_addresses.Find(subject.First) is { } history)
        {
            history.Quiet = history.Quiet with { UntilTicks = Math.Min(history.Quiet.UntilTicks, at.UtcTicks), AlsoBeforeTicks = 0 };
        }
    }

    /// <summary>The clock of the log ran ahead when the subject was judged: by the true clock it is quiet until then, and after that it is looked at again.</summary>
    public void CorrectQuiet(Network subject, DateTimeOffset until)
    {
        if (_addresses.Find(subject.First) is { } history)
        {
            history.Quiet = history.Quiet with { FromTicks = history.Quiet.JudgedTicks - _settings.Window.Ticks, AlsoBeforeTicks = until.UtcTicks };
        }
    }

    /// <summary>The clock was set back: who was judged by the clock of before is quiet for as long as he was to be, and not until that hour comes again.</summary>
    public void SetBack(ClockStep step)
    {
        _addresses.SetBack(step);
        _memory.Clear();
        _alarms.Clear();
    }

    /// <summary>Begins anew with the addresses of a network: the operator has lifted their ban.</summary>
    public void Forget(Network network) => _addresses.Clear(network);

    private static Address KeyOf(Address source) => source.IsIPv4 ? source : source.Subject.First;

    // Told late, by a second log or the same one written anew. Only as far back as it could count: a clock that was set back must hide nobody for long.
    private bool IsBeforeLogin(in PbxEvent seen, AddressHistory history) =>
        seen.Kind != EventKind.NumberRefused && seen.TimeTicks < history.LoginTicks && history.LoginTicks - seen.TimeTicks <= _settings.Window.Ticks;

    // "Failed to authenticate" for an account that is not there follows its "No matching endpoint found", with the same Call-ID and account.
    // One for one: a caller who keeps a Call-ID would else hide all his wrong passwords behind one unknown name.
    private static bool IsSecondHalf(in PbxEvent seen, in Refusal refusal, AddressHistory history) =>
        seen.Kind == EventKind.PasswordRefused && seen.Origin == Origin.Notice && seen.Service == Service.Pjsip && history.IsSecondHalf(refusal);

    private static bool IsToldOfEachRequest(in PbxEvent seen) =>
        seen is { Kind: EventKind.AccountUnknown or EventKind.AclRefused, Service: Service.Pjsip, Origin: not Origin.Sip } && !seen.Session.IsEmpty;

    private Suspicion Suspect(DetectionRule rule, Claim claim, in PbxEvent seen, ushort log, AddressHistory history, Proof proof, Watch watch)
    {
        _counted.Clear();
        if (claim.Tried is { } tried)
        {
            tried.Counted(seen.TimeTicks, watch.Settings.SlowWindow, proof, _counted);
        }
        else
        {
            AddNear(rule, seen, new Refusals(history, _memory, proof, watch.Number), history, claim, claim.Within ?? watch.Settings.Window);
        }

        var first = Math.Min(seen.TimeTicks, claim.SinceTicks ?? seen.TimeTicks);
        foreach (ref readonly var refusal in CollectionsMarshal.AsSpan(_counted))
        {
            first = Math.Min(first, refusal.TimeTicks);
        }

        List<Evidence> evidence = [];
        for (var i = Math.Max(0, _counted.Count - MostEvidence); _texts is not null && i < _counted.Count; i++)
        {
            evidence.Add(EvidenceOf(_counted[i], _texts, watch));
        }

        if (evidence.Count == 0 && _texts is not null)
        {
            // Of challenges only those count as tried that are too old to be answered: of 60 in 12 s none is.
            evidence.Add(new Evidence(seen.Time, _logs.Count > log ? _logs[log] : string.Empty, seen.Line, seen.Kind, seen.Proof, SafeText.From(seen.Account), SafeText.From(seen.Record)));
        }

        if (claim.IsBetweenLogins)
        {
            history.ToldTicks = seen.TimeTicks;
        }

        if (claim.OfAccount is { } least)
        {
            _memory.TellGuessed(Hash(seen.Account), seen.TimeTicks, least);
        }

        var words = watch.Door is { } door ? $"{claim.Words} ({door.Name})" : claim.Words;
        var reason = claim.Count == 1 ? words : $"{claim.Count} {words} {Duration.Within(TimeSpan.FromTicks(seen.TimeTicks - first))}";
        reason += ProxyWords.Of(seen);
        return new Suspicion(rule.Id, seen.Time, seen.Source, proof, claim.Count, reason, evidence)
        {
            Guessed = [.. _counted.Where(refusal => refusal.Kind == EventKind.PasswordRefused).Select(refusal => refusal.AccountHash).Distinct()],
            TellOnly = claim.TellOnly,
            ThrottleOnly = claim.ThrottleOnly,
        };
    }

    private void AddNear(DetectionRule rule, in PbxEvent seen, Refusals refusals, AddressHistory history, Claim claim, TimeSpan window)
    {
        for (var i = 0; i < history.Length; i++)
        {
            var counts = claim.IsBetweenLogins ? refusals.IsWithin(history[i], seen, window) : refusals.IsNear(history[i], seen, window);
            if (counts && rule.Kinds.Contains(history[i].Kind))
            {
                _counted.Add(history[i]);
            }
        }
    }

    private Evidence EvidenceOf(in Refusal refusal, EvidenceRing texts, Watch watch)
    {
        var text = texts.At(refusal.TextAt, refusal.TextLength);
        return new Evidence(
            new DateTimeOffset(refusal.TimeTicks, TimeSpan.Zero),
            refusal.Log < _logs.Count ? _logs[refusal.Log] : string.Empty,
            refusal.Line,
            refusal.Kind,
            refusal.Proof,
            SafeText.From(watch.Door is { } door ? door.AccountIn(text) : AccountIn(text)),
            SafeText.From(text));
    }

    private static ReadOnlySpan<byte> AccountIn(ReadOnlySpan<byte> record)
    {
        var at = record.IndexOf("AccountID="u8);
        if (at >= 0)
        {
            // One quote, behind a backslash in a line of json; an empty account has its closing quote right behind.
            var value = record[(at + 10)..];
            value = value[(value.StartsWith("\\\""u8) ? 2 : value.StartsWith("\""u8) ? 1 : 0)..];
            var end = value.IndexOfAny((byte)'"', (byte)'\\');
            return end < 0 ? value : value[..end];
        }

        at = record.IndexOf("<sip:"u8);
        return at < 0 ? default : Parsing.SipText.User(record[at..]);
    }

    // FNV-1a: short names, one multiplication a byte. A collision makes two names one, which spares; it never accuses.
    public static uint Hash(ReadOnlySpan<byte> text)
    {
        var hash = 2166136261u;
        foreach (var character in text.Length > HashedBytes ? text[..HashedBytes] : text)
        {
            hash = (hash ^ character) * 16777619u;
        }

        return hash == 0 ? 1 : hash;
    }

    /// <summary>What counts together: the PBX's logs, or those of one door, by the numbers that hold for it.</summary>
    private sealed record Watch(ushort Number, DoorSettings? Door, DetectionSettings Settings);
}
