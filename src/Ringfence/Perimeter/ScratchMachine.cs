using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Ringfence.Core.Events;
using Ringfence.Core.Geo;
using Ringfence.Core.Lists;
using Ringfence.Core.Perimeter;
using Ringfence.Enforcement;

namespace Ringfence.Perimeter;

/// <summary>A copy of this machine's packet filter in a network namespace of its own, with a cable for each interface, into which packets are put from whatever address.</summary>
/// <remarks>
/// What the machine does is what its kernel does with these rules: nothing is read and nothing is guessed. The machine's own network is not touched.
/// Copied are nftables, what iptables wrote there, and ipsets; not what the old iptables (legacy) holds, nor programs that a rule asks (NFQUEUE).
/// </remarks>
internal sealed partial class ScratchMachine : IAsyncDisposable
{
    // TEST-NET for benchmarks (RFC 2544), and documentation: no answer to a probe goes anywhere.
    private static readonly Address Own4 = Address.Parse("198.18.5.1")!.Value;
    private static readonly Address Own6 = Address.Parse("2001:db8:5::1")!.Value;

    private const string HardwareAddress = "02:00:5e:00:53:01";
    // A tenth of what the kernel keeps of packets that it had no time for (netdev_max_backlog): one that is lost there would be told as dropped.
    private const int Burst = 100;

    private const int CloneNewNet = 0x40000000;
    private const int PacketFamily = 17;
    private const int RawCloseOnExec = 3 | 0x80000;

    private readonly string _inside = $"rf-probe-{Environment.ProcessId}";
    private readonly string _outside = $"rf-probe-{Environment.ProcessId}-out";
    private readonly TimeProvider _clock;
    private readonly Dictionary<string, Socket> _cables = new(StringComparer.Ordinal);
    private ushort _sourcePort = 1023;

    private ScratchMachine(TimeProvider clock) => _clock = clock;

    /// <param name="links">Names of the interfaces that the rules know.</param>
    /// <exception cref="FirewallException">The rules can't be copied, or this user may not make namespaces.</exception>
    public static async Task<ScratchMachine> CopyAsync(IReadOnlyList<string> links, TimeProvider clock, CancellationToken stop)
    {
        var machine = new ScratchMachine(clock);
        var isWhole = false;
        try
        {
            await machine.BuildAsync(links, stop);
            isWhole = true;
            return machine;
        }
        finally
        {
            if (!isWhole)
            {
                await machine.DisposeAsync();
            }
        }
    }

