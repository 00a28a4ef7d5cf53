using System.Globalization;
using System.Text;
using Ringfence.Core.Calls;
using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;

namespace Ringfence.Bench.Fraud;

/// <summary>A site's calls as Asterisk's cdr_csv writes them (18 columns, loguniqueid and loguserfield on), with those of attacks that nobody stops.</summary>
/// <remarks>What a CDR does not have is not in it: parts of seconds, the number that was called from outside (FreePBX's column did), phones that register, PINs.</remarks>
internal sealed class CdrFile
{
    private readonly List<PastEvent> _all = [];

    private CdrFile()
    {
    }

    /// <summary>Ids of the calls that are fraud.</summary>
    public SortedSet<string> Fraud { get; } = new(StringComparer.Ordinal);

    /// <summary>In the order in which they are written: of their ends.</summary>
    public IReadOnlyList<PastEvent> All => _all;

    public static CdrFile Of(PhoneBook book, SiteYear site, IReadOnlyList<Attack> attacks)
    {
        var file = new CdrFile();
        FraudRun.Go(book, site, attacks, 0, take => new BaselineDefence(new NoBaseline(), hasGate: false)
        {
            Take = (outcome, by) =>
            {
                file.Add(outcome.Call, outcome.Call.Id[0] == 'a');
                take(outcome, by);
            },
        });
        var rings = 0;
        foreach (var seen in site.Events.Concat(attacks.SelectMany(static attack => attack.Signs)).Where(static seen => seen.Kind == SiteEventKind.CallIn))
        {
            var end = Whole(seen.At);
            file._all.Add(new PastEvent(end, default(PastCall) with { Id = string.Create(CultureInfo.InvariantCulture, $"i{rings++}") }, seen with { At = end }));
        }

        file._all.Sort(static (one, other) => one.Written != other.Written ? one.Written.CompareTo(other.Written) : string.CompareOrdinal(one.Call.Id, other.Call.Id));
        return file;
    }

    public void Write(TextWriter to)
    {
        var channel = 0;
        foreach (var one in _all)
        {
            to.Write(one.Seen is { } seen ? In(one.Call.Id, seen, channel) : Out(one.Call, channel));
            to.Write('\n');
            channel += 2;
        }
    }

    private void Add(in PastCall call, bool isFraud)
    {
        if (call.Attempt.Dialled is { Kind: DialledKind.Internal } or { Digits.Length: 0 })
        {
            // Mistyped so that it never was sent to the trunk.
            return;
        }

        var at = Whole(call.Attempt.At);
        var recorded = call with { Attempt = call.Attempt with { At = at, Did = "" }, Ring = Whole(call.Ring), Talk = Whole(call.Talk) };
        _all.Add(new PastEvent(at + recorded.Ring + recorded.Talk, recorded, null));
        if (isFraud)
        {
            Fraud.Add(call.Id);
        }
    }

    private static string Out(in PastCall call, int channel)
    {
        var attempt = call.Attempt;
        var digits = attempt.Dialled.Digits;

        // Whoever called in, and goes on: the dialplan's own channel calls for the extension.
        var (caller, context, source) = attempt.Origin switch
        {
            CallOrigin.Phone => (attempt.Extension, "from-internal", $"PJSIP/{attempt.Extension}-{channel:x8}"),
            CallOrigin.DialledOn => (Stranger(attempt), "vm-callme", $"Local/{attempt.Extension}@vm-callme-{channel:x8};2"),
            _ => (Stranger(attempt), "from-internal", $"Local/FMPR-{attempt.Extension}@from-internal-{channel:x8};2"),
        };
        return Line(caller, digits, context, source, $"PJSIP/trunk-{channel + 1:x8}", $"PJSIP/{digits}@trunk,300", attempt.At, call.Ring, call.Talk, call.Id);
    }

    private static string In(string id, SiteEvent seen, int channel) =>
        Line(seen.Name, "201", "from-trunk", $"PJSIP/trunk-{channel:x8}", $"PJSIP/201-{channel + 1:x8}", "PJSIP/201/sip:201@192.0.2.7:5060,15,TtrI", seen.At - (1000L * seen.Seconds), 1000L * seen.Seconds, 0, id);

    private static string Stranger(in CallAttempt attempt) => attempt.Caller.Length > 6 ? attempt.Caller : "anonymous";

    private static string Line(string caller, string dialled, string context, string source, string target, string data, long at, long ring, long talk, string id)
    {
        var line = new StringBuilder(320);
        foreach (var text in (string[])["", caller, dialled, context, $"\"{caller}\" <{caller}>", source, target, "Dial", data, Time(at)])
        {
            line.Append('"').Append(text.Replace("\"", "\"\"", StringComparison.Ordinal)).Append("\",");
        }

        return line.Append(CultureInfo.InvariantCulture, $"{(talk > 0 ? $"\"{Time(at + ring)}\"" : "")},\"{Time(at + ring + talk)}\",{(ring + talk) / 1000},{talk / 1000},\"{(talk > 0 ? "ANSWERED" : "NO ANSWER")}\",\"DOCUMENTATION\",\"{id}\",\"\"").ToString();
    }

    // As Asterisk counts: begun seconds of time are cut off.
    private static long Whole(long milliseconds) => milliseconds / 1000 * 1000;

    private static string Time(long at) => TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(at), SiteCalendar.Zone).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
