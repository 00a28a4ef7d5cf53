using System.Text;
using Ringfence.Core.Events;
using Ringfence.Tests.Corpus;
using Xunit;

namespace Ringfence.Tests.Parsing;

/// <summary>What a real Asterisk 22.10.1 wrote while it was attacked, against what was really sent.</summary>
public sealed class CorpusTests
{
    public static TheoryData<string, string> SecurityLogs()
    {
        var logs = new TheoryData<string, string>();
        foreach (var step in CorpusFiles.Steps)
        {
            foreach (var kind in new[] { "security", "plain", "json" }.Where(kind => CorpusFiles.Read(step.Name, kind) is not null))
            {
                logs.Add(step.Name, kind);
            }
        }

        return logs;
    }

    public static TheoryData<string> StepsWith(string kind) => [.. CorpusFiles.Steps.Where(step => CorpusFiles.Read(step.Name, kind) is not null).Select(step => step.Name)];

    [Theory]
    [MemberData(nameof(SecurityLogs))]
    public void A_security_log_gives_each_event_that_was_written_and_no_other(string step, string kind)
    {
        var log = Recorder.Read(CorpusFiles.Read(step, kind)!);

        var names = log.Events.GroupBy(EventName).ToDictionary(group => group.Key, group => group.Count());
        Assert.Equal(Sorted(CorpusFiles.Steps.Single(known => known.Name == step).Events), Sorted(names));
        Assert.Empty(log.Misses);
        Assert.All(log.Events.Where(seen => seen.Service != Service.Ami || kind == "json"), seen => Assert.True(seen.Counts));
    }

    [Theory]
    [MemberData(nameof(SecurityLogs))]
    public void A_security_log_names_only_addresses_that_sent_something(string step, string kind)
    {
        var senders = CorpusFiles.SendersOf(step);

        var log = Recorder.Read(CorpusFiles.Read(step, kind)!);

        Assert.All(log.Events, seen => Assert.Contains(seen.Source, senders));
    }

    [Fact]
    public void The_three_forms_of_a_security_log_tell_the_same_events()
    {
        var compared = 0;
        foreach (var step in CorpusFiles.Steps.Where(step => CorpusFiles.Read(step.Name, "json") is not null))
        {
            var security = Recorder.Read(CorpusFiles.Read(step.Name, "security")!).Events.Select(Essence).ToList();
            var plain = Recorder.Read(CorpusFiles.Read(step.Name, "plain")!).Events.Select(Essence).ToList();
            var json = Recorder.Read(CorpusFiles.Read(step.Name, "json")!).Events.Select(Essence).ToList();

            Assert.Equal(security, plain);
            Assert.Equal(security, json);
            compared += security.Count;
        }

        Assert.True(compared > 390, $"only {compared} events compared");
    }

    [Fact]
    public void The_json_log_of_bytes_that_are_not_UTF8_tells_what_the_security_log_tells()
    {
        var json = Recorder.Read(CorpusFiles.Read("64-invalid-utf8", "security_json")!);
        var security = Recorder.Read(CorpusFiles.Read("64-invalid-utf8", "security")!);

        Assert.Equal(security.Events.Select(Essence), json.Events.Select(Essence));
        Assert.Equal(11, json.Events.Count);
        Assert.Empty(json.Misses);
    }

    [Theory]
    [MemberData(nameof(StepsWith), "messages")]
    public void A_messages_log_gives_each_refusal_that_was_written(string step)
    {
        var expected = CorpusFiles.Steps.Single(known => known.Name == step);

        var log = Recorder.Read(CorpusFiles.Read(step, "messages")!);

        Assert.Equal(expected.MessageLines, log.Counts.Lines);
        Assert.Equal(
            expected.Refusals,
            log.Events.Count(seen => seen.Service == Service.Pjsip && seen.Kind is EventKind.AccountUnknown or EventKind.PasswordRefused or EventKind.AclRefused && seen.Session != ""));
        Assert.Empty(log.Misses);
    }

    [Theory]
    [MemberData(nameof(StepsWith), "messages")]
    public void A_messages_log_names_only_addresses_that_sent_something(string step)
    {
        var senders = CorpusFiles.SendersOf(step);

        var log = Recorder.Read(CorpusFiles.Read(step, "messages")!);

        Assert.All(log.Events, seen => Assert.Contains(seen.Source, senders));
    }

