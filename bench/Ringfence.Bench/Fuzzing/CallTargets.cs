using System.Text;
using Ringfence.Core.Calls;
using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Ringfence.Core.Gate;
using Ringfence.Core.Numbers;

namespace Ringfence.Bench.Fuzzing;

/// <summary>What Asterisk, callers and carriers say of calls: questions at the gate, the live stream, records of the past, lists, prices and limits.</summary>
internal static class CallTargets
{
    // Each keeps what it was told before: now and then it begins anew, so that a crash is found by its seed.
    private const int Turns = 1024;

    private const string Nonce = "415623447";
    private const string ListId = "rf-1";

    private const string Cdr =
        "\"\",\"1009\",\"9011972599999999\",\"outbound\",\"\"\"1009\"\" <1009>\",\"PJSIP/1009-00000010\",\"PJSIP/trunk-a-00000011\",\"Dial\",\"PJSIP/011972599999999@trunk-a,20\",\"2026-11-21 00:07:32\",\"2026-11-21 00:07:32\",\"2026-11-21 00:07:33\",1,1,\"ANSWERED\",\"DOCUMENTATION\",\"1795219652.16\",\"\"\n"
        + "\"\",\"10\n01\",\"1005\",\"internal\",\"\"\"10\n01\"\" <1001>\",\"PJSIP/1001-0000000d\",\"\",\"Dial\",\"PJSIP/1005,10\",\"2026-11-21 00:06:57\",,\"2026-11-21 00:06:57\",0,0,\"FAILED\",\"DOCUMENTATION\",\"1795219617.13\",\"\"\r\n";

    private const string Headed = "calldate,src,dst,dcontext,channel,dstchannel,lastapp,lastdata,duration,billsec,disposition,uniqueid,did\n2026-11-21 00:07:32,201,0023279000001,out,PJSIP/201-1,PJSIP/trunk-a-2,Dial,PJSIP/0023279000001@trunk-a,65,60,ANSWERED,1.1,\n";

    private const string Cel =
        "\"CHAN_START\",\"2026-11-21 00:07:32.127\",\"\",\"1009\",\"\",\"\",\"\",\"0023279000001\",\"out\",\"PJSIP/1009-00000010\",\"\",\"\",\"3\",\"\",\"1795219652.16\",\"1795219652.16\",\"\",\"\",\"\",\"\"\n"
        + "\"ANSWER\",\"2026-11-21 00:07:33.133\",\"\",\"1009\",\"\",\"\",\"\",\"0023279000001\",\"out\",\"PJSIP/1009-00000010\",\"Dial\",\"PJSIP/0023279000001@trunk-a,20\",\"3\",\"\",\"1795219652.16\",\"1795219652.16\",\"PJSIP/trunk-a-00000011\",\"\",\"\",\"\"\n"
        + "\"CHAN_END\",\"2026-11-21 00:08:33.641\",\"\",\"1009\",\"\",\"\",\"\",\"0023279000001\",\"out\",\"PJSIP/1009-00000010\",\"\",\"\",\"3\",\"\",\"1795219652.16\",\"1795219652.16\",\"\",\"\",\"\",\"\"\n";

    private const string Limits = """
        [calls]
        country = DE
        outside = 0
        hours = Mon-Fri 08:00-18:30
        holidays = 2026-12-25
        [limit spend-hour]
        warning = none
        critical = 42.50
        extensions = 2*, 301
        [limit night]
        rule = concurrent-calls
        for = site
        warning = 5
        critical = 10
        action = all-risky
        stop_for = 2h
        hours = off
        only = risky, new
        countries = sl
        origins = forwarded
        earn = 2.5
        [permission no-premium]
        classes = premium
        calls = deny
        """;

    private static readonly DiallingRules Rules = new(NumberPlans.BuiltIn.Of("DE")!, ["0"], "30");
    private static readonly Tariff Prices = new(null, "DE");
    private static readonly CallPolicy Policy = CallPolicy.Default(WorkHours.Usual(TimeZoneInfo.Utc), "DE");

