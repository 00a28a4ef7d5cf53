using System.CommandLine;
using System.Globalization;
using System.Text;
using Ringfence.Bench.Logs;
using Ringfence.Bench.Measuring;
using Ringfence.Core.Lists;
using Ringfence.Enforcement;

namespace Ringfence.Bench.Verbs;

/// <summary><c>lists</c>: blocklists made, loaded into this network namespace's kernel, and packets sent through them, for bench/lists.</summary>
internal static class ListsVerb
{
    // Packets: each of as many sources at most comes once. Whatever else the machine does falls into some parts and not into all.
    private const int Part = 65_536;

    // Media: most of what a PBX gets, and nothing that a guard's limits are for.
    private const ushort Port = 10_000;

    public static Command Build(TimeProvider clock) => new("lists", "Make blocklists, load them into this network namespace, and send packets through them.") { Make(), Load(clock), Send(clock) };

    private static Command Make()
    {
        var file = new Argument<string>("FILE");
        var entries = new Option<int>("--entries") { DefaultValueFactory = _ => 1_000_000 };
        var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1 };
        var verb = new Command("make", "Write a list: of each 20 entries 13 IPv4 addresses, 4 IPv4 networks (half of them /24, else /20 to /31), 2 IPv6 networks (/32 to /64), an IPv6 address; one in ten lies inside an earlier one.") { file, entries, seed };
        verb.SetAction(parsed =>
        {
            var random = new SplitMix((ulong)parsed.GetValue(seed));
            using var writer = new StreamWriter(parsed.GetValue(file)!);
            writer.WriteLine("; made by bench/lists");
            var before = 0UL;
            for (var i = 0; i < parsed.GetValue(entries); i++)
            {
                var bits = i % 10 == 9 ? before : random.Next();
                before = bits;
                var v4 = (FirstByte(bits) << 24) | (uint)(random.Next() & 0xff_ffff);
                var v6 = new Core.Events.Address(0x2001_0400_0000_0000 | ((bits & 0x3ff_ffff_ffff) << 16) | (random.Next() & 0xffff), random.Next());
                var network = (i % 20) switch
                {
                    < 13 => Core.Events.Network.Of(Core.Events.Address.FromIPv4(v4)),
                    < 17 => new Core.Events.Network(Core.Events.Address.FromIPv4(v4), random.Next() % 2 == 0 ? 24 : 20 + (int)(random.Next() % 12)),
                    < 19 => new Core.Events.Network(v6, 32 + (int)(random.Next() % 33)),
                    _ => Core.Events.Network.Of(v6),
                };
                writer.WriteLine(network.ToString());
            }
        });
        return verb;
    }

    private static Command Load(TimeProvider clock)
    {
        var files = new Argument<string[]>("FILE") { Description = "Each is a list." };
        var times = new Option<int>("--times") { DefaultValueFactory = _ => 1, Description = "Loaded so often, one after the other; each is told." };
        var verb = new Command("load", "Read, merge and load lists into the kernel of this network namespace; tells the time of each part and the process's memory.") { files, times };
        verb.SetAction(async (parsed, stop) =>
        {
            var names = parsed.GetValue(files)!.Select(path => Path.GetFileNameWithoutExtension(path)).ToArray();
            using var table = new ListTable(NftCommand.Own, NetlinkSocket.Open, clock);
            for (var time = 0; time < parsed.GetValue(times); time++)
            {
                var began = clock.GetTimestamp();
                var processor = Environment.CpuUsage.TotalTime;
                var merge = new ListMerge(new ProtectedNetworks(ProtectedNetworks.Special), 1 << 20);
                var entries = 0;
                for (var list = 0; list < names.Length; list++)
                {
                    var reading = ListReader.Read(await File.ReadAllBytesAsync(parsed.GetValue(files)![list], stop));
                    entries += reading.Entries.Count;
                    foreach (var entry in reading.Entries)
                    {
                        merge.Add(entry, list);
                    }
                }

                var read = clock.GetElapsedTime(began);
                var ranges = merge.Merge();
                var count = ranges.Count;
                var merged = clock.GetElapsedTime(began);
                var elements = await table.LoadAsync(ranges, names, [], stop);
                var all = clock.GetElapsedTime(began);
                processor = Environment.CpuUsage.TotalTime - processor;
                var sets = PrefixSets.Of(ranges, "", counts: true);
                ranges.Clear();
                ranges.Capacity = 0;

                // As the guard does between two loads, which are hours apart.
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"lists: entries {entries} ranges {count} elements {elements} lookups {sets.Exact.Count(set => set.IsIPv4)} and {sets.Exact.Count(set => !set.IsIPv4)} read {read.TotalSeconds:0.00} merged {(merged - read).TotalSeconds:0.00} loaded {(all - merged).TotalSeconds:0.00} all {all.TotalSeconds:0.00} s processor {processor.TotalSeconds:0.00} s peak {ProcessUse.Of(Environment.ProcessId).PeakRssMB:0} MB; {string.Join(' ', sets.All.Select(set => $"{set.Name}:{set.Elements}"))}"));
            }
        });
        return verb;
    }

    private static Command Send(TimeProvider clock)
    {
        var link = new Argument<string>("INTERFACE");
        var to = new Option<string>("--to") { Required = true, Description = "The Ethernet address at the other end." };
        var packets = new Option<int>("--packets") { DefaultValueFactory = _ => 1_000_000 };
        var beside = new Option<string>("--beside") { Required = true, Description = "A list: the sources are of the networks that its entries are from, and on none of them." };
        var sources = new Option<int>("--sources") { DefaultValueFactory = _ => 65_536 };
        var verb = new Command("send", "Send UDP packets from many sources as fast as it goes; tells nanoseconds a packet, with its way through this kernel: the fastest and the median of parts.") { link, to, packets, beside, sources };
        verb.SetAction(async (parsed, stop) =>
        {
            var address = parsed.GetValue(to)!.Split(':').Select(part => Convert.ToByte(part, 16)).ToArray();
            var frame = UdpFrames.Between(0, (198u << 24) | (51 << 16) | (100 << 8) | 1, address, Encoding.ASCII.GetBytes(new string('x', 60)), Port);
            var from = Sources(ListReader.Read(await File.ReadAllBytesAsync(parsed.GetValue(beside)!, stop)), parsed.GetValue(sources));
            using var raw = RawLink.Open(parsed.GetValue(link)!);
            var parts = new List<double>();
            for (var sent = 0; sent < parsed.GetValue(packets); sent += Part)
            {
                var began = clock.GetTimestamp();
                for (var i = 0; i < Part; i++)
                {
                    UdpFrames.SetSource(frame, from[i % from.Length]);
                    raw.Send(frame);
                }

                parts.Add(clock.GetElapsedTime(began).TotalNanoseconds / Part);
            }

            parts.Sort();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"lists: {parts[0]:0} ns a packet, median {parts[parts.Count / 2]:0}"));
        });
        return verb;
    }

    private static uint[] Sources(ListReading list, int count)
    {
        var merge = new ListMerge(new ProtectedNetworks(ProtectedNetworks.Special), list.Entries.Count);
        foreach (var entry in list.Entries)
        {
            merge.Add(entry, 0);
        }

        var ranges = merge.Merge().Where(range => range.First.IsIPv4).ToArray();
        var firsts = ranges.Select(range => range.First.IPv4Bits).ToArray();
        var random = new SplitMix(7);
        var sources = new List<uint>();
        while (sources.Count < count)
        {
            var source = (FirstByte(random.Next()) << 24) | (uint)(random.Next() & 0xff_ffff);
            var at = Array.BinarySearch(firsts, source);
            if (at < 0 && (at == -1 || ranges[~at - 1].Last.IPv4Bits < source))
            {
                sources.Add(source);
            }
        }

        return [.. sources];
    }

    // Of the public space alone: 1 to 9, 11 to 99, 128 to 161.
    private static uint FirstByte(ulong bits) => (uint)(bits % 132) switch { < 9 and var low => low + 1, < 98 and var middle => middle + 2, var high => high + 30 };
}
