using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Perimeter;
using Ringfence.Enforcement;
using Ringfence.Perimeter;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>Keeps the confirmed policy in the kernel: puts it back where somebody flushed it, lets registered phones in wherever they are, and follows names and trunks.</summary>
/// <remarks>It confirms nothing: what an operator edited and did not apply is none of its business.</remarks>
/// <param name="trusted">Who is trusted now; phones that logged in are among them.</param>
/// <param name="open">A socket to the kernel, in the namespace of <paramref name="table"/>.</param>
internal sealed partial class PolicyKeeper(
    RingfenceConfig config, PolicyTable table, Func<IEnumerable<TrustEntry>> trusted, Func<NetlinkSocket> open, TimeProvider clock, ILogger<PolicyKeeper> log)
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan NamesAgain = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan CountriesAgain = TimeSpan.FromMinutes(1);

    /// <summary>How long a phone's door stays open without anybody who keeps it: a guard that is down for its update, and not a phone that is gone for good.</summary>
    private static readonly TimeSpan DoorTime = TimeSpan.FromHours(1);

    private readonly Dictionary<Address, long> _doors = [];
    private uint? _generation;
    private long? _namesRead;
    private long _table;
    private int _repairs;
    private volatile string? _problem;
    private string? _countries;
    private IReadOnlyList<string> _missing = [];
    private volatile string? _countriesProblem;
    private long? _countriesTried;

    /// <summary>How often the policy had to be put back.</summary>
    public int Repairs => Volatile.Read(ref _repairs);

    /// <summary>What it can't keep up with, for status; null: all is well.</summary>
    public string? Problem => (_problem, _countriesProblem) switch { ({ } names, { } countries) => $"{names}; {countries}", var (names, countries) => names ?? countries };

    /// <summary>A part for <see cref="Supervisor"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var kernel = new KernelTable(open());
        using var timer = new PeriodicTimer(Rest, clock);
        do
        {
            await LookAsync(kernel, stop);
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    private async Task LookAsync(KernelTable kernel, CancellationToken stop)
    {
        if (!File.Exists(table.Files.Confirmed))
        {
            return;
        }

        // Each change of anybody's to any table raises it; asking takes some microseconds.
        var generation = kernel.Generation();
        var areNamesDue = _namesRead is not { } read || clock.GetElapsedTime(read) > NamesAgain;
        var phones = Phones();
        if (generation == _generation && !areNamesDue && phones.Count == 0)
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
            _doors.Clear();
            phones = Phones();
            areNamesDue = true;
            state = await table.ReadAsync(stop);
        }

        _missing = state.MissingCountries;
        if (state.Table != _table)
        {
            // Made anew, by a rollback or by somebody: with no door in it.
            _table = state.Table;
            _doors.Clear();
            phones = Phones();
        }

        if (phones.Count > 0)
        {
            await table.RunAsync(PolicyScripts.Open(NftPolicy.Doors[0], phones, DoorTime), stop);
            var now = clock.GetTimestamp();
            phones.ForEach(phone => _doors[phone] = now);
        }

        if (areNamesDue && PolicyFiles.Read(table.Files.Confirmed) is { } confirmed)
        {
            _namesRead = clock.GetTimestamp();

            // The names that were confirmed: what is edited since, or what this guard was started with, is another policy's.
            var zones = NftPolicy.NamesIn(confirmed);
            var every = new ServiceSettings { Name = "every", Ports = [PortRange.Of(PortProtocol.Tcp, 1)], Open = [.. zones.Select(static zone => zone.Name)] };
            var machine = await MachinePolicy.ReadAsync(config with { Perimeter = new PerimeterSettings { Zones = zones, Services = [every] } }, clock, stop);

            // A resolver that does not answer takes nobody's door away: a zone with a name that has no address keeps what it had.
            if (PolicyScripts.Renew(state, machine.Policy, machine.Unsure) is { Length: > 0 } renewal)
            {
                await table.RunAsync(renewal, stop);
            }

            _problem = machine.Problems.Count == 0 ? null : $"{string.Join("; ", machine.Problems)}; the addresses of before stay";
        }

        await FollowCountriesAsync(stop);

        // Not what it is by now: what somebody did while this looked would never be seen. Our own changes cost one more look.
        _generation = generation;
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
}
