using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Pbx;
using Ringfence.Core.Wire;

namespace Ringfence.Sources;

/// <summary>Receives copies of the packets that go to the SIP ports and come from them, on the interfaces that the configuration names.</summary>
internal sealed partial class WireReceiver(WireSettings settings, SipPorts ports, ChannelWriter<SourceBatch> batches, TimeProvider clock)
{
    // A second of 50,000 packets a second; the kernel counts what it spends on each, some 1,300 bytes for a short one.
    private const int BufferBytes = 32 * 1024 * 1024;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private volatile string? _problem;
    private volatile bool _seesAll = settings.IsAll;

    public DropMeter Drops { get; } = new(clock);

    /// <summary>Why nothing can be heard of some interface, for people; null: all are there.</summary>
    public string? Problem => _problem;

    /// <summary>Whether nothing of the network can come by an interface that is not read: all are, or each that has an address. A mirror port shows what passes the PBX, whatever this machine has.</summary>
    public bool SeesAll => _seesAll;

    /// <returns>The source's name, for people and evidence.</returns>
    public static string NameOf(WireSettings settings) => settings.IsAll ? "wire all" : $"wire {string.Join(", ", settings.Interfaces)}";

    /// <exception cref="WorldFailedException">This process may not listen.</exception>
    /// <exception cref="SocketException">The kernel refused, or the socket was lost.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var socket = PacketSocket.Open(BufferBytes);
        var links = Links();
        socket.Filter(FilterOf(links));
        TakeAll(socket, links);
        socket.Begin();

        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var receiving = ReceiveAsync(socket, end.Token);
        var tending = TendAsync(socket, links, end.Token);
        try
        {
            await await Task.WhenAny(receiving, tending);
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAll(receiving, tending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReceiveAsync(PacketSocket socket, CancellationToken stop)
    {
        var name = NameOf(settings);
        while (true)
        {
            // What is there already goes along; a lone packet does not wait for another.
            await socket.WaitAsync(stop);
            var batch = new WireBatch(name);
            for (var taken = PacketSocket.Most; taken == PacketSocket.Most;)
            {
                taken = socket.Receive();
                for (var next = 0; next < taken;)
                {
                    if (batch.TryAdd(socket.At(next)))
                    {
                        next++;
                        continue;
                    }

                    Drops.Add(socket.TakeDrops());
                    batch.LeavesMore = true;
                    await batches.WriteAsync(batch, stop);
                    batch = new WireBatch(name);
                }
            }

            // Before it is read: whether an answer was missed decides what those after it prove.
            Drops.Add(socket.TakeDrops());
            await batches.WriteAsync(batch, stop);
        }
    }

    // An interface of that name may come, go, and come back under another number: a tunnel that dials in again.
    private async Task TendAsync(PacketSocket socket, IReadOnlyList<int> links, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(LookEvery, clock);
        while (await timer.WaitForNextTickAsync(stop))
        {
            var now = Links();
            if (!now.SequenceEqual(links))
            {
                links = now;
                socket.Filter(FilterOf(links));
                TakeAll(socket, links);
            }
        }
    }

    private void TakeAll(PacketSocket socket, IEnumerable<int> links)
    {
        foreach (var link in settings.Mirrored.Count > 0 ? links : [])
        {
            socket.TakeAll(link);
        }
    }

    private IReadOnlyList<FilterInstruction> FilterOf(IReadOnlyList<int> links) =>
        KernelFilter.Build(InClear(ports), ports.Opaque, ports.Manager, settings.IsAll ? null : links);

    /// <returns>Which ports of the PBX the wire does not show, because there are more than the kernel's filter can pick.</returns>
    public static IReadOnlyList<ushort> Unread(SipPorts ports) => KernelFilter.Unread(InClear(ports), ports.Opaque, ports.Manager);

    private static IReadOnlyList<ushort> InClear(SipPorts ports) => [.. ports.Web, .. ports.Clear];

    private List<int> Links()
    {
        var links = settings.Interfaces.Select(name => (Name: name, Index: (int)IndexOf(name))).ToList();
        var missing = links.FindAll(link => link.Index == 0).ConvertAll(link => link.Name);
        _problem = missing.Count == 0 ? null
            : $"there is no interface {string.Join(", ", missing.Select(name => Shown.Text(name)))}: `ip link` lists them; correct interface in [wire], or let it be all";
        _seesAll = settings.IsAll || (missing.Count == 0 && (settings.Mirrored.Count > 0 || (InterfaceAddress.ReadAll() is { } all && AreNamed(settings.Interfaces, all))));
        return [.. links.Where(link => link.Index != 0).Select(link => link.Index)];
    }

    /// <returns>Whether each interface with an address of the network is named.</returns>
    public static bool AreNamed(IReadOnlyList<string> names, IReadOnlyList<InterfaceAddress> addresses) =>
        // An address may have a label: "eth0:1" is eth0. A port of a bridge has no address; who reads it reads no other port.
        addresses.All(own => Network.Loopback.Any(loopback => loopback.Contains(own.Address)) || names.Contains(own.Interface.Split(':')[0], StringComparer.Ordinal));

    [LibraryImport("libc", EntryPoint = "if_nametoindex", StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint IndexOf(string name);
}
