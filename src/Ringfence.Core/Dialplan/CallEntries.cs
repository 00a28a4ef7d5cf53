using System.Runtime.CompilerServices;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Dialplan;

/// <summary>A context in which calls come in, and who brings them.</summary>
/// <param name="HasOwnNumber">Their number and name are those that stand in the configuration, whatever they say of themselves.</param>
internal sealed record CallEntry(string Context, string Who, Place Place, bool HasOwnNumber)
{
    /// <summary>A provider brings them: what is dialled is one of the site's own numbers.</summary>
    public bool IsIncoming { get; init; }
}

/// <summary>Where calls come in, what a channel is, and what each entry reaches: walked once for whoever asks.</summary>
internal sealed class CallEntries
{
    private static readonly ConditionalWeakTable<PbxSnapshot, CallEntries> Known = [];

    private static readonly string[] Doors = ["ConfBridge", "Background", "WaitExten", "DISA", "VoiceMailMain"];

    private readonly PbxSnapshot _pbx;
    private readonly Plan _plan;
    private readonly CallSearch _search;
    private readonly CallSearch _wholeSearch;
    private readonly CallFiles _files;
    private readonly Dictionary<string, ExitKind> _kinds = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<(string Technology, string Name), ExitKind> _old = [];
    private readonly Dictionary<string, PlanReach> _reach = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ILookup<Place, CallState>> _entered = new(StringComparer.Ordinal);

    // Some seconds: a PBX of three thousand tenants has some 20,000, and a file that was made to keep us busy any number. No context is to leave the others nothing:
    // what is left out then are names, phones and features, and not the routes.
    private const int MostStatesOfOne = 12_000;
    private int _statesLeft = 100_000;
    private int _gateStatesLeft = 100_000;

    // Asked for each of thousands of contexts.
    private HashSet<string>? _strangers;
    private HashSet<string>? _incoming;
    private NumberLanguage? _international;
    private NumberLanguage? _notPhones;
    private NumberLanguage? _trunkNames;
    private ILookup<string, PjsipObject>? _phones;
    private bool? _isWhole;

    private CallEntries(PbxSnapshot pbx)
    {
        _pbx = pbx;
        _plan = Plan.Of(pbx);
        _files = CallFiles.Of(pbx);
        var identified = pbx.Pjsip.Of("identify").SelectMany(static identify => identify.List("endpoint")).Select(static named => named.Text).ToHashSet(StringComparer.Ordinal);
        var registered = pbx.Pjsip.Of("registration").Select(static registration => registration["endpoint"]).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var fixedContacts = pbx.Pjsip.Aors.Where(static aor => aor["contact"] is not null).Select(static aor => aor.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var endpoint in pbx.Pjsip.Endpoints)
        {
            // A door phone may have a fixed contact too: a provider is known by its address, or Asterisk logs in there.
            var isTrunk = registered.Contains(endpoint.Name)
                || (endpoint.List("aors").Any(aor => fixedContacts.Contains(aor.Text)) && (endpoint["outbound_auth"] is not null || identified.Contains(endpoint.Name)));
            _kinds[endpoint.Name] = isTrunk ? ExitKind.Trunk : ExitKind.Phone;
        }

        foreach (var (technology, peer) in Old())
        {
            _old.TryAdd((technology, peer.Name), KindOf(technology, peer));
        }

        var given = pbx.Pjsip.Endpoints.SelectMany(static endpoint => endpoint.All("set_var").Select(static setting => setting.Value))
            .Concat(((string[])["sip.conf", "iax.conf", "chan_dahdi.conf"]).SelectMany(file => pbx.Config(file).Sections).SelectMany(static section => section.All("setvar")).Select(static setting => setting.Value))
            .Select(static text => text.Split('=')[0].Trim().TrimStart('_')).ToHashSet(StringComparer.Ordinal);
        _search = new CallSearch(_plan, new InertExtensions(_plan, Kind).Contains, given);
        _wholeSearch = new CallSearch(_plan, isInert: null, given);
    }

    /// <summary>Everything that one number does, calls of phones too.</summary>
    public PlanTrace Trace(string context, string number) => PlanTrace.Of(_wholeSearch, _files, context, number, Kind);

    /// <summary>Numbers abroad, as this dialplan writes them.</summary>
    public NumberLanguage International => _international ??= NumberClasses.International(_plan);

    public static CallEntries Of(PbxSnapshot pbx) => Known.GetValue(pbx, static pbx => new CallEntries(pbx));

