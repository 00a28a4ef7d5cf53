using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using MaxMind.Db;
using Ringfence.Bench.Logs;
using Ringfence.Bench.Measuring;
using Ringfence.Core.Events;
using Ringfence.Core.Geo;
using Ringfence.Enforcement;
using Ringfence.Tests.Geo;

namespace Ringfence.Bench.Verbs;

/// <summary><c>geo</c>: databases of countries, read whole, chosen from and asked, beside the package MaxMind.Db.</summary>
internal static class GeoVerb
{
    private const int Asked = 1_000_000;

    public static Command Build()
    {
        var networks = new Option<int>("--networks") { DefaultValueFactory = _ => 600_000 };
        var runs = new Option<int>("--runs") { DefaultValueFactory = _ => 5, Description = "The median of so many is told." };
        var write = new Option<string?>("--write") { Description = "Also leave the database there." };
        var kernel = new Option<bool>("--kernel") { Description = "The rows of loading into this network namespace's kernel, in place of the others." };
        var verb = new Command("geo", "Rows of bench/results/geo.md.") { networks, runs, write, kernel };
        verb.SetAction(async (parsed, stop) =>
        {
            var world = new SyntheticGeo(parsed.GetValue(networks));
            var file = world.Write();
            if (parsed.GetValue(kernel))
            {
                await LoadAsync(world, file, stop);
                return;
            }

            var path = parsed.GetValue(write) ?? Path.GetTempFileName();
            File.WriteAllBytes(path, file);
            Measure(world, file, path, parsed.GetValue(runs));
            if (parsed.GetValue(write) is null)
            {
                File.Delete(path);
            }
        });
        return verb;
    }

    private static async Task LoadAsync(SyntheticGeo world, byte[] file, CancellationToken stop)
    {
        var three = new HashSet<CountryCode> { world.Countries[1], world.Countries[4], world.Countries[9] };
        _ = await NftCommand.Own.RunAsync("add table inet ringfence_policy\n", static _ => { }, stop);
        var sets = new CountrySets("ringfence_policy", NftCommand.Own, NetlinkSocket.Open);
        foreach (var unknown in new[] { UnknownCountry.AsListed, UnknownCountry.Deny })
        {
            // The second load is the one that exchanges.
            for (var load = 1; load <= 2; load++)
            {
                var began = Stopwatch.GetTimestamp();
                var networks = GeoNetworks.Of(new GeoChoice { Countries = three, IsExcept = true, Unknown = unknown }, MmdbReader.Open(file).ReadAll());
                var elements = await sets.LoadAsync("from_abroad", networks, "accept", stop);
                var took = Stopwatch.GetElapsedTime(began);
                if (load == 2)
                {
                    Row($"all countries but three{(unknown == UnknownCountry.Deny ? ", unknown = deny" : "")}: file to the kernel, in place of the last load", $"{took.TotalSeconds:F2} s, {elements:N0} elements, peak {ProcessUse.Of(Environment.ProcessId).PeakRssMB:F0} MB");
                }
            }
        }
    }

