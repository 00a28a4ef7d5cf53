using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Pbx;
using Ringfence.Core.Perimeter;
using Ringfence.Daemon;
using Ringfence.Enforcement;
using Ringfence.Perimeter;
using Ringfence.SystemTests.Asterisk;
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

    private async Task<PolicyTable> ConfirmedAsync(params string[] live)
    {
        var table = new PolicyTable([.. _rig.Machine.Prefix, "nft"], new PolicyFiles(_directory), TimeProvider.System);
        await table.ConfirmAsync(await table.TryAsync(Policy(live), TimeSpan.FromMinutes(1), Stop), Stop);
        return table;
    }

    private async Task Keep(PolicyTable table)
    {
        var keeper = new PolicyKeeper(RingfenceConfig.Default, table, () => _trusted, () => _rig.Machine.Run(NetlinkSocket.Open), TimeProvider.System, NullLogger<PolicyKeeper>.Instance);
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
