using System.Text;
using System.Text.RegularExpressions;
using Ringfence.Core.Events;
using Ringfence.Tests.Corpus;
using Xunit;

namespace Ringfence.Tests.Parsing;

/// <summary>
/// Lines with their answer above them:
/// <c># expect: 198.51.100.7 password_refused account=1001 transport=UDP proof=unproven (Asterisk 22.10, UDP)</c>,
/// <c># expect: nothing (reason)</c> or <c># expect: unmatched (reason)</c>.
/// Each is read by a parser of its own; "-" is a transport that the line does not tell.
/// </summary>
public sealed partial class SampleTests
{
    public static TheoryData<string> Files() => [.. Directory.EnumerateFiles(Path.Combine(CorpusFiles.Logs, "samples"), "*.log").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Each_sample_gives_its_answer(string file)
    {
        var wrong = new List<string>();
        foreach (var sample in SamplesOf(file))
        {
            var log = Recorder.Read(Encoding.Latin1.GetBytes(sample.Text));

            var difference = sample.Compare(log);
            if (difference is not null)
            {
                wrong.Add($"{file}:{sample.Line}: expected \"{sample.Answer}\": {difference}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Every_kind_of_event_from_every_source_has_a_sample()
    {
        var seen = AllSamples().Select(sample => Recorder.Read(Encoding.Latin1.GetBytes(sample.Text))).SelectMany(log => log.Events.Concat(log.Injections))
            .Select(read => (read.Kind, read.Origin, read.Service)).ToHashSet();

        // What only the messages themselves show stands in no log; of another door only its own text says what it was.
        EventKind[] inNoLog = [EventKind.None, EventKind.ScannerSeen, EventKind.ChallengeAnswered, EventKind.NumberRefused, EventKind.NonceStale, EventKind.LoginOmitted, EventKind.CrossSiteRefused, EventKind.DoorFailed];
        Assert.Equal(Enum.GetValues<EventKind>().Except(inNoLog).ToHashSet(), seen.Select(read => read.Kind).ToHashSet());
        foreach (var expected in Told)
        {
            Assert.Contains(expected, seen);
        }
    }

    [Fact]
    public void Every_SecurityEvent_has_a_sample()
    {
        // main/security_events.c, in the order of its enumeration.
        string[] names =
        [
            "FailedACL", "InvalidAccountID", "SessionLimit", "MemoryLimit", "LoadAverageLimit", "RequestNotSupported", "RequestNotAllowed",
            "AuthMethodNotAllowed", "RequestBadFormat", "SuccessfulAuth", "UnexpectedAddress", "ChallengeResponseFailed", "InvalidPassword",
            "ChallengeSent", "InvalidTransport",
        ];
        var read = AllSamples().SelectMany(sample => Recorder.Read(Encoding.Latin1.GetBytes(sample.Text)).Events).Select(seen => seen.Record).ToList();

        Assert.All(names, name => Assert.Contains(read, record => record.Contains($"SecurityEvent=\"{name}\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_module_with_a_grammar_has_a_sample()
    {
        string[] modules = ["res_pjsip/pjsip_distributor.c", "res_pjsip_session.c", "res_pjsip_acl.c", "manager.c", "chan_sip.c", "chan_iax2.c", "pjproject", "res_security_log.c"];
        var read = AllSamples().SelectMany(sample => Recorder.Read(Encoding.Latin1.GetBytes(sample.Text)).Events).Select(seen => seen.Record).ToList();

        Assert.All(modules, module => Assert.Contains(read, record => record.Contains($" {module}:", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void What_follows_a_sample_does_not_change_it(string file)
    {
        foreach (var sample in SamplesOf(file))
        {
            var alone = Recorder.Read(Encoding.Latin1.GetBytes(sample.Text));
            var followed = Recorder.Read(Encoding.Latin1.GetBytes(sample.Text + "\r\n[x\n\n"));

            Assert.Equal(alone.Events, followed.Events);
        }
    }

    private static readonly (EventKind, Origin, Service)[] Told =
    [
        (EventKind.ChallengeSent, Origin.SecurityEvent, Service.Pjsip),
        (EventKind.LoginSucceeded, Origin.SecurityEvent, Service.Pjsip),
        (EventKind.LoginSucceeded, Origin.SecurityEvent, Service.Ami),
        (EventKind.AddressAccepted, Origin.SecurityEvent, Service.Pjsip),
        (EventKind.PasswordRefused, Origin.SecurityEvent, Service.Pjsip),
        (EventKind.PasswordRefused, Origin.SecurityEvent, Service.Sip),
        (EventKind.PasswordRefused, Origin.SecurityEvent, Service.Ami),
        (EventKind.PasswordRefused, Origin.Notice, Service.Pjsip),
        (EventKind.PasswordRefused, Origin.Notice, Service.Sip),
        (EventKind.PasswordRefused, Origin.Notice, Service.Iax2),
        (EventKind.PasswordRefused, Origin.Notice, Service.Ami),
        (EventKind.AccountUnknown, Origin.SecurityEvent, Service.Pjsip),
        (EventKind.AccountUnknown, Origin.SecurityEvent, Service.Ami),
        (EventKind.AccountUnknown, Origin.SecurityEvent, Service.Iax2),
        (EventKind.AccountUnknown, Origin.SecurityEvent, Service.Other),
        (EventKind.AccountUnknown, Origin.Notice, Service.Pjsip),
        (EventKind.AccountUnknown, Origin.Notice, Service.Sip),
        (EventKind.AccountUnknown, Origin.Notice, Service.Iax2),
        (EventKind.AccountUnknown, Origin.Notice, Service.Ami),
        (EventKind.UnknownAccountFailed, Origin.SecurityEvent, Service.Pjsip),
        (EventKind.AclRefused, Origin.SecurityEvent, Service.Pjsip),
        (EventKind.AclRefused, Origin.SecurityEvent, Service.Ami),
        (EventKind.AclRefused, Origin.Notice, Service.Pjsip),
        (EventKind.AclRefused, Origin.Notice, Service.Sip),
        (EventKind.AclRefused, Origin.Notice, Service.Ami),
        (EventKind.ContactLimit, Origin.SecurityEvent, Service.Pjsip),
        (EventKind.RequestRefused, Origin.SecurityEvent, Service.Pjsip),
        (EventKind.RequestRefused, Origin.SecurityEvent, Service.Ami),
        (EventKind.RequestRefused, Origin.Notice, Service.Sip),
        (EventKind.CallRefused, Origin.Notice, Service.Pjsip),
        (EventKind.CallRefused, Origin.Notice, Service.Sip),
        (EventKind.CallRefused, Origin.Notice, Service.Iax2),
        (EventKind.PacketMalformed, Origin.Notice, Service.Pjsip),
        (EventKind.LimitReached, Origin.SecurityEvent, Service.Ami),
    ];

    private static IEnumerable<Sample> AllSamples() => Files().SelectMany(row => SamplesOf((string)row.Data));

    internal static IEnumerable<Sample> SamplesOf(string file, string folder = "samples")
    {
        var lines = Encoding.Latin1.GetString(File.ReadAllBytes(CorpusFiles.In(folder, file))).Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("# expect: ", StringComparison.Ordinal))
            {
                continue;
            }

            // A record may hold line ends: it goes on to the blank line before the next answer.
            var end = Array.FindIndex(lines, i, line => line.Length == 0);
            end = end < 0 ? lines.Length : end;
            yield return new Sample(i + 1, lines[i][10..], string.Join('\n', lines[(i + 1)..end]) + "\n");
        }
    }

    [GeneratedRegex(@"\s*\([^()]*(\([^()]*\))?[^()]*\)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Remark { get; }

    [GeneratedRegex("(?<=[a-z])(?=[A-Z])", RegexOptions.None, 1000)]
    private static partial Regex Humps { get; }

    internal sealed record Sample(int Line, string Answer, string Text)
    {
        /// <returns>What differs; null if nothing does.</returns>
        internal string? Compare(Recorder log)
        {
            var words = Remark.Replace(Answer, "").Split(' ');
            if (words is ["unmatched"])
            {
                return log.Events.Count == 0 && log.Misses.Count == 1 ? null : $"{log.Events.Count} events, {log.Misses.Count} unmatched";
            }

            if (words is ["nothing"])
            {
                return log.Events.Count == 0 && log.Misses.Count == 0 ? null : $"{log.Events.Count} events, {log.Misses.Count} unmatched";
            }

            if (log.Events.Count != 1 || log.Misses.Count != 0)
            {
                return $"{log.Events.Count} events, {log.Misses.Count} unmatched";
            }

            var seen = log.Events[0];
            string[] expected = [words[0], words[1], .. words[2..]];
            string[] read = [seen.Source, Snake(seen.Kind), .. words[2..].Select(word => Field(seen, word.Split('=')[0]))];
            return expected.SequenceEqual(read) ? null : $"read \"{string.Join(' ', read)}\"";
        }

        private static string Field(SeenEvent seen, string name) => name switch
        {
            "account" => $"account={seen.Account}",
            "port" => $"port={seen.Port}",
            "transport" => $"transport={(seen.Transport == Transport.Unknown ? "-" : seen.Transport.ToString().ToUpperInvariant())}",
            "service" => $"service={Snake(seen.Service)}",
            "proof" => $"proof={Snake(seen.Proof)}",
            "detail" => $"detail={seen.Detail}",
            "time" => $"time={new DateTime(seen.TimeTicks, DateTimeKind.Unspecified):yyyy-MM-ddTHH:mm:ss.FFFFFF}",
            _ => $"{name} is no field",
        };

        private static string Snake(Enum value) => Humps.Replace(value.ToString(), "_").ToLowerInvariant();
    }
}
