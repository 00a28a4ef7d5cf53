using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Ringfence.Core.Host.Filter;
using Xunit;

namespace Ringfence.SystemTests.Audit;

/// <summary>What the audit says of a firewall is what the kernel does with real packets.</summary>
public sealed class FilterReadingTests
{
    private const string Pbx4 = "192.0.2.1";
    private const string Pbx6 = "2001:db8:5::1";

    private static readonly string[] Senders = ["198.51.100.77", "203.0.113.5", "192.0.2.66", "2001:db8:5::77", "2001:db8:66::5"];
    private static readonly int[] Ports = [22, 5038, 5060, 8088, 10_500];

    // A packet that gets past every other chain is written into a set here.
    private const string Observer = """
        table inet zz_seen {
            set seen4 { type inet_proto . inet_service . ipv4_addr; flags dynamic; size 4096; }
            set seen6 { type inet_proto . inet_service . ipv6_addr; flags dynamic; size 4096; }
            chain seen {
                type filter hook input priority 2000; policy accept;
                meta nfproto ipv4 meta l4proto { tcp, udp } update @seen4 { meta l4proto . th dport . ip saddr }
                meta nfproto ipv6 meta l4proto { tcp, udp } update @seen6 { meta l4proto . th dport . ip6 saddr }
            }
        }

        """;

    [Fact]
    public void What_is_read_of_nftables_is_what_the_kernel_does()
    {
        using var net = Net.Create();
        var random = new Random(20_261_122);

        var sure = 0;
        for (var at = 0; at < 120; at++)
        {
            var ruleset = new RandomRuleset(random, net.Link).Nft();
            net.Pbx.ExecuteWithInput("flush ruleset\n" + ruleset + Observer, "nft", "-f", "-");

            var filter = NftRuleset.Read(net.Pbx.Execute("nft", "-j", "list", "ruleset"), static (_, _) => false);

            sure += Compare(net, filter!, ruleset);
        }

        Assert.True(sure > 120 * 30, $"only {sure} of {120 * 50} answers were sure");
    }

    [Fact]
    public void What_is_read_of_iptables_is_what_the_kernel_does()
    {
        Requires.Tool("iptables-restore");
        using var net = Net.Create();
        var random = new Random(1_122_026);

        var sure = 0;
        for (var at = 0; at < 80; at++)
        {
            var rulesets = new RandomRuleset(random, net.Link);
            var (ruleset4, ruleset6) = (rulesets.Iptables(isIPv6: false), rulesets.Iptables(isIPv6: true));
            net.Pbx.ExecuteWithInput("flush ruleset\n" + Observer, "nft", "-f", "-");
            net.Pbx.ExecuteWithInput(ruleset4, "iptables-restore");
            net.Pbx.ExecuteWithInput(ruleset6, "ip6tables-restore");

            var sets = IpsetSave.Read(null);
            var filter = PacketFilter.Join(
                [IptablesRuleset.Read(net.Pbx.Execute("iptables-save"), isIPv6: false, sets), IptablesRuleset.Read(net.Pbx.Execute("ip6tables-save"), isIPv6: true, sets)]);

            sure += Compare(net, filter, ruleset4 + ruleset6);
        }

        Assert.True(sure > 80 * 30, $"only {sure} of {80 * 50} answers were sure");
    }

    private static int Compare(Net net, PacketFilter filter, string ruleset)
    {
        var probes = (from sender in Senders
                      from protocol in (string[])["tcp", "udp"]
                      from port in Ports
                      select new Probe(sender.Contains(':', StringComparison.Ordinal), protocol, port, IPAddress.Parse(sender), net.Link)).ToList();

        var seen = net.Send(probes);

        var sure = 0;
        foreach (var probe in probes)
        {
            var said = new FilterWalk(filter.Chains, probe).Enter();
            if (said is Outcomes.Accept or Outcomes.Drop)
            {
                sure++;
                Assert.True((said == Outcomes.Accept) == seen.Contains((probe.Protocol, probe.Port, probe.Source)), $"{probe} is said to be {said}:\n{ruleset}");
            }
        }

        return sure;
    }

    private sealed class Net : IDisposable
    {
        private readonly Netns _outside;

        private Net(Netns pbx, Netns outside, string link) => (Pbx, _outside, Link) = (pbx, outside, link);

        public Netns Pbx { get; }

        public string Link { get; }

        public static Net Create()
        {
            Requires.Root();
            Requires.Tool("nft");
            var (pbx, outside) = (Netns.Create("fwpbx"), Netns.Create("fwout"));
            var link = pbx.Connect(outside, [$"{Pbx4}/24", $"{Pbx6}/64"], Senders.Select(static sender => sender.Contains(':', StringComparison.Ordinal) ? $"{sender}/64" : $"{sender}/24"));
            foreach (var network in (string[])["198.51.100.0/24", "203.0.113.0/24"])
            {
                pbx.Ip("route", "add", network, "dev", link);
            }

            pbx.Ip("-6", "route", "add", "2001:db8:66::/64", "dev", link);

            // Rules that drop ICMPv6 drop the search for neighbours too, and then no packet is sent at all.
            pbx.Ip("link", "set", link, "address", "02:00:5e:00:53:01");
            outside.Ip("-6", "neighbour", "replace", Pbx6, "lladdr", "02:00:5e:00:53:01", "dev", link, "nud", "permanent");
            return new Net(pbx, outside, link);
        }

