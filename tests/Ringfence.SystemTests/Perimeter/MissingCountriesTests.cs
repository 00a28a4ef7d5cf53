using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Geo;
using Ringfence.Core.Perimeter;
using Ringfence.Daemon;
using Ringfence.Enforcement;
using Ringfence.Perimeter;
using Ringfence.Sources;
using Ringfence.SystemTests.Asterisk;
using Ringfence.Tests.Perimeter;
using Xunit;

namespace Ringfence.SystemTests.Perimeter;

/// <summary>A boot without the database of countries opens nothing that they had closed, and shuts nobody out whom the operator named.</summary>
public sealed class MissingCountriesTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly Address[] Sources = [.. ((string[])["198.51.100.7", "192.0.2.7", "203.0.113.66", "192.168.7.7", "203.0.113.77"]).Select(static text => Address.Parse(text)!.Value)];

    private readonly PolicyRig _rig = PolicyRig.Create();
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-missing-").FullName;
    private GeoTable? _database = World();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _rig.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task What_is_closed_to_a_country_stays_shut_after_a_boot_until_a_database_comes()
    {
        var table = await ConfirmedAsync();

        // The stranger of the country, the one of another, one whom a zone names, the office, a registered phone.
        Assert.Equal([false, true, true, true, true], Sip());
        _database = null;
        _rig.Nft("flush ruleset\n");
        var load = await table.LoadAsync(Stop);

        Assert.Equal("no database", load.CountriesProblem);
        Assert.Equal(["bad"], (await table.ReadAsync(Stop)).MissingCountries);
        Assert.Equal([false, false, true, true, false], Sip());
        await table.RunAsync(PolicyScripts.Open(NftPolicy.Doors[0], [Sources[4]], TimeSpan.FromHours(1)), Stop);
        Assert.Equal([false, false, true, true, true], Sip());

        _database = World();
        await table.RefillAsync(Stop);
        Assert.Equal([false, true, true, true, true], Sip());
        Assert.Empty((await table.ReadAsync(Stop)).MissingCountries);
    }

    [Fact]
    public async Task A_guard_says_what_is_missing_where_it_put_back_what_somebody_flushed()
    {
        var table = await ConfirmedAsync();
        _database = null;
        _rig.Nft("flush ruleset\n");
        var keeper = Keeper(table);
        using var stop = new CancellationTokenSource();
        var running = keeper.RunAsync(stop.Token);

        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(keeper.Problem?.Contains("the countries of bad are missing since the policy was loaded", StringComparison.Ordinal) == true), Patience, Stop), keeper.Problem);
        Assert.False(Sip()[1]);
        Assert.Equal(["bad"], keeper.Status?.CountriesMissing);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_chain_of_countries_that_somebody_emptied_is_filled_again_and_left_as_it_is_where_there_is_no_database()
    {
        var table = await ConfirmedAsync();
        var keeper = Keeper(table);
        using var stop = new CancellationTokenSource();
        var running = keeper.RunAsync(stop.Token);
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(keeper.Status is not null), Patience, Stop));

        _rig.Nft($"flush chain inet {NftPolicy.Table} {(await table.ReadAsync(Stop)).Confirmed}_geo-not_bad\n");
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(keeper.Repairs == 1), Patience, Stop), keeper.Problem);
        Assert.Equal([false, true, true, true, true], Sip());

        _database = null;
        _rig.Nft($"insert rule inet {NftPolicy.Table} {(await table.ReadAsync(Stop)).Confirmed}_service_ami accept\n");
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(keeper.Problem?.Contains("can't be put back (no database)", StringComparison.Ordinal) == true), Patience, Stop), keeper.Problem);
        Assert.Equal([false, true, true, true, true], Sip());
        Assert.Empty((await table.ReadAsync(Stop)).MissingCountries);
        Assert.Single((await table.ReadAsync(Stop)).Rules);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public void Of_any_policy_nobody_passes_without_countries_who_would_not_pass_with_any_database_but_those_whom_a_zone_names()
    {
        var random = new Random(20_261_127);
        var policies = new RandomPolicy(random, _rig.Links, ["DE", "BR", "JP"]);
        for (var at = 0; at < 20; at++)
        {
            var policy = PolicyBuilder.Build(policies.Settings(), MachinePorts.Usual, static _ => []);
            _rig.Nft(PolicyScripts.Load(policy));
            var arrivals = (from source in PolicyProbes.Sources(policy).Concat(Sources) from port in PolicyProbes.Ports(policy) from link in _rig.Links select new Arrival(source, link, port.Protocol, port.Port)).ToArray();
            random.Shuffle(arrivals);
            arrivals = [.. arrivals.Take(300)];

            var passed = _rig.Passing(arrivals);

            Assert.Equal(arrivals.Where(arrival => PassesWithout(policy, arrival)).ToHashSet(), passed);
        }

    }

    // In a zone by address or interface, whatever its countries are.
    private static bool Named(Zone zone, Arrival arrival) => !zone.IsWorld && (zone with { Geo = null }).Holds(arrival.Source, arrival.Interface);

    private static bool PassesWithout(Policy policy, Arrival arrival)
    {
        if ((policy.Trusted with { Geo = null }).Holds(arrival.Source, arrival.Interface))
        {
            return true;
        }

        return policy.ServiceAt(arrival.Protocol, arrival.Port) is { } service
            && service.Open.Any(zone => zone.IsWorld || Named(zone, arrival))
            && !service.Closed.Any(zone => zone.IsWorld || Named(zone, arrival))
            && (service.Closed.All(static zone => zone.Geo is null) || GeoChoice.Local.Any(network => network.Contains(arrival.Source)) || service.Open.Any(zone => Named(zone, arrival)));
    }

    private static GeoTable World()
    {
        var builder = new GeoTableBuilder();
        builder.Add(Network.Parse("198.51.100.0/24")!.Value, new GeoKey(CountryCode.Parse("BR"), 0));
        builder.Add(Network.Parse("192.0.2.0/24")!.Value, new GeoKey(CountryCode.Parse("DE"), 0));
        return builder.Build();
    }

    private PolicyKeeper Keeper(PolicyTable table) => new(
        RingfenceConfig.Default with { AsteriskDirectory = _directory }, table, new DnsNames([], TimeProvider.System, NullLogger<DnsNames>.Instance), static () => [], () => _rig.Machine.Run(NetlinkSocket.Open), TimeProvider.System, NullLogger<PolicyKeeper>.Instance);

    private List<bool> Sip() => [.. Sources.Select(source => _rig.Passing([new Arrival(source, _rig.Links[0], PortProtocol.Udp, 5060)]).Count == 1)];

    private async Task<PolicyTable> ConfirmedAsync()
    {
        var settings = new PerimeterSettings
        {
            Zones = [new ZoneSettings { Name = "bad", Countries = [CountryCode.Parse("BR")] }, new ZoneSettings { Name = ZoneSettings.Admin, Networks = [new NotedNetwork(Network.Parse("203.0.113.66")!.Value, "", new Core.Pbx.Place("r", 1))] }],
            Services = [new ServiceSettings { Name = "sip", Open = [ZoneSettings.World, ZoneSettings.Phones, ZoneSettings.Admin], Closed = ["bad"] }],
        };
        var table = new PolicyTable([.. _rig.Machine.Prefix, "nft"], new PolicyFiles(_directory), TimeProvider.System, () => _database ?? throw new FirewallException("no database"), () => _rig.Machine.Run(NetlinkSocket.Open));
        await table.ConfirmAsync(await table.TryAsync(PolicyBuilder.Build(settings, MachinePorts.Usual, static _ => [], World()), TimeSpan.FromMinutes(1), Stop), Stop);
        return table;
    }
}