    private static Live _live = new();
    private static CallEngine _gate = new(Policy);
    private static int _turn;

    public static IEnumerable<FuzzTarget> All =>
    [
        new("agi", _ => Texts(Question("0301234567", ""), Question("0023279000001", "11830"), Question("*670023279000001", "")), Ask),
        new("agi-reply", _ => Texts("200 result=1", "200 result=1234 (timeout)", "511 Command Not Permitted on a dead channel", "HANGUP"), input => FuzzTargets.Ignore(AgiReply.Parse(Encoding.Latin1.GetString(input)) is null)),
        new("live-calls", _ => Texts(Stream()), See),
        new("cdr", _ => Texts(Cdr, Headed), input => Records(input)),
        new("cel", _ => Texts(Cel), input => Records(input)),
        new("dialled", _ => Texts("0023279000001", "030 1234567", "+49 (30) 123-456", "*31#0023279000001", "**21*0023279000001*11#", "0112", "118330w1"), Dial),
        new("number-list", _ => Texts("+23279000001 ; a test\n005378301234\n881*\n# none\n"), List),
        new("rates", _ => Texts("prefix,rate,name,connect,first,every\n232,0.52,\"Sierra Leone, all\",0.1,60,60\n49,0.01,Germany,,1,1\n", "\uFEFFCode;Price;Destination\n00232;0,52 €;Sierra Leone\n+49;0,01;\"Germany \"\"all\"\"\"\n"), Rate),
        new("limits", _ => Texts(Limits), Limit),
    ];

    private static byte[][] Texts(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    private static bool IsNewRound() => ++_turn % Turns == 0;

    private static void Expect(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException(what);
        }
    }

    private static void Ask(ReadOnlySpan<byte> input)
    {
        _gate = IsNewRound() ? new CallEngine(Policy) : _gate;
        if (AgiRequest.Read(input) is not AgiReading.Whole { Request: var request })
        {
            return;
        }

        Expect(request.Arguments.All(static argument => !argument.Contains('\n', StringComparison.Ordinal)), "an argument of two lines");
        if (GateCall.Of(request.Arguments) is { } call)
        {
            var attempt = call.Attempt(_turn, Rules, NumberPlans.BuiltIn, Prices);
            var decision = GateDecision.Of(_gate.Ask(call.Id, attempt));
            Expect(!decision.IsAllowed || attempt.Dialled.Kind != DialledKind.Unreadable, "what is no number may leave");
            Expect(decision.Commands().All(static command => !command.Contains('\n', StringComparison.Ordinal)), "a command of two lines");
        }
    }

    private static void See(ReadOnlySpan<byte> input)
    {
        _live = IsNewRound() ? new Live() : _live;
        for (var rest = input; !rest.IsEmpty;)
        {
            var message = LiveMessage.Read(rest, _turn % 2 == 0 ? ListId : "");
            Expect(message.Length >= 0 && message.Length <= rest.Length, $"a message of {message.Length} bytes in {rest.Length}");
            if (message.Length == 0)
            {
                break;
            }

            _live.See(message, _turn * 100L);
            rest = rest[message.Length..];
        }

        if (_turn % 16 == 0)
        {
            _live.List(_turn * 100L);
        }
    }

    // The file as it is read: some of it, then all that was not taken and the rest.
    private static void Records(ReadOnlySpan<byte> input)
    {
        var reader = new CallFileReader(TimeZoneInfo.Utc);
        var calls = new CallReading(Rules, Prices);
        var cut = input.Length == 0 ? 0 : ++_turn % input.Length;
        var taken = reader.Read(input[..cut], isEnd: false, Take);
        Expect(taken >= 0 && taken <= cut, $"{taken} of {cut} bytes were taken");
        var rest = reader.Read(input[taken..], isEnd: true, Take);
        Expect(taken + rest == input.Length, $"{input.Length - taken - rest} bytes were left out");
        Expect(reader.Unread == 0 == reader.FirstMistake is null, $"{reader.Unread} records not read, and what is said is \"{reader.FirstMistake}\"");

        void Take(CallRecord call)
        {
            Expect(call.Seconds >= 0 && call.Billed >= 0 && call.Billed <= call.Seconds, $"{call.Billed} of {call.Seconds} s");
            FuzzTargets.Ignore(calls.Read(call) is null);
        }
    }