        /// <returns>Which of them came through.</returns>
        public HashSet<(string Protocol, int Port, IPAddress Source)> Send(IReadOnlyList<Probe> probes)
        {
            var sockets = _outside.Run(() => probes.Select(Open).ToList());

            // What was sent over a cable of this machine is there at once; the kernel works through it before anybody else's turn.
            Thread.Sleep(30);
            var seen = Seen("seen4").Concat(Seen("seen6")).ToHashSet();
            sockets.ForEach(static socket => socket.Dispose());
            return seen;
        }

        public void Dispose()
        {
            _outside.Dispose();
            Pbx.Dispose();
        }

        private static Socket Open(Probe probe)
        {
            var isTcp = probe.Protocol == "tcp";
            var socket = new Socket(probe.Source.AddressFamily, isTcp ? SocketType.Stream : SocketType.Dgram, isTcp ? ProtocolType.Tcp : ProtocolType.Udp) { Blocking = false };
            socket.Bind(new IPEndPoint(probe.Source, 0));
            var to = new IPEndPoint(IPAddress.Parse(probe.IsIPv6 ? Pbx6 : Pbx4), probe.Port);
            try
            {
                if (isTcp)
                {
                    socket.Connect(to);
                }
                else
                {
                    socket.SendTo("OPTIONS"u8, to);
                }
            }
            catch (SocketException)
            {
                // The SYN is on its way; nobody waits for the answer.
            }

            return socket;
        }

        private IEnumerable<(string, int, IPAddress)> Seen(string set)
        {
            using var listed = JsonDocument.Parse(Pbx.Execute("nft", "-j", "list", "set", "inet", "zz_seen", set));
            var found = listed.RootElement.GetProperty("nftables").EnumerateArray().Single(item => item.TryGetProperty("set", out _)).GetProperty("set");
            return found.TryGetProperty("elem", out var elements)
                ? [.. elements.EnumerateArray().Select(static element => (element.TryGetProperty("elem", out var inner) ? inner.GetProperty("val") : element).GetProperty("concat"))
                    .Select(static parts => (parts[0].GetString()!, parts[1].GetInt32(), IPAddress.Parse(parts[2].GetString()!)))]
                : [];
        }
    }

    /// <summary>Rulesets with what people write, in any order, and what they don't.</summary>
    private sealed class RandomRuleset(Random random, string link)
    {
        public string Nft()
        {
            var text = new StringBuilder("table inet one {\n");
            text.Append("set trusted { type ipv4_addr; flags interval; elements = { 198.51.100.0/25, 203.0.113.5 } }\n");
            text.Append("set empty { type ipv4_addr; }\n");
            text.Append("set pairs { type inet_proto . inet_service; elements = { udp . 5060, tcp . 22 } }\n");
            text.Append("map doors { type inet_service : verdict; elements = { 22 : accept, 5038 : drop, 8088 : jump c2 } }\n");
            foreach (var chain in (string[])["c2", "c1", "c0"])
            {
                text.Append($"chain {chain} {{\n{Rules(chain switch { "c0" => ["c1", "c2"], "c1" => ["c2"], _ => [] })}}}\n");
            }

            text.Append($"chain input {{\ntype filter hook input priority 0; policy {One("accept", "drop")};\n{Rules(["c0", "c1", "c2"])}}}\n");
            if (random.Next(3) == 0)
            {
                text.Append($"chain early {{\ntype filter hook prerouting priority {(random.Next(2) == 0 ? -150 : -300)}; policy accept;\n{Rules(["c2"])}}}\n");
            }

            text.Append("}\n");
            if (random.Next(3) == 0)
            {
                text.Append($"table {One("ip", "ip6")} two {{\nchain input {{\ntype filter hook input priority 10; policy accept;\ntcp dport {Port()} drop\nudp dport {Port()} {One("accept", "drop", "reject")}\n}}\n}}\n");
            }

            return text.ToString();
        }

