using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Pbx;
using Ringfence.Core.Perimeter;
using Ringfence.Enforcement;
using Ringfence.Perimeter;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>Keeps the confirmed policy in the kernel: puts it back where somebody flushed it or changed its rules by hand, lets registered phones in wherever they are, and follows names and trunks.</summary>
/// <remarks>It confirms nothing: what an operator edited and did not apply is none of its business.</remarks>
/// <param name="names">Its own, which it runs: the names of the confirmed policy and of trunks.</param>
/// <param name="trusted">Who is trusted now; phones that logged in are among them.</param>
/// <param name="open">A socket to the kernel, in the namespace of <paramref name="table"/>.</param>
internal sealed partial class PolicyKeeper(
    RingfenceConfig config, PolicyTable table, DnsNames names, Func<IEnumerable<TrustEntry>> trusted, Func<NetlinkSocket> open, TimeProvider clock, ILogger<PolicyKeeper> log)
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TrunksAgain = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan CountriesAgain = TimeSpan.FromMinutes(1);

    /// <summary>How long what was put back is a problem of status, and one line of the log stands for all: who does it each minute is told once.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    /// <summary>How long a phone's door stays open without anybody who keeps it: a guard that is down for its update, and not a phone that is gone for good.</summary>
    private static readonly TimeSpan DoorTime = TimeSpan.FromHours(1);

    private readonly Dictionary<Address, long> _doors = [];
    private uint? _generation;
    private long _table;
    private int _repairs;

    // Of the confirmed policy: its mark, its rules as the kernel prints them, its names.
    private string? _mark;
    private string? _rules;
    private IReadOnlyList<ZoneSettings> _zones = [];
    private IReadOnlyDictionary<string, IReadOnlyList<Address>> _before = NameAnswers.Nothing;
    private TrunkReading _trunks = new([], []);
    private long? _trunksRead;
    private IReadOnlyList<ResolvedName>? _renewed;

    private string? _countries;
    private IReadOnlyList<string> _missing = [];
    private long? _countriesTried;
    private long? _changedAt;
    private long? _putBackTried;
    private volatile string? _namesProblem;
    private volatile string? _countriesProblem;
    private volatile string? _changedProblem;
    private volatile PolicyStanding? _standing;

    /// <summary>How often the policy had to be put back.</summary>
    public int Repairs => Volatile.Read(ref _repairs);

    /// <summary>What it can't keep up with, for status; null: all is well.</summary>
    public string? Problem => string.Join("; ", ((string?[])[_changedProblem, _namesProblem, _countriesProblem]).OfType<string>()) is { Length: > 0 } problems ? problems : null;

    /// <summary>How the policy stands; null: none was confirmed here, nor tried, or nobody has looked yet.</summary>
    public PolicyStatus? Status => _standing is { } standing && standing.TrialLeft(clock.GetElapsedTime(standing.At)) is var left
        ? new PolicyStatus(left is not null ? "trial" : standing.State.Confirmed is not null ? "confirmed" : "none", left is { } time ? (int)time.TotalSeconds : null, Repairs, standing.MissingCountries, standing.StaleNames)
        : null;

    /// <summary>A part for <see cref="Supervisor"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var kernel = new KernelTable(open());
        using var timer = new PeriodicTimer(Rest, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);

        // Beside the looks: a resolver that does not answer must not keep a flushed policy away.
        var resolving = names.RunAsync(end.Token);
        try
        {
            do
            {
                await LookAsync(kernel, stop);
                if (resolving.IsFaulted)
                {
                    await resolving;
                }
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        finally
        {
            await end.CancelAsync();
            await resolving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(KernelTable kernel, CancellationToken stop)
    {
        if (!File.Exists(table.Files.Confirmed))
        {
            await LookAtTrialAsync(kernel, stop);
            return;
        }

        if (_changedAt is { } changed && clock.GetElapsedTime(changed) > Remembered)
        {
            (_changedAt, _changedProblem) = (null, null);
        }

        // Each change of anybody's to any table raises it; asking takes some microseconds.
        var generation = kernel.Generation();
        FollowTrunks();
        var areNamesNew = AreKnown(names.Names) && !ReferenceEquals(_renewed, names.Names);
        var phones = Phones();
        if (generation == _generation && !areNamesNew && phones.Count == 0)
        {
            await FollowCountriesAsync(stop);
            return;
        }

        var state = await table.ReadAsync(stop);
        if (state.Confirmed is null && state.TrialLeft is null)
        {
            await table.LoadAsync(stop);
            Interlocked.Increment(ref _repairs);
            LogPutBack();
            state = await table.ReadAsync(stop);
            (_mark, _renewed) = (null, null);
        }

        Follow(state);
        state = await PutBackAsync(state, stop);
        _missing = state.MissingCountries;
        if (state.Table != _table)
        {
            // Made anew, by a rollback or by somebody: with no door in it.
            _table = state.Table;
            _doors.Clear();
            phones = Phones();
            _renewed = null;
        }

        if (phones.Count > 0)
        {
            await table.RunAsync(PolicyScripts.Open(NftPolicy.Doors[0], phones, DoorTime), stop);
            var now = clock.GetTimestamp();
            phones.ForEach(phone => _doors[phone] = now);
        }

        if (names.Names is var known && AreKnown(known) && !ReferenceEquals(_renewed, known))
        {
            var (machine, renewal) = Renewal(state, known);
            if (renewal.Length > 0)
            {
                await table.RunAsync(renewal, stop);
            }

            _namesProblem = machine.Problems.Count == 0 ? null : string.Join("; ", machine.Problems);
            _renewed = known;
        }

        await FollowCountriesAsync(stop);
        _standing = new PolicyStanding(state, clock.GetTimestamp(), _missing, _renewed is null ? [] : NameAnswers.Of(Answers(_renewed), _before).Stale);

        // Not what it is by now: what somebody did while this looked would never be seen. Our own changes cost one more look.
        _generation = generation;
    }

    // The first policy of a machine, before anybody confirms it.
    private async Task LookAtTrialAsync(KernelTable kernel, CancellationToken stop)
    {
        if (!table.Files.HasTrial)
        {
            _standing = null;
            return;
        }

        if (kernel.Generation() is var generation && (generation != _generation || _standing is null))
        {
            var state = await table.ReadAsync(stop);
            _standing = new PolicyStanding(state, clock.GetTimestamp(), state.MissingCountries, []);
            _generation = generation;
        }
    }

    // Which policy is confirmed by now, and with it which names are: what is edited since, or what this guard was started with, is another policy's.
    private void Follow(PolicyState state)
    {
        if (state.ConfirmedMark == _mark && _mark is not null)
        {
            return;
        }

        _mark = state.ConfirmedMark;
        var script = PolicyFiles.Read(table.Files.Confirmed) ?? "";
        var isOnDisk = PolicyScripts.MarkIn(script) == _mark;
        _rules = (isOnDisk ? PolicyFiles.RulesIn(script) : null) ?? state.ConfirmedRules;
        (_zones, _before) = (NftPolicy.NamesIn(script), NftPolicy.AnswersIn(script));
        _renewed = null;
        _trunksRead = null;
        FollowTrunks();
    }

    private void FollowTrunks()
    {
        if (_trunksRead is { } read && clock.GetElapsedTime(read) < TrunksAgain)
        {
            return;
        }

        _trunksRead = clock.GetTimestamp();
        var trunks = MachinePolicy.TrunksOf(config);
        if (!trunks.Hosts.SequenceEqual(_trunks.Hosts))
        {
            _renewed = null;
        }

        _trunks = trunks;
        List<string> wanted = [.. MachinePolicy.NamesOf(_zones, _trunks).Distinct(StringComparer.OrdinalIgnoreCase)];
        if (!wanted.SequenceEqual(names.Names.Select(static name => name.Name), StringComparer.OrdinalIgnoreCase))
        {
            names.Follow(wanted);
        }
    }

    private static IEnumerable<(string, IReadOnlyList<Address>, string?)> Answers(IEnumerable<ResolvedName> names) => names.Select(static name => (name.Name, name.Addresses, name.Problem));

    // Before the first answers nobody knows more than the kernel does, which may have newer ones than the script.
    private static bool AreKnown(IReadOnlyList<ResolvedName> names) => names.All(static name => !name.NeverResolved || name.Problem is not null);

    // A name that does not resolve keeps what it had; a zone with one of which nothing was ever known is left alone.
    private (MachinePolicy Machine, string Script) Renewal(PolicyState state, IReadOnlyList<ResolvedName> known)
    {
        var every = new ServiceSettings { Name = "every", Ports = [PortRange.Of(PortProtocol.Tcp, 1)], Open = [.. _zones.Select(static zone => zone.Name)] };
        var machine = MachinePolicy.Of(config with { Perimeter = new PerimeterSettings { Zones = _zones, Services = [every] } }, _trunks, known, _before);
        return (machine, PolicyScripts.Renew(state, machine.Policy, machine.Unsure));
    }

    // Somebody's rule in front of ours, one of ours gone, a chain flushed: what was confirmed is what holds.
    private async Task<PolicyState> PutBackAsync(PolicyState state, CancellationToken stop)
    {
        bool IsRight(PolicyState now) => now.Confirmed is null || now.ConfirmedMark != _mark || (now.ConfirmedRules == _rules && now.HasOwnHook);
        if (IsRight(state) || (_putBackTried is { } tried && clock.GetElapsedTime(tried) < CountriesAgain))
        {
            return state;
        }

        PolicyState now;
        try
        {
            now = await table.PutBackAsync(IsRight, made => names.Names is var known && AreKnown(known) ? Renewal(made, known).Script : "", stop);
            _putBackTried = null;
        }
        catch (Exception problem) when (problem is WorldFailedException or FirewallException)
        {
            _putBackTried = clock.GetTimestamp();
            _changedAt = null;
            _changedProblem = $"somebody changed the rules of the policy by hand, and they can't be put back ({problem.Message}): ringfence firewall check says what differs, ringfence firewall load makes them anew";
            LogNotPutBack(problem.Message);
            return state;
        }

        // Another version of nft prints the same rules in other words: what it prints of those just made is right.
        var isChanged = now.ConfirmedRules != state.ConfirmedRules || !state.HasOwnHook;
        if (now.ConfirmedMark == _mark)
        {
            _rules = now.ConfirmedRules;
        }

        if (isChanged && now.ConfirmedMark == _mark)
        {
            Interlocked.Increment(ref _repairs);
            if (_changedAt is null)
            {
                LogChanged();
            }

            _changedAt = clock.GetTimestamp();
            _changedProblem = "somebody changed the rules of the policy by hand; they were put back";
        }

        return now;
    }

    // A newer database, whoever put it there; at the start too, for nobody knows of which one the kernel's are. And any, where the policy was loaded without one.
    private async Task FollowCountriesAsync(CancellationToken stop)
    {
        var stamp = GeoFile.StampOf(config);
        if ((_missing.Count == 0 && (!config.Perimeter.HasCountries || stamp == _countries)) || (_countriesTried is { } tried && _countriesProblem is not null && clock.GetElapsedTime(tried) < CountriesAgain))
        {
            return;
        }

        try
        {
            LogCountries(await table.RefillAsync(stop));
            (_countries, _countriesProblem, _missing) = (stamp, null, []);
        }
        catch (Exception problem) when (problem is WorldFailedException or FirewallException)
        {
            // One that is still being copied has another stamp when it is whole.
            var state = _missing.Count == 0 ? "zones of countries hold what they held" : $"the countries of {string.Join(", ", _missing)} are missing since the policy was loaded, and what is closed to them is shut to everybody whom no zone names";
            if (_countriesProblem is null)
            {
                LogNoCountries(problem.Message, state);
            }

            _countriesProblem = $"{problem.Message}: {state}";
            _countriesTried = clock.GetTimestamp();
        }
    }

    // Whose door is not open yet, or only for half of its time. A contact on the phone's own word alone opens none: whoever has one password could open it for anybody.
    private List<Address> Phones()
    {
        var now = trusted().Where(static entry => entry is { Source: TrustSource.Contact, IsHearsay: false }).Select(static entry => entry.Network.First).Distinct().ToList();
        foreach (var gone in _doors.Keys.Except(now).ToList())
        {
            _doors.Remove(gone);
        }

        return [.. now.Where(phone => !_doors.TryGetValue(phone, out var opened) || clock.GetElapsedTime(opened) > DoorTime / 2)];
    }

    [LoggerMessage(2701, LogLevel.Warning, "The firewall's policy was gone, and is back: somebody flushed the rules")]
    private partial void LogPutBack();

    [LoggerMessage(2702, LogLevel.Information, "The policy's countries are those of the databases that are there now: {Elements} elements in the kernel")]
    private partial void LogCountries(int elements);

    [LoggerMessage(2703, LogLevel.Error, "{Problem}: {State}")]
    private partial void LogNoCountries(string problem, string state);

    [LoggerMessage(2704, LogLevel.Warning, "Somebody changed the rules of the firewall's policy by hand: they are those of the confirmed one again. A change that shall stay goes into the configuration, and through firewall apply and confirm")]
    private partial void LogChanged();

    [LoggerMessage(2705, LogLevel.Error, "Somebody changed the rules of the firewall's policy by hand, and they can't be put back: {Problem}")]
    private partial void LogNotPutBack(string problem);
}