    private static void Dial(ReadOnlySpan<byte> input)
    {
        var read = Rules.Read(Encoding.UTF8.GetString(input), NumberPlans.BuiltIn);
        Expect(read.Kind != DialledKind.Outside || read.Number.Digits.All(char.IsAsciiDigit), $"{read} is a number");
        FuzzTargets.Ignore(read.Kind == DialledKind.Outside && Prices.For(read.Number).Rate.Cost(60) == 0);
    }

    private static void List(ReadOnlySpan<byte> input)
    {
        var (list, mistakes) = NumberList.Read(("fuzz", Encoding.UTF8.GetString(input)));
        Expect(mistakes.All(static mistake => mistake.StartsWith("fuzz:", StringComparison.Ordinal)), "a mistake without its place");
        FuzzTargets.Ignore(list.Contains("23279000001"));
    }

    private static void Rate(ReadOnlySpan<byte> input)
    {
        try
        {
            var (deck, _, skipped) = RateDeckReader.Read(Encoding.UTF8.GetString(input));
            var rate = deck.For("23279000001");
            Expect(deck.Count > 0 && skipped >= 0 && (rate is null || (rate.Cost(3600) >= 0 && rate.Whole(3600) is >= 0 and <= 3600)), "a price below nothing");
        }
        catch (FormatException)
        {
            // Said.
        }
    }

    private static void Limit(ReadOnlySpan<byte> input)
    {
        var reading = ConfigReader.Parse("ringfence.conf", Encoding.UTF8.GetString(input));
        Expect(reading.Config is not null || reading.Mistakes.Count > 0, "neither a configuration nor a mistake");
        if (reading is { Config: { } config, Mistakes.Count: 0 })
        {
            var engine = new CallEngine(config.Calls.Policy(TimeZoneInfo.Utc, NumberList.Empty, config.Calls.Rules?.Home.Region ?? ""));
            FuzzTargets.Ignore(engine.Ask("1", new CallAttempt(1, "201", "", "", "", "", Rules.Read("0023279000001", NumberPlans.BuiltIn), Prices.For(NumberPlans.BuiltIn.Classify("23279000001")))).Verdict == GateVerdict.Deny);
        }
    }

    private static string Question(string number, string sent) =>
        $"agi_network: yes\nagi_network_script: gate/{Nonce}\nagi_channel: PJSIP/201-00000007\nagi_callerid: 201\nagi_calleridname: Anna\nagi_extension: s\n"
        + string.Concat(new[] { "1", "1763857144.7", "PJSIP/201-00000007", number, sent, "trunk-a", "", "", "201", "", Nonce }.Select(static (argument, at) => $"agi_arg_{at + 1}: {argument}\n")) + "\n";