    /// <summary>Callers who show no password.</summary>
    public IEnumerable<CallEntry> Strangers()
    {
        foreach (var endpoint in _pbx.Pjsip.Endpoints.Where(static endpoint => endpoint.Name == "anonymous" || endpoint.Name.StartsWith("anonymous@", StringComparison.Ordinal)))
        {
            yield return Of(endpoint, "anybody (endpoint anonymous)");
        }

        if (_pbx.Version.Major < 21 && _pbx.Config("sip.conf").Named("general").FirstOrDefault() is { } general && AsteriskBool.Parse(general["allowguest"]) is not false)
        {
            yield return new CallEntry(general["context"] ?? "default", "anybody (sip.conf, allowguest)", general.Find("context")?.Place ?? general.Place, HasOwnNumber: false);
        }
    }

    /// <summary>Calls that providers bring: what the caller says there is typed, not dialled.</summary>
    public IEnumerable<CallEntry> Incoming() => Of(ExitKind.Trunk, "a caller from outside");

    public IEnumerable<CallEntry> Phones() => Of(ExitKind.Phone, "a phone");

    public ExitKind Kind(string technology, string? resource) => (technology.ToUpperInvariant(), resource) switch
    {
        (_, null) => ExitKind.Unknown,
        ("PJSIP", _) => _kinds.GetValueOrDefault(resource, ExitKind.Unknown),
        // A group of channels: lines of the telephone company, where phones have a number each.
        ("DAHDI", [('g' or 'G' or 'r' or 'R'), >= '0' and <= '9', ..]) => ExitKind.Trunk,
        ("SIP" or "IAX2", _) => _old.GetValueOrDefault((technology.ToUpperInvariant(), resource), ExitKind.Unknown),
        _ => ExitKind.Unknown,
    };

    /// <summary>It calls a phone of the house: its name is fixed, or can be that of a phone alone, as PJSIP/${EXTEN} is where three digits are dialled.</summary>
    public bool CallsPhone(PlanExit exit) => exit.Kind == ExitKind.Phone || (exit.Kind == ExitKind.Unknown && exit.Technology == "PJSIP" && exit.Called is not null
        && !exit.MayCall(_notPhones ??= Languages.UnionOf(_kinds.Where(static kind => kind.Value != ExitKind.Phone).Select(static kind => Languages.Only(kind.Key)).Append(Elsewhere))));

    // What stands behind a slash is an address of any machine.
    private static NumberLanguage Elsewhere { get; } = Languages.Concatenate(Languages.Concatenate(NumberLanguage.All, Languages.Repeat("/@&", 1, 1)), NumberLanguage.All);

    /// <summary>What calls of this context reach, whatever number they bring; extensions that only ring phones are left out.</summary>
    public PlanReach Reach(string context)
    {
        if (!_reach.TryGetValue(context, out var reach))
        {
            var ran = new List<CallState>();
            var walk = new CallWalk(_search, Kind) { Limit = Math.Min(MostStatesOfOne, _statesLeft), Files = _files, Trace = ran };
            _reach[context] = reach = walk.Run(new PlanEntry(context, Languages.Dialled));
            _entered[context] = ran.Where(static state => Array.Exists(Doors, state.Way!.Step.Priority.Is)).ToLookup(static state => state.Way!.Step.Priority.Place);
            _statesLeft -= Math.Min(walk.States, _statesLeft);
            // Of strangers it matters most what was not followed: a program, a database, a function of the dialplan that has no part here.
            var who = (_strangers ??= [.. Strangers().Select(static entry => entry.Context)]).Contains(context) ? "strangers"
                : (_incoming ??= [.. Incoming().Select(static entry => entry.Context)]).Contains(context) ? "callers from outside" : null;
            if (who == "strangers" && reach.Trunks().Where(static exit => exit.Number.Inputs.Count > 0 && exit.Brakes.All(static brake => brake.Kind == BrakeKind.TimeLimit)).ToList() is [{ IsCertain: false } may, ..] && may.Shows() is null
                && may.Assumptions.FirstOrDefault(static assumption => assumption.Kind is AssumptionKind.Value or AssumptionKind.Program or AssumptionKind.Answer) is { } unread)
            {
                // Who calls his own extension answers himself.
                var what = unread.Kind == AssumptionKind.Answer ? "the call is answered" : "what was not to be known";
                _pbx.LeaveOut($"calls of strangers in context {Shown.Text(context)} reach a trunk at {may.Place}, if {what} at {unread.Place}{(unread.Kind == AssumptionKind.Answer ? "" : " is so")}: ringfence audit dialplan says what");
            }

            if (reach.Unknowns.Count > 0 && who is not null)
            {
                _pbx.LeaveOut($"where some calls of {who} in context {Shown.Text(context)} go was not to be known, at {reach.Unknowns[0].Place}{(reach.Unknowns.Count > 1 ? $" and {reach.Unknowns.Count - 1} more" : "")}: ringfence audit dialplan says why");
            }

            if (walk.IsCut)
            {
                _pbx.LeaveOut("the dialplan has more ways than the audit walks: what it says of numbers that reach a trunk is not whole; ringfence audit dialplan follows one call");
            }
        }

        return reach;
    }

