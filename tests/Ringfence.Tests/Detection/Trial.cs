using System.Globalization;
using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Ringfence.Core.Firewall;
using Ringfence.Core.Parsing;

namespace Ringfence.Tests.Detection;

/// <summary>Parser, detection and decision together, as guard and replay have them, over logs written in the test.</summary>
internal sealed class Trial
{
    private readonly Dictionary<string, LogParser> _parsers = [];
    private readonly SipLine _sip = new();
    private readonly AmiParser _manager = new() { ManagerOverHttp = false };
    private readonly Judge _judge;
    private readonly FloodWatch _flood;
    private readonly DoorSettings? _door;

    public Trial(DetectionSettings? detection = null, BanSettings? bans = null, Func<Network, string?>? trust = null, DoorSettings? door = null, JustCutOff? cutOff = null)
    {
        _door = door;
        Ledger = new BanLedger(bans ?? Exact, 1);
        Detector = new Detector(detection ?? new DetectionSettings());
        var decider = new Decider(bans ?? Exact, detection ?? new DetectionSettings(), Ledger);
        if (trust is not null)
        {
            decider.TrustOf = trust;
        }

        _flood = new FloodWatch(detection ?? new DetectionSettings());
        _judge = new Judge(Detector, decider) { Check = new CrossCheck(_sip.Senders, _ => _sip.Senders.LastMessageTicks != 0, static _ => true, (_, _) => _sip.Senders.LastMessageTicks != 0, 0), CutOff = cutOff, Sessions = Sessions };
    }

    /// <summary>Time passes: nothing waits for another source any more.</summary>
    public Trial Tend()
    {
        for (var turn = 0; turn < CrossCheck.LogPatience; turn++)
        {
            _judge.Tend();
        }

        return this;
    }

    /// <summary>The defaults without the random part.</summary>
    public static BanSettings Exact { get; } = new() { RandomPart = 0 };

    public BanLedger Ledger { get; }

    public LoginSessions Sessions { get; } = new();

    public Detector Detector { get; }

    public IReadOnlyList<Decision> Decisions => _judge.Decisions;

    public IReadOnlyList<Ban> Bans => [.. Decisions.OfType<Ban>()];

    /// <summary>The log is another file from now on: read from its beginning.</summary>
    public Trial Rewrite(string log = "security")
    {
        _parsers.Remove(log);
        return this;
    }

    /// <param name="text">Lines of a log, or of SIP; see <see cref="SipLine"/>.</param>
    public Trial Read(string text, string log = "security")
    {
        if (text.StartsWith("limits ", StringComparison.Ordinal))
        {
            return ReadLimits(text);
        }

        if (text.StartsWith("ami ", StringComparison.Ordinal))
        {
            return ReadVisits(text);
        }

        if (text.StartsWith("web ", StringComparison.Ordinal))
        {
            return ReadWeb(text);
        }

        if (!text.StartsWith("sip ", StringComparison.Ordinal))
        {
            return Read(Encoding.Latin1.GetBytes(text), log);
        }

        _judge.Log = Detector.AddLog("sip");
        var sink = new Judge.Sink(_judge);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith('#')))
        {
            _sip.Read(line, ref sink);
        }

        return this;
    }

    // "limits 2026-11-20 12:00:01.000 alone=200 together=0 198.51.100.7=200": what the kernel's counters say then.
    private Trial ReadLimits(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var time = DateTimeOffset.Parse($"{words[1]} {words[2]}Z", CultureInfo.InvariantCulture);
        var counts = words[3..].Select(word => word.Split('=')).ToDictionary(pair => pair[0], pair => long.Parse(pair[1], CultureInfo.InvariantCulture));
        List<LimitedAddress> limited = [.. counts.Skip(2).Select(pair => new LimitedAddress(Address.Parse(pair.Key)!.Value.Subject, (ulong)pair.Value))];
        if (_flood.See(counts["alone"], counts["together"], () => limited, time) is { } flood)
        {
            _judge.Decisions.Add(flood);
        }

        return this;
    }

    // "ami 2026-11-20 12:00:00.000 198.51.100.7 19": so many connections to the manager interface, one each 0.1 s; "login": with one.
    private Trial ReadVisits(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var time = DateTimeOffset.Parse($"{words[1]} {words[2]}Z", CultureInfo.InvariantCulture);
        var pbx = new Core.Sip.Endpoint(Address.Parse("10.99.0.1")!.Value, 5038);
        var tap = new Core.Wire.WireTap(new Core.Sip.SipExchanges(1, address => address == pbx.Address), new Core.Wire.WirePorts([5060], [], [5038]));
        _judge.Log = Detector.AddLog("sip");
        var sink = new Judge.Sink(_judge);
        for (var i = 0; i < int.Parse(words[4], CultureInfo.InvariantCulture); i++)
        {
            foreach (var frame in Wire.Visits.Frames(words[3], "10.99.0.1", (ushort)(40_000 + i), words.Length > 5 ? "Action: Login\r\n\r\n" : "GET / HTTP/1.0\r\n\r\n"))
            {
                tap.See(frame, Core.Wire.LinkType.RawIp, time.AddSeconds(0.1 * i).UtcTicks, ref sink);
            }
        }

        return this;
    }

    // "web 2026-11-20 12:00:00.000 198.51.100.7 5 cross-site": so many wrong passwords at the PBX's HTTP server, one each 0.1 s, each with this Sec-Fetch-Site.
    private Trial ReadWeb(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var time = DateTimeOffset.Parse($"{words[1]} {words[2]}Z", CultureInfo.InvariantCulture);
        var flow = new Core.Wire.Flow(new Core.Sip.Endpoint(Address.Parse(words[3])!.Value, 40_000), new Core.Sip.Endpoint(Address.Parse("10.99.0.1")!.Value, 8088));
        _judge.Log = Detector.AddLog("sip");
        var sink = new Judge.Sink(_judge);
        for (var i = 0; i < int.Parse(words[4], CultureInfo.InvariantCulture); i++)
        {
            var requests = new Core.Wire.HttpRequests();
            requests.Read(Encoding.Latin1.GetBytes($"GET /ari/x?api_key=a:{i} HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: {words[5]}\r\n\r\n"));
            var answer = new Core.Wire.HttpAnswer { Status = 401, Head = "HTTP/1.1 401 Unauthorized\r\n\r\n"u8 };
            sink.See(Core.Wire.HttpLogins.Judge(answer, requests, flow, time.AddSeconds(0.1 * i).UtcTicks, 1));
        }

        return this;
    }

    /// <summary>Reads what a session of the manager interface was told.</summary>
    public Trial ReadAmi(string stream)
    {
        _judge.Log = Detector.AddLog("ami");
        var sink = new Judge.Sink(_judge);
        var rest = Encoding.Latin1.GetBytes(stream).AsSpan();
        while (AmiFrame.LengthOf(rest) is > 0 and var length)
        {
            _manager.Read(rest[..length], ref sink);
            rest = rest[length..];
        }

        return this;
    }

    // With a door every log is its own, but the one called pbx.
    private bool IsDoor(string log) => _door is not null && log != "pbx";

    public Trial Read(byte[] bytes, string log = "security")
    {
        if (!_parsers.TryGetValue(log, out var parser))
        {
            parser = new LogParser(TimeZoneInfo.Utc, IsDoor(log) ? _door!.NewLog() : null);
            _parsers.Add(log, parser);
        }

        _judge.Log = Detector.AddLog(log, IsDoor(log) ? _door : null);
        var sink = new Judge.Sink(_judge);
        parser.Parse(bytes, endOfFile: true, ref sink);
        return this;
    }
}