    // A phone calls over a trunk and is answered; the list of channels; the end.
    private static string[] Stream()
    {
        var (phone, trunk) = (Snapshot("", "PJSIP/1009-00000010", "1795219652.16", 4), Snapshot("Dest", "PJSIP/trunk-a-00000011", "1795219652.17", 0));
        string[] messages =
        [
            $"Event: Newchannel\r\nPrivilege: call,all\r\n{phone}\r\n",
            $"Event: DialBegin\r\nPrivilege: call,all\r\n{phone}{trunk}DialString: 0023279000001@trunk-a\r\n\r\n",
            $"Event: DialEnd\r\nPrivilege: call,all\r\n{phone}{Snapshot("Dest", "PJSIP/trunk-a-00000011", "1795219652.17", 6)}DialStatus: ANSWER\r\n\r\n",
            $"Event: Rename\r\nPrivilege: call,all\r\nChannel: PJSIP/1009-00000010\r\nNewname: PJSIP/1008-00000012\r\nUniqueid: 1795219652.16\r\n\r\n",
            $"Event: Status\r\nPrivilege: Call\r\n{phone}Type: PJSIP\r\nApplication: Dial\r\nData: PJSIP/0023279000001@trunk-a\r\nSeconds: 7\r\nActionID: {ListId}\r\n\r\n",
            $"Event: StatusComplete\r\nActionID: {ListId}\r\nEventList: Complete\r\n\r\n",
            $"Event: BlindTransfer\r\nPrivilege: call,all\r\nResult: Success\r\n{Snapshot("Transferer", "PJSIP/1009-00000010", "1795219652.16", 6)}{Snapshot("Transferee", "PJSIP/trunk-a-00000011", "1795219652.17", 6)}BridgeUniqueid: 1\r\nExtension: 0023279000001\r\n\r\n",
            $"Response: Success\r\nActionID: {ListId}\r\nMessage: Channel status will follow\r\n\r\n",
            $"Event: Hangup\r\nPrivilege: call,all\r\n{phone}Cause: 16\r\nCause-txt: Normal Clearing\r\n\r\n",
        ];
        return [.. messages, string.Concat(messages)];
    }

    private static string Snapshot(string prefix, string channel, string id, int state) =>
        string.Concat(((string, string)[])
        [
            ("Channel", channel), ("ChannelState", $"{state}"), ("ChannelStateDesc", "x"), ("CallerIDNum", "1009"), ("CallerIDName", "<unknown>"), ("ConnectedLineNum", "<unknown>"), ("ConnectedLineName", "<unknown>"),
            ("Language", "en"), ("AccountCode", ""), ("Context", "phones"), ("Exten", "0023279000001"), ("Priority", "1"), ("Uniqueid", id), ("Linkedid", "1795219652.16"),
        ]
        is var headers ? headers.Select(header => $"{prefix}{header.Item1}: {header.Item2}\r\n") : []);

    /// <summary>The stream's calls, and the engine that is told of them.</summary>
    private sealed class Live : ILiveCalls
    {
        private readonly CallEngine _engine = new(Policy);
        private readonly LiveCalls _calls;
        private readonly HashSet<string> _begun = new(StringComparer.Ordinal);

        public Live() => _calls = new LiveCalls(static endpoint => endpoint.StartsWith("trunk", StringComparison.Ordinal) ? true : null, Rules, Prices, this);

        public void See(LiveMessage message, long at)
        {
            _calls.See(message, at);
            Expect(_calls.Channels <= LiveChannels.Most && _calls.Calls.Count == _begun.Count, $"{_calls.Calls.Count} calls go on, {_begun.Count} were told of");
            _engine.Advance(at);
            _engine.TakeAlarms();
            _engine.TakeCuts();
        }

        public void List(long at)
        {
            _calls.EndList(at);
            _calls.BeginList();
        }

        public void Begin(string id, in CallAttempt attempt)
        {
            Expect(_begun.Add(id), $"{id} began twice");
            Expect(attempt.Dialled.Kind is not (DialledKind.Internal or DialledKind.Emergency), $"{attempt.Dialled} is a call to outside");
            _engine.Begin(id, attempt);
        }

        public void Answer(string id, long at) => _engine.Answer(id, at);

        public void GoesOn(string id, long at) => Expect(_begun.Contains(id), $"{id} goes on and never began");

        public void End(string id, long at)
        {
            Expect(_begun.Remove(id), $"{id} ended and had not begun");
            _engine.End(id, at);
        }

        public void See(SiteEvent seen) => _engine.See(seen);

        public void Gone(string channel, long at)
        {
        }
    }
}
