using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Geo;
using Ringfence.Core.Pbx;
using Ringfence.Core.Perimeter;
using Ringfence.Sources;

namespace Ringfence.Perimeter;

/// <summary>The configured policy as it is on this machine: with the addresses of names and trunks, and the ports that Asterisk and sshd listen on.</summary>
/// <param name="Problems">What could not be found out, a sentence each: the policy lacks it.</param>
/// <param name="Unsure">Zones that lack the addresses of a name.</param>
internal sealed record MachinePolicy(Policy Policy, IReadOnlyList<string> Problems, IReadOnlyCollection<string> Unsure)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <param name="resolve">The addresses of a name; throws SocketException. null: the machine's resolver.</param>
    public static async Task<MachinePolicy> ReadAsync(RingfenceConfig config, TimeProvider clock, CancellationToken stop, Func<string, CancellationToken, Task<IReadOnlyList<Address>>>? resolve = null)
    {
        var files = new ConfigDirectory();
        var trunks = Trunks.Read(config.AsteriskDirectory, files);
        var names = config.Perimeter.Zones.SelectMany(static zone => zone.Names).Concat(trunks.Hosts.Select(static host => host.Name).OfType<string>()).Distinct(StringComparer.Ordinal).ToList();
        var problems = new List<string>();
        var found = new Dictionary<string, IReadOnlyList<Network>>(StringComparer.Ordinal);
        foreach (var (name, addresses, problem) in await Task.WhenAll(names.Select(name => LookUpAsync(name, resolve ?? AskAsync, clock, stop))))
        {
            found[name] = addresses;
            if (problem is not null)
            {
                problems.Add($"{Shown.Text(name)} has no address ({problem}): nobody gets in by it");
            }
        }

        var zones = config.Perimeter.Zones.ToDictionary(static zone => zone.Name, zone => zone.Names.SelectMany(name => found[name]).ToList(), StringComparer.Ordinal);
        List<Network> ofTrunks = [.. trunks.Hosts.SelectMany(host => host.Network is { } network ? [network] : found[host.Name!])];
        var ports = AsteriskPorts.Read(config.AsteriskDirectory, files, SshdSettings.Read("/etc/ssh").Ports);
        var policy = PolicyBuilder.Build(
            config.Perimeter, ports, zone => (zones.GetValueOrDefault(zone) ?? []).Concat(zone == ZoneSettings.Trunks ? ofTrunks : []), config.Perimeter.HasCountries ? CountriesOf(config) : null, config.Geo.Unknown);
        List<string> unsure = [.. config.Perimeter.Zones.Where(zone => zone.Names.Any(name => found[name].Count == 0)).Select(static zone => zone.Name),
            .. trunks.Hosts.Any(host => host.Name is { } name && found[name].Count == 0) ? (string[])[ZoneSettings.Trunks] : []];
        return new MachinePolicy(policy with { Sequence = config.Roaming.Sequence }, problems, unsure);
    }

    /// <summary>What the configured databases say, as one table; some seconds for a large one.</summary>
    /// <exception cref="WorldFailedException">There is none, or it can't be read.</exception>
    public static GeoTable CountriesOf(RingfenceConfig config) => GeoFile.PathsOf(config) is { Count: > 0 } paths
        ? paths.Aggregate(GeoTable.Empty, static (table, path) => table.Or(GeoFile.Open(path).ReadAll()))
        : throw new WorldFailedException("a zone has countries, and there is no database of countries: expected database = FILE in [geo] (or url = ..., which the guard fetches)");

    private static async Task<(string, IReadOnlyList<Network>, string?)> LookUpAsync(
        string name, Func<string, CancellationToken, Task<IReadOnlyList<Address>>> resolve, TimeProvider clock, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        try
        {
            return (name, [.. (await resolve(name, either.Token)).Select(Network.Of)], null);
        }
        catch (System.Net.Sockets.SocketException e)
        {
            return (name, [], e.Message);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (name, [], "no answer within 5 s");
        }
    }

    private static async Task<IReadOnlyList<Address>> AskAsync(string name, CancellationToken stop) =>
        [.. (await System.Net.Dns.GetHostAddressesAsync(name, stop)).Select(Address.From)];
}
