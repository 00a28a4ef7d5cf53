using System.CommandLine;
using System.Globalization;
using Ringfence.Bench.Logs;

namespace Ringfence.Bench.Verbs;

/// <summary><c>cdrgen</c>: writes CDRs as cdr_csv of a FreePBX does, as many as a backtest's speed is measured with. What calls mean is bench/fraud's matter.</summary>
internal static class CdrgenVerb
{
    private const int Extensions = 200;
    private const long Start = 1_735_689_600;
    private const long Span = 365 * 86_400;

    public static Command Build()
    {
        var file = new Argument<string>("FILE") { Description = "Written anew." };
        var records = new Option<int>("--records") { DefaultValueFactory = _ => 1_000_000 };
        var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => 42 };
        var verb = new Command("cdrgen", "Write a year of CDRs, 40 in 100 of them to outside, 35 from there: the same arguments give the same bytes.") { file, records, seed };
        verb.SetAction(parsed => Write(parsed.GetValue(file)!, parsed.GetValue(records), parsed.GetValue(seed)));
        return verb;
    }

    private static void Write(string path, int records, ulong seed)
    {
        var random = new SplitMix(seed);
        string[] home = [.. Enumerable.Range(0, 40_000).Select(at => at % 2 == 0 ? $"030{random.Below(9_000_000) + 1_000_000}" : $"0151{random.Below(90_000_000) + 10_000_000}")];
        string[] abroad = [.. Enumerable.Range(0, 8_000).Select(_ => $"00{(string[])["4420", "331", "3906", "3491", "1415", "431", "41", "48"] switch { var codes => codes[random.Below(codes.Length)] }}{random.Below(9_000_000) + 1_000_000}")];
        using var target = new StreamWriter(path, append: false, new System.Text.UTF8Encoding(false), 1 << 20) { NewLine = "\n" };

        // Records are written when calls end.
        var ends = new PriorityQueue<string, (long, int)>();
        for (var at = 0; at < records; at++)
        {
            var start = Start + (long)((double)at / records * Span);
            while (ends.TryPeek(out var line, out var end) && end.Item1 < start)
            {
                target.WriteLine(line);
                ends.Dequeue();
            }

            var ring = 2 + random.Below(23);
            var talk = random.Below(4) == 0 ? 0 : 1 + (int)(-Math.Log(1 - random.Share()) * 180);
            ends.Enqueue(Line(at, start, ring, talk), (start + ring + talk, at));
        }

        while (ends.TryDequeue(out var line, out _))
        {
            target.WriteLine(line);
        }

        string Line(int at, long start, int ring, int talk)
        {
            var extension = 200 + random.Below(Extensions);
            var other = 200 + random.Below(Extensions);
            var kind = random.Below(100);
            var number = kind < 35 || kind >= 40 ? home[random.Below(home.Length)] : abroad[random.Below(abroad.Length)];
            var (source, dialled, context, channel, target, data) = kind switch
            {
                < 40 => ($"{extension}", $"0{number}", "from-internal", $"PJSIP/{extension}", "PJSIP/trunk", $"PJSIP/{number}@trunk,300,Tb(func-apply-sipheaders^s^1)"),
                < 75 => (number, $"{extension}", "from-trunk", "PJSIP/trunk", $"PJSIP/{extension}", $"PJSIP/{extension}/sip:{extension}@192.0.2.7:5060,15,TtrI"),
                _ => ($"{extension}", $"{other}", "from-internal", $"PJSIP/{extension}", $"PJSIP/{other}", $"PJSIP/{other}/sip:{other}@192.0.2.8:5060,15,TtrI"),
            };
            return string.Create(
                CultureInfo.InvariantCulture,
                $"\"\",\"{source}\",\"{dialled}\",\"{context}\",\"\"\"{source}\"\" <{source}>\",\"{channel}-{at * 2:x8}\",\"{target}-{(at * 2) + 1:x8}\",\"Dial\",\"{data}\",\"{Time(start)}\",{(talk > 0 ? $"\"{Time(start + ring)}\"" : "")},\"{Time(start + ring + talk)}\",{ring + talk},{talk},\"{(talk > 0 ? "ANSWERED" : "NO ANSWER")}\",\"DOCUMENTATION\",\"{start}.{at * 2}\",\"\"");
        }

        static string Time(long at) => DateTimeOffset.FromUnixTimeSeconds(at).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
    }
}