        public string Iptables(bool isIPv6)
        {
            var text = new StringBuilder();
            if (random.Next(3) == 0)
            {
                text.Append($"*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING {Part(isIPv6)} -j {One("DROP", "ACCEPT")}\nCOMMIT\n");
            }

            text.Append($"*filter\n:INPUT {One("ACCEPT", "DROP")} [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:ufw-one - [0:0]\n:ufw-two - [0:0]\n");
            foreach (var (chain, targets) in ((string, string[])[])[("ufw-two", []), ("ufw-one", ["ufw-two"]), ("INPUT", ["ufw-one", "ufw-two"])])
            {
                for (var left = random.Next(2, 7); left > 0; left--)
                {
                    var parts = string.Join(' ', Enumerable.Range(0, random.Next(1, 3)).Select(_ => Part(isIPv6)).DistinctBy(static part => part.TrimStart('!', ' ')[..2]));
                    text.Append($"-A {chain} {parts} {(targets.Length > 0 && random.Next(3) == 0 ? One("-j ", "-j ", "-g ") + One(targets) : One("-j ACCEPT", "-j DROP", "-j REJECT", "-j RETURN", "-j LOG --log-prefix \"a -j DROP b\"", "-j ACCEPT", ""))}\n");
                }
            }

            return text.Append("COMMIT\n").ToString();
        }

        private string Part(bool isIPv6) => random.Next(13) switch
        {
            0 => $"-p tcp -m tcp --dport {Port()}",
            1 => $"-p udp -m udp --dport {Port()}",
            2 => "-p udp -m multiport --dports 5060,10000:20000",
            3 => $"-p tcp -m multiport ! --dports {Port()},{Port()}",
            4 => isIPv6 ? "-s 2001:db8:66::/64" : "-s 198.51.100.0/24",
            5 => isIPv6 ? "! -s 2001:db8:5::/64" : "! -s 203.0.113.5/32",
            6 => $"-i {One(link, "lo", "eth+", "v+")}",
            7 => $"-m conntrack --ctstate {One("RELATED,ESTABLISHED", "NEW", "INVALID", "NEW,ESTABLISHED")}",
            8 => "-m conntrack ! --ctstate NEW",
            9 => "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN",
            10 => $"-m addrtype --dst-type {(isIPv6 ? "LOCAL" : One("LOCAL", "BROADCAST"))}",
            11 => "-m comment --comment \"it's -j DROP, \\\"or\\\" not\"",
            _ => "-m limit --limit 900/sec --limit-burst 900",
        };

        private string Rules(string[] targets)
        {
            var text = new StringBuilder();
            for (var left = random.Next(1, 7); left > 0; left--)
            {
                // nft refuses two protocols in one rule: one part about each layer.
                var (transport, network, other) = (random.Next(2) == 0 ? Transport() : "", random.Next(3) == 0 ? Network() : "", random.Next(4) == 0 ? Other() : "");
                text.Append($"{transport} {network} {other} ");
                text.Append(targets.Length > 0 && random.Next(3) == 0 ? One("jump ", "jump ", "goto ") + One(targets)
                    : targets.Length == 3 && transport.Length == 0 && random.Next(4) == 0 ? "tcp dport vmap @doors"
                    : network.Length == 0 && random.Next(8) == 0 ? $"meta nfproto vmap {{ ipv4 : {One("accept", "drop")} }}"
                    : One("accept", "drop", "return", "counter", "accept", "counter drop", "reject", $"ct state vmap {{ established : accept, new : {One("drop", "accept", "continue")} }}"));
                text.Append('\n');
            }

            return text.ToString();
        }

        private string Transport() => random.Next(10) switch
        {
            0 => $"tcp dport {Port()}",
            1 => $"udp dport {Port()}",
            2 => $"udp dport {{ {Port()}, 10000-20000 }}",
            3 => $"tcp dport != {{ {Port()}, {Port()} }}",
            4 => $"th dport {Port()}",
            5 => $"meta l4proto {One("tcp", "udp", "{ tcp, udp }", "icmp")}",
            6 => "meta l4proto . th dport @pairs",
            7 => "tcp flags & (fin|syn|rst|ack) == syn",
            8 => $"tcp dport {One("> 5000", "< 5060", "1024-9000")}",
            _ => $"th dport != {Port()}",
        };

        private string Network() => random.Next(7) switch
        {
            0 => "ip saddr 198.51.100.0/24",
            1 => "ip saddr != 203.0.113.5",
            2 => "ip saddr @trusted",
            3 => "ip6 saddr 2001:db8:66::/64",
            4 => "ip saddr != @trusted",
            5 => "ip saddr @empty",
            _ => $"meta nfproto {One("ipv4", "ipv6")}",
        };

        private string Other() => random.Next(5) switch
        {
            0 => $"iifname {One($"\"{link}\"", "\"lo\"", "\"eth*\"", $"!= \"{link}\"", $"{{ \"{link}\", \"wg0\" }}")}",
            1 => $"ct state {One("new", "established,related", "!= new", "invalid")}",
            2 => $"fib daddr type {One("local", "broadcast")}",
            3 => "limit rate 900/second burst 900 packets",
            _ => "limit rate over 900/second burst 900 packets",
        };

        private int Port() => Ports[random.Next(Ports.Length)];

        private string One(params string[] of) => of[random.Next(of.Length)];
    }
}