    [Fact]
    public void The_manager_s_refusals_stand_in_the_messages_log_too()
    {
        var log = Recorder.Read(CorpusFiles.Read("50-ami-failures", "messages")!);

        var ami = log.Events.Where(seen => seen.Service == Service.Ami).ToList();
        Assert.Equal(4, ami.Count(seen => seen.Kind == EventKind.AccountUnknown));
        Assert.Equal(2, ami.Count(seen => seen.Kind == EventKind.AclRefused));
        Assert.Equal(8, ami.Count(seen => seen.Kind == EventKind.PasswordRefused));
    }

    [Fact]
    public void A_misdialled_number_stands_in_the_messages_log_with_its_account()
    {
        var log = Recorder.Read(CorpusFiles.Read("44-auth-no-such-exten", "messages")!);

        Assert.Equal(3, log.Events.Count);
        Assert.All(log.Events, seen => Assert.Equal((EventKind.CallRefused, "10.99.1.2"), (seen.Kind, seen.Source)));
        Assert.All(log.Events, seen => Assert.NotEqual("", seen.Account));
    }

    [Theory]
    [MemberData(nameof(StepsWith), "full")]
    public void A_full_log_gives_each_security_event_too(string step)
    {
        var senders = CorpusFiles.SendersOf(step);

        var log = Recorder.Read(CorpusFiles.Read(step, "full")!);

        var names = log.Events.Where(seen => seen.Origin == Origin.SecurityEvent).GroupBy(EventName).ToDictionary(group => group.Key, group => group.Count());
        Assert.Equal(Sorted(CorpusFiles.Steps.Single(known => known.Name == step).Events), Sorted(names));
        Assert.All(log.Events, seen => Assert.Contains(seen.Source, senders));
    }

    [Theory]
    [MemberData(nameof(StepsWith), "full")]
    public void Behind_the_first_text_of_callers_in_a_full_log_nothing_counts(string step)
    {
        var bytes = CorpusFiles.Read(step, "full")!;
        var lines = Encoding.Latin1.GetString(bytes).Split('\n');
        var talk = Array.FindIndex(lines, line => line.Contains("] VERBOSE[", StringComparison.Ordinal));

        var log = Recorder.Read(bytes);

        // There all talk stands where a manager's name could have put it: it is doubted, and so is what follows.
        Assert.Equal(talk >= 0 && step != "50-ami-failures", log.IsMixed);
        Assert.All(log.Events.Where(seen => talk >= 0 && seen.Line > talk + 1), seen => Assert.False(seen.Counts));
    }

    [Theory]
    [InlineData("33-malformed-udp", "messages")]
    [InlineData("34-malformed-tcp", "messages")]
    [InlineData("33-malformed-udp", "full")]
    [InlineData("34-malformed-tcp", "full")]
    public void Behind_the_dump_of_a_packet_nothing_counts(string step, string kind)
    {
        var bytes = CorpusFiles.Read(step, kind)!;
        var lines = Encoding.Latin1.GetString(bytes).Split('\n');
        var dump = Array.FindIndex(lines, line => line.Contains("Error processing packet from", StringComparison.Ordinal));

        var log = Recorder.Read(bytes);

        Assert.True(dump >= 0);
        Assert.Contains(log.Events, seen => seen.Line > dump + 1);
        Assert.All(log.Events.Where(seen => seen.Line > dump + 1), seen => Assert.False(seen.Counts));
    }

    private static string EventName(SeenEvent seen) =>
        seen.Record[(seen.Record.IndexOf("SecurityEvent=", StringComparison.Ordinal) + 14)..].TrimStart('\\', '"').Split('"', '\\')[0];

    private static (EventKind Kind, string Source, int Port, Transport Transport, string Account, string Session, string Detail, long Time, Proof Proof) Essence(SeenEvent seen) =>
        (seen.Kind, seen.Source, seen.Port, seen.Transport, seen.Account, seen.Session, seen.Detail, seen.TimeTicks, seen.Service == Service.Ami ? Proof.Proven : seen.Proof);

    private static List<KeyValuePair<string, int>> Sorted(IReadOnlyDictionary<string, int> counts) => [.. counts.OrderBy(pair => pair.Key, StringComparer.Ordinal)];
}