    private static void Measure(SyntheticGeo world, byte[] file, string path, int runs)
    {
        var csv = world.WriteCsv();
        var all = world.Networks().ToList();
        Row("networks in the database", $"{all.Count:N0} ({all.Count(static pair => pair.Network.IsIPv4):N0} IPv4), {file.Length >> 20} MB");
        var three = new HashSet<CountryCode> { world.Countries[1], world.Countries[4], world.Countries[9] };

        var table = GeoTable.Empty;
        Time("open and read all networks", runs, () => table = MmdbReader.Open(file).ReadAll());
        Row("ranges of one country, side by side", $"{table.Ranges.Length:N0}");
        foreach (var unknown in new[] { UnknownCountry.AsListed, UnknownCountry.Deny })
        {
            var choice = new GeoChoice { Countries = three, IsExcept = true, Unknown = unknown };
            var chosen = new GeoNetworks([], false);
            var what = unknown == UnknownCountry.Deny ? "all countries but three, unknown = deny" : "all countries but three";
            Time($"{what}: choose and aggregate", runs, () => chosen = GeoNetworks.Of(choice, table));
            Row($"{what}: networks", $"{chosen.Networks.Count:N0}{(chosen.IsComplement ? ", to be left out" : "")}");
            Time($"{what}: file to networks", runs, () => chosen = GeoNetworks.Of(choice, MmdbReader.Open(file).ReadAll()));
        }

        var before = GC.GetTotalAllocatedBytes(precise: true);
        _ = GeoNetworks.Of(new GeoChoice { Countries = three, IsExcept = true }, MmdbReader.Open(file).ReadAll());
        Row("the same: memory allocated", $"{(GC.GetTotalAllocatedBytes(precise: true) - before) >> 20} MB");
        Time("the same networks as CSV: read", runs, () => GeoCsv.Read(csv));

        var random = new SplitMix(7);
        var addresses = new Address[Asked];
        for (var i = 0; i < addresses.Length; i++)
        {
            var network = all[random.Below(all.Count)].Network;
            addresses[i] = network.IsIPv4
                ? Address.FromIPv4(network.First.IPv4Bits + (uint)random.Below(1 << (32 - network.PrefixLength)))
                : new Address(network.First.High | (random.Next() >> network.PrefixLength), random.Next());
        }

        var reader = MmdbReader.Open(file);
        Rate("lookups of country and operator, MMDB", runs, addresses, address => reader.KeyOf(address).Country.IsKnown);
        Rate("lookups of country and operator, all networks in memory", runs, addresses, address => table.KeyOf(address).Country.IsKnown);
        Rate("lookups of the whole record, MMDB", runs, addresses, address => reader.Find(address).Record is not null);

        var asked = Array.ConvertAll(addresses, static address => address.ToIPAddress());
        using var package = new Reader(path, FileAccessMode.Memory);
        Rate("MaxMind.Db 5.2.0: lookups of the country code (a class of one member)", runs, asked, address => package.Find<OnlyCountry>(address)?.Country?.Code is not null);
        Rate("MaxMind.Db 5.2.0: lookups of the whole record (a dictionary)", 1, asked, address => package.Find<Dictionary<string, object>>(address) is not null);
        Time("MaxMind.Db 5.2.0: open and enumerate all networks with country codes", runs, () =>
        {
            using var opened = new Reader(path, FileAccessMode.Memory);
            var count = 0;
            foreach (var node in opened.FindAll<OnlyCountry>())
            {
                count += node.Data?.Country?.Code is null ? 0 : 1;
            }

            return count;
        });
    }

    private static void Rate<T>(string what, int runs, T[] asked, Func<T, bool> ask)
    {
        // Most are known; each is asked for once before.
        if (asked.Count(ask) < asked.Length)
        {
            throw new InvalidOperationException($"{what}: an address of the database is not found");
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        var times = Enumerable.Range(0, runs).Select(_ =>
        {
            var began = Stopwatch.GetTimestamp();
            foreach (var address in asked)
            {
                ask(address);
            }

            return Stopwatch.GetElapsedTime(began);
        }).Order().ToArray();
        var allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / runs / asked.Length;
        Row(what, $"{asked.Length / times[runs / 2].TotalSeconds / 1e6:F2} million/s, {allocated} bytes allocated by each");
    }

    private static void Time<T>(string what, int runs, Func<T> does)
    {
        does();
        var times = Enumerable.Range(0, runs).Select(_ =>
        {
            GC.Collect();
            var began = Stopwatch.GetTimestamp();
            GC.KeepAlive(does());
            return Stopwatch.GetElapsedTime(began);
        }).Order().ToArray();
        Row(what, $"{times[runs / 2].TotalMilliseconds:F0} ms ({times[0].TotalMilliseconds:F0} to {times[^1].TotalMilliseconds:F0})");
    }

    private static void Row(string what, string value) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {value} |"));

    /// <summary>The package's way to ask for one field.</summary>
    internal sealed class OnlyCountry
    {
        [Constructor]
        public OnlyCountry([MapKey("country")] CountryFields? country = null) => Country = country;

        public CountryFields? Country { get; }
    }

    internal sealed class CountryFields
    {
        [Constructor]
        public CountryFields([MapKey("iso_code")] string? code = null) => Code = code;

        public string? Code { get; }
    }
}
