using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Sip;
using Ringfence.Perimeter;
using Ringfence.SystemTests.Firewall;
using Xunit;

namespace Ringfence.SystemTests.Perimeter;

/// <summary>Packets with scanners' names, against rules that iptables has loaded.</summary>
public sealed class ScannerDropTests : IAsyncDisposable
{
    private readonly Wall _wall = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("ringfence-scanners-").FullName;
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stop.Dispose();
        await _wall.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_scanner_s_datagram_is_dropped_and_counted_a_phone_s_is_not_and_what_others_have_in_iptables_stays()
    {
        Requires.Tool("iptables");
        Requires.Tool("ip6tables");
        _wall.Pbx.Execute("iptables", "-A", "INPUT", "-p", "tcp", "--dport", "9", "-j", "DROP");
        var before = _wall.Pbx.Execute("iptables", "-S");
        var drop = New();
        var running = drop.RunAsync(_stop.Token);
        await Wall.UntilAsync(() => !Arrives(Wall.Attacker4, Wall.Pbx4, "friendly-scanner") && !Arrives(Wall.Attacker6, Wall.Pbx6, "friendly-scanner"), "scanners are dropped");

        foreach (var agent in (string[])["FRIENDLY-SCANNER", "sipvicious 0.3", "sundayddr", "VaxSIPUserAgent/3.1", "pplsip"])
        {
            Assert.False(Arrives(Wall.Attacker4, Wall.Pbx4, agent), agent);
        }

        foreach (var agent in (string[])["Example Phone 1.0", "not a friendly-scanner", ""])
        {
            Assert.True(Arrives(Wall.Phone4, Wall.Pbx4, agent), agent);
            Assert.True(Arrives(Wall.Phone6, Wall.Pbx6, agent), agent);
        }

        // Where somebody writes the name elsewhere in his request, it is no User-Agent.
        Assert.True(Arrives(Wall.Phone4, Wall.Pbx4, "x\r\nSubject: friendly-scanner"));
        await Wall.UntilAsync(() => drop.Dropped >= 7, "what was dropped is counted");

        // Somebody reloads his rules.
        var counted = drop.Dropped;
        _wall.Pbx.Execute("iptables", "-F");
        _wall.Pbx.Execute("iptables", "-A", "INPUT", "-p", "tcp", "--dport", "9", "-j", "DROP");
        await Wall.UntilAsync(() => !Arrives(Wall.Attacker4, Wall.Pbx4, "friendly-scanner"), "the rules are back");
        Assert.True(drop.Dropped >= counted);

        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(before, _wall.Pbx.Execute("iptables", "-S"));
        Assert.DoesNotContain("RINGFENCE", _wall.Pbx.Execute("ip6tables", "-S"), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_directory));
        Assert.True(Arrives(Wall.Attacker4, Wall.Pbx4, "friendly-scanner"));
    }

    [Fact]
    public async Task What_a_guard_left_that_was_killed_goes_at_the_next_start_also_with_other_ports()
    {
        Requires.Tool("iptables");
        Requires.Tool("ip6tables");
        _wall.Pbx.ExecuteWithInput(Ringfence.Core.Firewall.ScannerRules.Fill(["old-name"]), "iptables-restore", "--noflush");
        _wall.Pbx.Execute("iptables", "-I", "INPUT", "-p", "udp", "-m", "multiport", "--dports", "5160", "-j", "RINGFENCE-SCANNERS");
        await File.WriteAllTextAsync(Path.Combine(_directory, "scanners"), "", _stop.Token);

        await New().RemoveAsync(_stop.Token);

        Assert.DoesNotContain("RINGFENCE", _wall.Pbx.Execute("iptables", "-S"), StringComparison.Ordinal);
    }

    private ScannerDrop New() => new(_wall.Pbx.Prefix, [5060], Fingerprints.BuiltIn.AgentsAlone, Path.Combine(_directory, "scanners"), TimeProvider.System, NullLogger.Instance);

    private bool Arrives(string from, string to, string agent)
    {
        using var listening = Wall.Udp(_wall.Pbx, to, 5060);
        using var sending = Wall.Udp(_wall.Outside, from, 0);
        sending.SendTo(System.Text.Encoding.ASCII.GetBytes($"OPTIONS sip:100@pbx SIP/2.0\r\nVia: SIP/2.0/UDP x\r\nUser-Agent: {agent}\r\nContent-Length: 0\r\n\r\n"), new IPEndPoint(IPAddress.Parse(to), 5060));
        return listening.Poll(TimeSpan.FromMilliseconds(300), SelectMode.SelectRead);
    }
}