    /// <summary>The same, with a brake of that name on each way over a gate (<see cref="CallWalk.Gate"/>).</summary>
    /// <param name="isWhole">false: there are more ways than were walked.</param>
    public PlanReach ReachOver(string gate, string context, out bool isWhole)
    {
        var walk = new CallWalk(_search, Kind) { Limit = Math.Min(MostStatesOfOne, _gateStatesLeft), Files = _files, Gate = gate };
        var reach = walk.Run(new PlanEntry(context, Languages.Dialled));
        _gateStatesLeft -= Math.Min(walk.States, _gateStatesLeft);
        isWhole = !walk.IsCut;
        return reach;
    }

    /// <summary>It may call a trunk: what names the channel can be that of one, or is not to be known.</summary>
    public bool MayCallTrunk(PlanExit exit) => exit.Called is null || exit.MayCall(_trunkNames ??= Languages.UnionOf(_kinds.Where(static kind => kind.Value == ExitKind.Trunk).Select(static kind => Languages.Only(kind.Key))));

    /// <summary>The conferences that calls of this context surely come to, and the prompts at which they type, without a PIN or a program that may refuse them.</summary>
    public IEnumerable<CallState> Entered(string context) => EnteredUnasked(context).Where(static state => state.Assumptions.All(static assumption => assumption.ComesByItself));

    /// <summary>The same, whatever is assumed.</summary>
    public IEnumerable<CallState> EnteredUnasked(string context) => Reach(context) is null ? [] : _entered[context].SelectMany(static states => states).Where(static state => state.Brakes.All(static brake => brake.Kind == BrakeKind.TimeLimit));

    /// <summary>Whether everybody is asked for a secret, or by a program, before he comes to this line: on the ways of calls that come in, and where none leads there, on those of the extension itself.</summary>
    public bool IsAskedBefore(PlanContext context, PlanExtension extension, PlanPriority priority)
    {
        var ways = Strangers().Concat(Incoming()).Concat(Phones()).Select(static entry => entry.Context).Distinct(StringComparer.Ordinal)
            .SelectMany(entry => Reach(entry) is null ? [] : _entered[entry][priority.Place]).ToList();
        if (ways.Count == 0)
        {
            var ran = new List<CallState>();
            var walk = new CallWalk(_search, Kind) { Limit = Math.Min(MostStatesOfOne, _statesLeft), Files = _files, Trace = ran };
            walk.Run(new PlanEntry(context.Name, _search.Fitting(extension.Pattern)));
            _statesLeft -= Math.Min(walk.States, _statesLeft);
            if (walk.IsCut)
            {
                _pbx.LeaveOut("whether callers are asked for a PIN before each line that needs one was not found out: the dialplan has more ways than the audit walks");
                return true;
            }

            ways = [.. ran.Where(state => state.Way!.Step.Priority.Place == priority.Place)];
        }

        return ways.Count > 0 && ways.All(static state => state.Brakes.Any(static brake => brake.Kind is BrakeKind.Pin or BrakeKind.Gate));
    }

    /// <summary>Where the text of a caller goes on as it is, and nothing is assumed but what he writes himself; each place once. What a provider dials no caller chooses, but his name he does.</summary>
    public IEnumerable<PlanInjection> Injections() =>
        Injections(Strangers(), isIncoming: false).Concat(Injections(Phones(), isIncoming: false)).Concat(Injections(Incoming(), isIncoming: true))
            .DistinctBy(static injection => (injection.Into, injection.Way.Step.Priority.Place));

    /// <summary>Those of one kind of callers.</summary>
    public IEnumerable<PlanInjection> Injections(IEnumerable<CallEntry> callers, bool isIncoming) =>
        from entry in callers
        from injection in Reach(entry.Context).Injections
        where isIncoming ? IsBrought(injection) : !IsFixed(injection.Example, entry.Context)
        where ShownText.For(injection.Assumptions, []) is { } shows && shows.All(shown => OpenWays.MayShow(entry, !isIncoming, shown) && injection.MayShow(shown))
        select injection;

