using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Pbx;
using Ringfence.Core.Perimeter;
using Ringfence.Daemon;
using Ringfence.Enforcement;
using Ringfence.Perimeter;
using Ringfence.Sources;
using Ringfence.SystemTests.Asterisk;
using Ringfence.SystemTests.Firewall;
using Xunit;

namespace Ringfence.SystemTests.Perimeter;

/// <summary>The guard keeps what the operator confirmed.</summary>
public sealed class PolicyKeeperTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly Address Phone = Address.Parse("203.0.113.77")!.Value;
    private static readonly Address Stranger = Address.Parse("203.0.113.78")!.Value;

    private readonly PolicyRig _rig = PolicyRig.Create();
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-keeper-").FullName;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<TrustEntry> _trusted = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // A zone that names a provider and one that is fixed.
    private static Policy Policy(params string[] live) => PolicyBuilder.Build(
        new PerimeterSettings { Zones = [new ZoneSettings { Name = ZoneSettings.Admin, Networks = [new NotedNetwork(Network.Parse("198.51.100.66")!.Value, "", new Place("r", 1))] }] },
        MachinePorts.Usual,
        zone => zone == ZoneSettings.Trunks ? live.Select(static text => Network.Parse(text)!.Value) : []);

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _rig.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_policy_that_somebody_flushed_is_put_back_and_one_on_trial_is_not_made_one()
    {
        var table = await ConfirmedAsync();
        var running = Keep(table);

        _rig.Nft("flush ruleset\n");
        Assert.True(await Eventually.HoldsAsync(async () => (await table.ReadAsync(Stop)).Confirmed is not null, Patience, Stop));
        _rig.Nft($"delete table inet {NftPolicy.Table}\n");
        Assert.True(await Eventually.HoldsAsync(async () => (await table.ReadAsync(Stop)).Confirmed is not null, Patience, Stop));

        Assert.False(Passes(Stranger, 22));
        await EndAsync(running);
    }

    [Fact]
    public async Task A_trial_on_flushed_rules_ends_at_the_confirmed_policy_and_a_cut_file_is_not_called_loaded()
    {
        var table = await ConfirmedAsync();
        _rig.Nft("flush ruleset\n");
        await table.TryAsync(Policy(), TimeSpan.FromSeconds(1), Stop);
        Assert.True(await Eventually.HoldsAsync(async () => (await table.ReadAsync(Stop)).TrialLeft is null, Patience, Stop));
        Assert.False(Passes(Stranger, 22));

        _rig.Nft("flush ruleset\n");
        var script = await File.ReadAllTextAsync(table.Files.Confirmed, Stop);
        foreach (var cut in (string[])["", string.Join('\n', script.TrimEnd().Split('\n').SkipLast(1))])
        {
            await File.WriteAllTextAsync(table.Files.Confirmed, cut, Stop);
            await Assert.ThrowsAsync<FirewallException>(() => table.LoadAsync(Stop));
        }
    }

    [Fact]
    public async Task A_phone_that_is_registered_somewhere_keeps_its_door_also_over_a_flush_and_one_on_its_own_word_gets_none()
    {
        var table = await ConfirmedAsync();
        _trusted.Add(new TrustEntry(Network.Of(Phone), "registered contact of 1001", TrustSource.Contact));
        _trusted.Add(new TrustEntry(Network.Of(Stranger), "registered contact of 1002", TrustSource.Contact) { IsHearsay = true });
        Assert.False(Passes(Phone, 5061));
        var running = Keep(table);

        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(Passes(Phone, 5061)), Patience, Stop));
        Assert.False(Passes(Phone, 22));
        Assert.False(Passes(Stranger, 5061));

        _rig.Nft("flush ruleset\n");
        Assert.True(await Eventually.HoldsAsync(async () => (await table.ReadAsync(Stop)).Confirmed is not null, Patience, Stop));
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(Passes(Phone, 5061)), Patience, Stop));
        await EndAsync(running);
    }

    [Fact]
    public async Task What_names_and_trunks_have_is_renewed_in_one_step_and_the_rest_stays()
    {
        var table = await ConfirmedAsync("203.0.113.10", "203.0.113.11");
        Assert.True(Passes(Address.Parse("203.0.113.11")!.Value, 5061));

        var state = await table.ReadAsync(Stop);
        Assert.Empty(PolicyScripts.Renew(state, Policy("203.0.113.10", "203.0.113.12"), [ZoneSettings.Trunks]));
        await table.RunAsync(PolicyScripts.Renew(state, Policy("203.0.113.10", "203.0.113.12")), Stop);

        Assert.Equal([true, false, true], ((string[])["203.0.113.10", "203.0.113.11", "203.0.113.12"]).Select(address => Passes(Address.Parse(address)!.Value, 5061)));
        Assert.True(Passes(Address.Parse("198.51.100.66")!.Value, 22));
    }

    [Fact]
    public async Task Of_two_names_of_a_zone_the_one_that_moves_is_followed_and_the_one_that_does_not_resolve_keeps_its_address()
    {
        var answers = new ConcurrentDictionary<string, string>(StringComparer.Ordinal) { ["home.example.com"] = "203.0.113.31", ["dead.example.com"] = "203.0.113.32" };
        Task<IPAddress[]> LookUp(string name, CancellationToken stop) => answers.TryGetValue(name, out var text) ? Task.FromResult<IPAddress[]>([IPAddress.Parse(text)]) : throw new SocketException((int)SocketError.HostNotFound);
        var config = RingfenceConfig.Default with
        {
            AsteriskDirectory = _directory,
            Perimeter = new PerimeterSettings { Zones = [new ZoneSettings { Name = ZoneSettings.Phones, Names = ["home.example.com", "dead.example.com"] }] },
        };
        var table = new PolicyTable([.. _rig.Machine.Prefix, "nft"], new PolicyFiles(_directory), TimeProvider.System);
        var machine = await MachinePolicy.ReadAsync(config, TimeProvider.System, Stop, lookUp: LookUp);
        await table.ConfirmAsync(await table.TryAsync(machine.Policy, TimeSpan.FromMinutes(1), Stop), Stop);
        Assert.Equal([true, true, false], Passing("203.0.113.31", "203.0.113.32", "203.0.113.33"));

        answers["home.example.com"] = "203.0.113.33";
        answers.TryRemove("dead.example.com", out _);
        var log = new RecordedLog();
        var names = new DnsNames([], TimeProvider.System, log, LookUp);
        var (keeper, running) = Keep(table, names, config with { Perimeter = PerimeterSettings.None });

        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(Passing("203.0.113.31", "203.0.113.32", "203.0.113.33").SequenceEqual([false, true, true])), Patience, Stop));
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(keeper.Problem?.StartsWith("dead.example.com has no address now (", StringComparison.Ordinal) == true), Patience, Stop), keeper.Problem);
        Assert.Equal(["dead.example.com"], keeper.Status!.NamesStale);

        // Flushed, the script's addresses come back, and the newer ones at once behind them.
        _rig.Nft("flush ruleset\n");
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(!Passes(Stranger, 22) && Passing("203.0.113.31", "203.0.113.32", "203.0.113.33").SequenceEqual([false, true, true])), Patience, Stop));
        await names.LookUpAllAsync(Stop);
        await names.LookUpAllAsync(Stop);
        Assert.Single(log.Lines, static line => line.Text.Contains("dead.example.com", StringComparison.Ordinal));
        await EndAsync(running);

        // An apply while it does not resolve has its address too.
        var again = await MachinePolicy.ReadAsync(config, TimeProvider.System, Stop, table.Files.ConfirmedNames(), LookUp);
        Assert.True(again.Policy.Passes(new Arrival(Address.Parse("203.0.113.32")!.Value, "eth0", PortProtocol.Tcp, 5061)));
        Assert.Contains("those of before stay", Assert.Single(again.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rollback_leaves_every_door_open_and_is_the_policy_of_before_also_for_the_next_boot()
    {
        var table = await ConfirmedAsync("203.0.113.10");
        await table.ConfirmAsync(await table.TryAsync(Policy("203.0.113.11"), TimeSpan.FromMinutes(1), Stop), Stop);
        await table.RunAsync(PolicyScripts.Open(NftPolicy.Doors[1], [Phone], TimeSpan.FromHours(1)), Stop);
        Assert.Equal([false, true], Passing("203.0.113.10", "203.0.113.11"));

        Assert.Null(await table.GoBackAsync(await File.ReadAllTextAsync(table.Files.Previous, Stop), Stop));
        var state = await table.ReadAsync(Stop);

        Assert.Equal([true, false], Passing("203.0.113.10", "203.0.113.11"));
        Assert.True(Passes(Phone, 5061));
        Assert.Equal(PolicyScripts.MarkIn(await File.ReadAllTextAsync(table.Files.Confirmed, Stop)), state.ConfirmedMark);
        Assert.Equal(PolicyFiles.RulesIn(await File.ReadAllTextAsync(table.Files.Confirmed, Stop)), state.ConfirmedRules);
        Assert.Single(state.Rules);
        Assert.Equal(PolicyWayBack.NonePrevious, state.WayBack(File.Exists(table.Files.Previous)));
    }

    [Theory]
    [InlineData("flush chain inet ringfence_policy {0}_service_ssh")]
    [InlineData("insert rule inet ringfence_policy {0}_in tcp dport 22 accept")]
    [InlineData("insert rule inet ringfence_policy {0}_service_web accept")]
    [InlineData("insert rule inet ringfence_policy arriving accept")]
    [InlineData("add chain inet ringfence_policy arriving {{ policy drop; }}")]
    [InlineData("delete rule inet ringfence_policy {0}_in handle {1}")]
    public async Task Rules_that_somebody_changed_by_hand_are_put_back_and_doors_stay_open_and_a_trial_goes_on(string change)
    {
        var table = await ConfirmedAsync("203.0.113.10");
        await table.RunAsync(PolicyScripts.Open(NftPolicy.Doors[1], [Phone], TimeSpan.FromHours(1)), Stop);
        var trial = await table.TryAsync(Policy("203.0.113.11"), TimeSpan.FromMinutes(10), Stop);
        var (keeper, running) = Keep(table, new DnsNames([], TimeProvider.System, NullLogger<DnsNames>.Instance), RingfenceConfig.Default with { AsteriskDirectory = _directory });
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(keeper.Status is not null), Patience, Stop));
        Assert.Equal(0, keeper.Repairs);
        Assert.Equal("trial", keeper.Status!.State);

        var last = _rig.Machine.Execute("nft", "-a", "list", "chain", "inet", NftPolicy.Table, $"{trial.Confirmed}_in").Split('\n').Last(static line => line.Contains("# handle", StringComparison.Ordinal)).Split(' ')[^1];
        _rig.Nft(string.Format(CultureInfo.InvariantCulture, change, trial.Confirmed, last) + "\n");

        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(keeper.Problem?.Contains("by hand; they were put back", StringComparison.Ordinal) == true), Patience, Stop), keeper.Problem);
        var state = await table.ReadAsync(Stop);
        Assert.Equal((trial.OnTrial, trial.TrialMark, trial.ConfirmedMark, trial.ConfirmedRules, true), (state.OnTrial, state.TrialMark, state.ConfirmedMark, state.ConfirmedRules, state.HasOwnHook));
        Assert.NotEqual(trial.Confirmed, state.Confirmed);
        Assert.InRange(state.TrialLeft!.Value, TimeSpan.FromMinutes(8), trial.TrialLeft!.Value);
        Assert.True(Passes(Phone, 5061));
        await table.EndTrialAsync(state, Stop);
        Assert.True(Passes(Phone, 5061));
        Assert.True(Passes(Address.Parse("198.51.100.66")!.Value, 22));
        Assert.False(Passes(Stranger, 22));
        Assert.Equal(1, keeper.Repairs);
        await EndAsync(running);
    }

    private List<bool> Passing(params IEnumerable<string> sources) => [.. sources.Select(source => Passes(Address.Parse(source)!.Value, 5061))];

    private (PolicyKeeper Keeper, Task Running) Keep(PolicyTable table, DnsNames names, RingfenceConfig config)
    {
        var keeper = new PolicyKeeper(config, table, names, () => _trusted, () => _rig.Machine.Run(NetlinkSocket.Open), TimeProvider.System, NullLogger<PolicyKeeper>.Instance);
        return (keeper, RunAsync(keeper));
    }

    private async Task<PolicyTable> ConfirmedAsync(params string[] live)
    {
        var table = new PolicyTable([.. _rig.Machine.Prefix, "nft"], new PolicyFiles(_directory), TimeProvider.System);
        await table.ConfirmAsync(await table.TryAsync(Policy(live), TimeSpan.FromMinutes(1), Stop), Stop);
        return table;
    }

    private Task Keep(PolicyTable table) => Keep(table, new DnsNames([], TimeProvider.System, NullLogger<DnsNames>.Instance), RingfenceConfig.Default with { AsteriskDirectory = _directory }).Running;

    private async Task RunAsync(PolicyKeeper keeper)
    {
        while (true)
        {
            try
            {
                await keeper.RunAsync(_stop.Token);
            }
            catch (FirewallException)
            {
                // As the supervisor does: somebody takes the table out while it is looked at.
                await Task.Delay(TimeSpan.FromSeconds(1), _stop.Token);
            }
        }
    }

    private async Task EndAsync(Task running)
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private bool Passes(Address source, ushort port) => _rig.Passing([new Arrival(source, _rig.Links[0], PortProtocol.Tcp, port)]).Count == 1;
}
