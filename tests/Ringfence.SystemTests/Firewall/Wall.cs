using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Firewall;
using Ringfence.Enforcement;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.SystemTests.Firewall;

/// <summary>A PBX and an attacker, each in a namespace of its own, joined by a cable, with the real firewall on the PBX's side.</summary>
internal sealed class Wall : IAsyncDisposable
{
    public const string Pbx4 = "198.51.100.1";
    public const string Attacker4 = "198.51.100.66";
    public const string Phone4 = "198.51.100.7";
    public const string Pbx6 = "2001:db8:1::1";
    public const string Attacker6 = "2001:db8:66::66";
    public const string Phone6 = "2001:db8:7::7";

    private readonly CancellationTokenSource _stop = new();
    private readonly bool _reject;
    private Task? _watch;

    public Wall(bool reject = false, SipLimits? limits = null)
    {
        Limits = limits;
        Requires.Root();
        Requires.Tool("ip");
        Requires.Tool("nft");
        _reject = reject;
        Pbx = Netns.Create("nft");
        Outside = Netns.Create("nft");
        Pbx.Connect(
            Outside,
            [$"{Pbx4}/24", $"{Pbx6}/32"],
            [$"{Attacker4}/24", $"{Phone4}/24", $"{Attacker6}/32", $"{Phone6}/32"]);
        Nftables = New();

        // While a cable's ends come up, the first question for a neighbour may be lost, and is repeated after a second only.
        // Asking from here teaches both sides.
        foreach (var (pbx, other) in ((string, string)[])[(Pbx4, Attacker4), (Pbx4, Phone4), (Pbx6, Attacker6), (Pbx6, Phone6)])
        {
            _ = Arrives(Pbx, pbx, Outside, other, patienceMilliseconds: 5000);
        }
    }

    /// <summary>What the next <see cref="Nftables"/> limits.</summary>
    public SipLimits? Limits { get; set; }

    public Netns Pbx { get; }

    /// <summary>Where the attacker's and the phone's addresses are.</summary>
    public Netns Outside { get; }

    public Nftables Nftables { get; private set; }

    public RecordedLog Log { get; } = new();

    public static Ban Ban(string subject, TimeSpan? time = null, long id = 1) => new(
        id, DateTimeOffset.UnixEpoch, Subject(subject), "RF2001", "test", time is { } t ? TimeProvider.System.GetUtcNow() + t : null, 1);

    public static Unban Unban(string subject) => new(2, DateTimeOffset.UnixEpoch, Subject(subject), "operator", "test");

    public static ActiveBan Active(string subject, TimeSpan? time = null) =>
        new(Subject(subject), time is { } t ? TimeProvider.System.GetUtcNow() + t : null);

    /// <summary>As the decider makes it: a bare address is a host, which for IPv6 means its /64.</summary>
    public static Network Subject(string text) =>
        Address.Parse(text) is { } address ? address.Subject : Network.Parse(text) ?? throw new FormatException(text);

    public async Task StartAsync(params ActiveBan[] bans) => await Nftables.StartAsync(bans, TestContext.Current.CancellationToken);

    /// <summary>Starts the watch, which runs until the end of the test or <see cref="RestartAsync"/>.</summary>
    public void Watch() => _watch = Nftables.WatchAsync(_stop.Token);

    public async Task<OutcomeKind> ApplyAsync(Decision decision) => Assert.Single(await Nftables.ApplyAsync([decision], default)).Kind;

    /// <summary>A process that died and one that comes after it: another object, nothing told to the first.</summary>
    public async Task RestartAsync(params ActiveBan[] bans)
    {
        await Nftables.DisposeAsync();
        Nftables = New();
        await StartAsync(bans);
    }

    /// <summary>Another process whose nft is this program.</summary>
    public async Task RestartWithAsync(string nft, params ActiveBan[] bans)
    {
        await Nftables.DisposeAsync();
        Nftables = New(nft);
        await StartAsync(bans);
    }

    public string Nft(params string[] arguments) => Pbx.Execute("nft", arguments);

    public string List(string set) => Nft("list", "set", "inet", "ringfence", set);

    /// <summary>Whether a UDP packet sent from that address arrives at the PBX.</summary>
    public bool Arrives(string from, string to, int patienceMilliseconds = 400) => Arrives(Outside, from, Pbx, to, patienceMilliseconds);

    /// <summary>What the phone sends arrives, and what the attacker sends does not.</summary>
    public void AssertPhoneAloneArrives(bool withIPv6 = false)
    {
        Assert.True(Arrives(Phone4, Pbx4));
        Assert.False(Arrives(Attacker4, Pbx4));
        if (withIPv6)
        {
            Assert.True(Arrives(Phone6, Pbx6));
            Assert.False(Arrives(Attacker6, Pbx6));
        }
    }

    private static bool Arrives(Netns sender, string from, Netns receiver, string to, int patienceMilliseconds)
    {
        using var listening = Udp(receiver, to, 0);
        using var sending = Udp(sender, from, 0);
        sending.SendTo("OPTIONS sip:pbx SIP/2.0\r\n"u8, listening.LocalEndPoint!);
        return listening.Poll(TimeSpan.FromMilliseconds(patienceMilliseconds), SelectMode.SelectRead);
    }

    public static Socket Udp(Netns where, string address, int port) => where.Run(() =>
    {
        var local = new IPEndPoint(IPAddress.Parse(address), port);
        var socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(local);
        return socket;
    });

    /// <summary>Waits until something holds: at most half a minute, since these tests run beside others; how soon it should is a figure of RepairTests.</summary>
    /// <returns>The time that it took, which the test's output has too.</returns>
    public static async Task<TimeSpan> UntilAsync(Func<bool> holds, string what)
    {
        var clock = Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"not within 30 s: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        var took = clock.Elapsed;
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {took.TotalMilliseconds:0} ms");
        return took;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            if (_watch is not null)
            {
                await _watch;
            }

            await Nftables.DisposeAsync();
        }
        finally
        {
            _stop.Dispose();
            Outside.Dispose();
            Pbx.Dispose();
        }
    }

    private Nftables New(string nft = "nft") => new(
        new FirewallSettings { Reject = _reject },
        new NftCommand([.. Pbx.Prefix, nft]),
        () => Pbx.Run(NetlinkSocket.Open),
        TimeProvider.System,
        Log,
        Limits);
}

/// <summary>Keeps what was logged.</summary>
internal sealed class RecordedLog : ILogger<Nftables>, ILogger<DnsNames>
{
    public ConcurrentQueue<(int Id, string Text)> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue((eventId.Id, formatter(state, exception)));
}