    // What is dialled is the provider's; a number that it hands on has digits and no marks, but of whatever gets there what runs commands is told, and what chooses where the call goes on
    // (measured: a From user of a.wav%2c%2cid%26 runs id where MixMonitor's file is named by the number).
    private static bool IsBrought(PlanInjection injection) => injection.Example.StartsWith("${", StringComparison.Ordinal)
        && (injection.Into is InjectionKind.Dial or InjectionKind.Shell or InjectionKind.Application or InjectionKind.Recording or InjectionKind.RecordingOptions or InjectionKind.Expansion or InjectionKind.Options || !injection.Example.StartsWith("${CALLERID(num", StringComparison.Ordinal));

    /// <summary>Everything that makes up the dialplan was read: what is not there is missing.</summary>
    public bool IsWhole => _isWhole ??= _plan is { Unread.Count: 0, OverrideSwitch: null } && _pbx.Config("extensions.conf").Problems.Count == 0 && !_plan.Problems.Any(static problem => problem.StopsReading);

    // res_pjsip_caller_id.c: where the endpoint's own callerid has a number, what the phone says of itself does not count.
    private bool IsFixed(string example, string context) =>
        example.StartsWith("${CALLERID(", StringComparison.Ordinal)
        && (_phones ??= _pbx.Pjsip.Endpoints.Where(endpoint => _kinds[endpoint.Name] == ExitKind.Phone).ToLookup(static endpoint => endpoint["context"] ?? "default", StringComparer.Ordinal))[context].ToList() is { Count: > 0 } phones
        && !Old().Any(old => _old[(old.Technology, old.Peer.Name)] == ExitKind.Phone && Of(old.Technology, old.Peer, "").Context == context)
        && phones.All(static phone => !phone.Name.StartsWith("anonymous", StringComparison.Ordinal)
            && HasOwnNumber(phone));

    private static bool HasOwnNumber(PjsipObject endpoint) => endpoint["callerid"] is { } callerId && HasNumber(callerId) && AsteriskBool.Parse(endpoint["trust_id_inbound"]) is not true;

    // "Alice" <1001>, Alice <1001>, 1001; else it is a name (main/callerid.c, ast_callerid_parse).
    private static bool HasNumber(string callerId) => callerId.IndexOf('<', StringComparison.Ordinal) is >= 0 and var open
        ? callerId[open..].Any(char.IsAsciiDigit)
        : callerId.Length > 0 && callerId.All(static c => char.IsAsciiDigit(c) || c is '+' or '*' or '#');

    private IEnumerable<CallEntry> Of(ExitKind kind, string who) => _pbx.Pjsip.Endpoints
        .Where(endpoint => !endpoint.Name.StartsWith("anonymous", StringComparison.Ordinal) && _kinds[endpoint.Name] == kind).Select(endpoint => Of(endpoint, who))
        .Concat(Old().Where(old => _old[(old.Technology, old.Peer.Name)] == kind).Select(old => Of(old.Technology, old.Peer, who)))
        .GroupBy(static entry => entry.Context, static (_, same) => same.First() with { HasOwnNumber = same.All(static entry => entry.HasOwnNumber) });

    private IEnumerable<(string Technology, ConfigSection Peer)> Old() =>
        OldPeers.Sip(_pbx).Select(static peer => ("SIP", peer)).Concat(OldPeers.Iax(_pbx).Select(static peer => ("IAX2", peer)));

    // A phone registers, or stands at a fixed address; a provider is called there with a name of the account, or calls in without a password.
    private static ExitKind KindOf(string technology, ConfigSection peer) =>
        OldPeers.IsDynamic(peer) ? ExitKind.Phone
        : peer["host"] is null ? ExitKind.Unknown
        : technology == "IAX2" || peer["insecure"]?.Contains("invite", StringComparison.OrdinalIgnoreCase) is true || ((string[])["fromuser", "fromdomain", "remotesecret", "outboundproxy"]).Any(option => peer.Find(option) is not null) ? ExitKind.Trunk
        : ExitKind.Unknown;

    private CallEntry Of(string technology, ConfigSection peer, string who) =>
        new(peer["context"] ?? _pbx.Config(technology == "SIP" ? "sip.conf" : "iax.conf").First("general")?["context"] ?? "default", who, peer.Find("context")?.Place ?? peer.Place,
            peer["callerid"] is { } callerId && HasNumber(callerId) && AsteriskBool.Parse(peer["trustrpid"]) is not true);

    private static CallEntry Of(PjsipObject endpoint, string who) => new(endpoint["context"] ?? "default", who, endpoint.PlaceOf("context"), HasOwnNumber(endpoint));
}