    /// <summary>Sends the first packet of each, and says which passed.</summary>
    public async Task<HashSet<Arrival>> PassingAsync(IEnumerable<Arrival> arrivals, CancellationToken stop)
    {
        await InsideAsync(["nft", "-f", "-"], ProbeObserver.Script, stop);
        foreach (var (at, arrival) in arrivals.Index())
        {
            if (at % Burst == Burst - 1)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), _clock, stop);
            }

            // A port of its own for each, or it would belong to a connection of before.
            _sourcePort = _sourcePort == ushort.MaxValue ? (ushort)1024 : (ushort)(_sourcePort + 1);
            byte[] frame = [.. Hardware(), 2, 0, 0, 0, 0, 9, .. arrival.Source.IsIPv4 ? (byte[])[8, 0] : [0x86, 0xdd], .. ProbePacket.Of(arrival, arrival.Source.IsIPv4 ? Own4 : Own6, _sourcePort)];
            _cables[arrival.Interface].Send(frame);
        }

        // A cable of this machine delivers at once, or in the kernel's next turn.
        await Task.Delay(TimeSpan.FromMilliseconds(50), _clock, stop);
        return ProbeObserver.Read(await InsideAsync(["nft", .. ProbeObserver.Question], "", stop));
    }

    /// <summary>The copied policy.</summary>
    public PolicyTable Policy(PolicyFiles files, Func<GeoTable> countries) => new(["ip", "netns", "exec", _inside, "nft"], files, _clock, countries, () => In(_inside, NetlinkSocket.Open));

    public async ValueTask DisposeAsync()
    {
        foreach (var cable in _cables.Values)
        {
            cable.Dispose();
        }

        foreach (var space in (string[])[_inside, _outside])
        {
            // One that was not made can't be removed, and need not be.
            await FilterTool.RunAsync(["ip", "netns", "delete", space], "", _clock, CancellationToken.None);
        }
    }

    private async Task BuildAsync(IReadOnlyList<string> links, CancellationToken stop)
    {
        foreach (var space in (string[])[_inside, _outside])
        {
            await FilterTool.NeedAsync(["ip", "netns", "add", space], "", _clock, stop);
        }

        foreach (var link in links)
        {
            await FilterTool.NeedAsync(["ip", "link", "add", link, "netns", _inside, "type", "veth", "peer", "name", link, "netns", _outside], "", _clock, stop);
            await FilterTool.NeedAsync(["ip", "-n", _inside, "link", "set", link, "address", HardwareAddress, "up"], "", _clock, stop);
            await FilterTool.NeedAsync(["ip", "-n", _outside, "link", "set", link, "up"], "", _clock, stop);
            _cables[link] = Cable(link);
        }

        await FilterTool.NeedAsync(["ip", "-n", _inside, "link", "set", "lo", "up"], "", _clock, stop);
        await FilterTool.NeedAsync(["ip", "-n", _inside, "address", "add", $"{Own4}/32", "dev", links[0]], "", _clock, stop);
        await FilterTool.NeedAsync(["ip", "-n", _inside, "address", "add", $"{Own6}/128", "dev", links[0], "nodad"], "", _clock, stop);

        // No route leads back to the sources: whatever the machine's own setting drops for that, its rules did not.
        await InsideAsync(["sh", "-c", "for name in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 > $name; done"], "", stop);
        await CopyRulesAsync(stop);
    }

    private async Task CopyRulesAsync(CancellationToken stop)
    {
        if (await TryAsync(["ipset", "save"], stop) is { Length: > 0 } sets)
        {
            await InsideAsync(["ipset", "restore"], sets, stop);
        }

        var tables = await FilterTool.NeedAsync(["nft", "list", "tables"], "", _clock, stop);
        var theirs = new HashSet<(string, string)>();
        foreach (var (family, save, restore) in ((string, string, string)[])[("ip", "iptables-save", "iptables-restore"), ("ip6", "ip6tables-save", "ip6tables-restore")])
        {
            if (await TryAsync([save], stop) is { } saved && saved.Contains("(nf_tables)", StringComparison.Ordinal))
            {
                await InsideAsync([restore], saved, stop);
                theirs.UnionWith(saved.Split('\n').Where(static line => line.StartsWith('*')).Select(line => (family, line[1..].Trim())));
            }
        }

        foreach (var words in tables.Split('\n').Select(static line => line.Split(' ')).Where(words => words is ["table", _, _] && !theirs.Contains((words[1], words[2]))))
        {
            // Whoever is on no blocklist meets nothing there; a million networks would take nft minutes.
            if (words[2] == ListRules.Name)
            {
                continue;
            }

            if (words[2] == NftPolicy.Table)
            {
                await CopyPolicyAsync(words[1], stop);
                continue;
            }

            await InsideAsync(["nft", "-f", "-"], await FilterTool.NeedAsync(["nft", "list", "table", words[1], words[2]], "", _clock, stop), stop);
        }
    }

    // Without what its sets of countries hold, of which nft would list hundred thousands: those are filled from the databases.
    private async Task CopyPolicyAsync(string family, CancellationToken stop)
    {
        var terse = await FilterTool.NeedAsync(["nft", "-t", "list", "table", family, NftPolicy.Table], "", _clock, stop);
        await InsideAsync(["nft", "-f", "-"], terse, stop);
        foreach (var set in terse.Split('\n').Select(static line => line.Trim().Split(' ')).Where(static words => words is ["set", _, "{"]).Select(static words => words[1]).Where(static set => !set.Contains(GeoChains.Mark, StringComparison.Ordinal)))
        {
            await InsideAsync(["nft", "-f", "-"], await FilterTool.NeedAsync(["nft", "list", "set", family, NftPolicy.Table, set], "", _clock, stop), stop);
        }
    }

    private async Task<string?> TryAsync(IReadOnlyList<string> command, CancellationToken stop)
    {
        try
        {
            var answer = await FilterTool.RunAsync(command, "", _clock, stop);
            return answer.ExitCode == 0 ? answer.Output : null;
        }
        catch (FirewallException missing) when (missing.IsLasting)
        {
            // Not installed, and so nothing of it to copy.
            return null;
        }
    }

    private Task<string> InsideAsync(IReadOnlyList<string> command, string input, CancellationToken stop) => FilterTool.NeedAsync(["ip", "netns", "exec", _inside, .. command], input, _clock, stop);

    private static byte[] Hardware() => [.. HardwareAddress.Split(':').Select(static part => Convert.ToByte(part, 16))];

    private Socket Cable(string link) => In(_outside, () => Open(link));

    // A socket stays in the namespace that its thread was in when it was made (network_namespaces(7)); that thread ends with it, and takes nobody's work there.
    private static T In<T>(string name, Func<T> make)
    {
        T? made = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                using var space = File.OpenHandle($"/run/netns/{name}");
                if (SetNamespace((int)space.DangerousGetHandle(), CloneNewNet) != 0)
                {
                    throw Failed();
                }

                made = make();
            }
            catch (Exception problem) when (problem is FirewallException or IOException or UnauthorizedAccessException)
            {
                failure = ExceptionDispatchInfo.Capture(problem);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return made!;
    }

    private static Socket Open(string link)
    {
        var descriptor = CreateSocket(PacketFamily, RawCloseOnExec, 0);
        if (descriptor < 0)
        {
            throw Failed();
        }

        var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
        Span<byte> address = stackalloc byte[20];
        address.Clear();
        BitConverter.TryWriteBytes(address, (ushort)PacketFamily);
        BitConverter.TryWriteBytes(address[4..], IndexOf(link));
        if (Bind(descriptor, address, address.Length) != 0)
        {
            var problem = Failed();
            socket.Dispose();
            throw problem;
        }

        return socket;
    }

    private static FirewallException Failed() => new($"the machine can't be copied into a namespace: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}: run it as root");

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int descriptor, int kind);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int CreateSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int descriptor, ReadOnlySpan<byte> address, int length);

    [LibraryImport("libc", EntryPoint = "if_nametoindex", StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint IndexOf(string name);
}
