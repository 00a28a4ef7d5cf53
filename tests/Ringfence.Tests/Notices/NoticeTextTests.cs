using System.Globalization;
using System.Text;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Ringfence.Core.Notices;
using Ringfence.Core.Rules;
using Xunit;

namespace Ringfence.Tests.Notices;

public sealed class NoticeTextTests
{
    public const string Injected = "1001\r\nBcc: victim@example.com\r\n\r\nevil \u202e\0 text";

    public static readonly DateTimeOffset Time = new(2026, 11, 20, 8, 0, 12, TimeSpan.Zero);

    internal static Ban BanOf(string address = "198.51.100.7", string text = "SecurityEvent=...", long id = 42) =>
        new(id, Time, Network.Parse(address)!.Value, "RF2001", "5 wrong passwords in 12 s", Time.AddHours(1), 1)
        {
            Evidence =
            [
                new Evidence(Time.AddSeconds(-12), "/var/log/asterisk/security", 17, EventKind.PasswordRefused, Proof.Proven, "1001", text),
                new Evidence(Time, "/var/log/asterisk/security", 21, EventKind.PasswordRefused, Proof.Proven, "1001", text),
            ],
        };

    internal static Notice NoticeOf(Decision decision, OutcomeKind outcome = OutcomeKind.Enforced, string detail = "") =>
        NoticeFrom.Decision(decision, new Outcome(decision.Id, Time, outcome, detail));

    [Fact]
    public void The_subject_of_a_ban_can_be_read_on_a_watch() =>
        Assert.Equal("Ringfence pbx1: banned 198.51.100.7, password guessing (5 in 12 s)", NoticeMessage.Of("pbx1", NoticeOf(BanOf())).Subject);

    [Fact]
    public void A_ban_that_the_firewall_refused_is_critical_and_says_so()
    {
        var notice = NoticeOf(BanOf(), OutcomeKind.Failed, "Operation not permitted");

        Assert.Equal(Severity.Critical, notice.Severity);
        Assert.StartsWith("FAILED to ban", notice.Headline, StringComparison.Ordinal);
        Assert.Contains("NOT blocked: Operation not permitted", NoticeText.Body(NoticeMessage.Of("pbx1", notice)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_body_has_the_records_and_the_commands()
    {
        var body = NoticeText.Body(NoticeMessage.Of("pbx1", NoticeOf(BanOf(text: "Challenge=\"x\""))));

        Assert.Contains("2026-11-20 08:00:12 UTC  /var/log/asterisk/security:21\n    Challenge=\"x\"", body, StringComparison.Ordinal);
        Assert.Contains("ringfence why 198.51.100.7", body, StringComparison.Ordinal);
        Assert.Contains("ringfence unban 198.51.100.7", body, StringComparison.Ordinal);
        Assert.Contains("2026-11-20 09:00:12 UTC (1 h)", body, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mail_about_calls_says_until_when_they_are_stopped_and_what_to_do_about_it()
    {
        var notice = new Notice
        {
            Id = "fraud-1",
            Time = Time,
            Kind = NoticeKind.Fraud,
            Severity = Severity.Critical,
            Headline = "FRAUD 1009: spend-5m",
            Rule = "RF3001",
            Until = Time.AddHours(1),
            Stop = 7,
            Outcome = "enforced",
            Lines = [new NoticeLine(Time, "calls", 1, "08:00:10 UTC 1009 to +23279000001")],
        };

        var body = NoticeText.Body(NoticeMessage.Of("pbx1", notice));

        Assert.Contains("Rule      RF3001 spend\n", body, StringComparison.Ordinal);
        Assert.Contains("Until     2026-11-20 09:00:12 UTC (1 h)\nState     stopped\n", body, StringComparison.Ordinal);
        Assert.Contains("The calls that led to it\n  08:00:10 UTC 1009 to +23279000001\n", body, StringComparison.Ordinal);
        Assert.Matches("What to do\n  Look at the calls (.*\n)+  ringfence calls live .*\n  ringfence calls stops .*\n  ringfence calls lift 7 ", body);
        Assert.DoesNotContain("calls lift", NoticeText.Body(NoticeMessage.Of("pbx1", notice with { Outcome = "observed" })), StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_an_attacker_writes_no_header_of_the_mail_has_a_byte_of_it_and_no_line_of_the_body_is_his()
    {
        var ban = BanOf(text: Injected) with { Reason = $"5 {Injected}", Rule = "RF2001" };

        var message = NoticeMessage.Of("pbx1", NoticeOf(ban, OutcomeKind.Failed, Injected));
        var mail = Encoding.ASCII.GetString(MailText.Of(message, "ringfence@pbx1", ["admin@example.com"], NoticeText.Body(message), Time));

        var headers = mail[..mail.IndexOf("\r\n\r\n", StringComparison.Ordinal)];
        Assert.DoesNotContain("victim", headers, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Auto-Submitted"],
            headers.Split("\r\n").Select(line => line.Split(':')[0]));
        Assert.DoesNotContain("\nBcc:", mail, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(NoticeText.Body(message), c => char.IsControl(c) && c != '\n');
    }

    [Fact]
    public void Every_line_of_a_mail_ends_with_CRLF_has_at_most_76_characters_and_none_begins_with_a_dot()
    {
        var message = NoticeMessage.Of("pbx1", NoticeOf(BanOf(text: string.Concat(Enumerable.Repeat(".\u00e4", 300)))));

        var mail = Encoding.ASCII.GetString(MailText.Of(message, "ringfence@pbx1", ["admin@example.com"], $".\n..\nFrom me\n{NoticeText.Body(message)}", Time));

        var lines = mail.Split("\r\n");
        Assert.DoesNotContain(lines, line => line.Contains('\n', StringComparison.Ordinal) || line.Contains('\r', StringComparison.Ordinal));
        Assert.All(lines, line => Assert.True(line.Length <= 76 || line.StartsWith("Subject", StringComparison.Ordinal), line));
        Assert.DoesNotContain(lines, line => line.StartsWith('.') || line.StartsWith("From ", StringComparison.Ordinal));
    }

    [Fact]
    public void Quoted_printable_gives_back_every_text()
    {
        var random = new Random(5);
        for (var round = 0; round < 2_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(0, 400)).Select(_ => random.Next(8) switch
            {
                0 => "\n",
                1 => " ",
                2 => "=",
                3 => ".",
                4 => "\u00e4",
                5 => "\ud83d\ude00",
                6 => "F",
                _ => ((char)random.Next(33, 127)).ToString(),
            }));

            Assert.Equal(text + "\n", Decoded(QuotedPrintable.Encode(text)));
        }
    }

    [Fact]
    public void Syslogs_structured_data_can_not_be_ended_from_inside()
    {
        var ban = BanOf() with { Reason = "5 \"] <14>1 - forged \\ ]\r\n<0>1 x" };

        var text = Encoding.UTF8.GetString(SyslogText.Of(NoticeMessage.Of("pbx1", NoticeOf(ban)), 7, 8192));

        Assert.StartsWith("<84>1 2026-11-20T08:00:12.000Z pbx1 ringfence 7 ban [ringfence@32473 id=\"ban-42\" severity=\"high\" address=\"198.51.100.7\"", text, StringComparison.Ordinal);
        Assert.Contains("reason=\"5 \\\"\\] <14>1 - forged \\\\ \\]\\\\x0d\\\\x0a<0>1 x\"", text, StringComparison.Ordinal);
        Assert.EndsWith("] Ringfence pbx1: banned 198.51.100.7, password guessing (5 in 12 s)", text, StringComparison.Ordinal);
        Assert.DoesNotContain(text, char.IsControl);
    }

    [Fact]
    public void A_syslog_message_for_UDP_fits_into_one_packet_whatever_is_in_it()
    {
        var ban = BanOf() with { Reason = string.Concat(Enumerable.Repeat("\u00e4]", 1_000)) };

        Assert.InRange(SyslogText.Of(NoticeMessage.Of("pbx1", NoticeOf(ban, OutcomeKind.Failed, ban.Reason)), 7, 1400).Length, 100, 1400);
    }

    [Fact]
    public void A_digest_counts_by_rule_and_address()
    {
        var builder = new DigestBuilder();
        for (var i = 0; i < 500; i++)
        {
            builder.Add(NoticeOf(BanOf(i % 5 == 0 ? "203.0.113.9" : $"198.51.100.{i % 100}", id: i)));
        }

        var message = NoticeMessage.Of("pbx1", builder.Build(), "ban-499");
        var body = NoticeText.Body(message);

        Assert.Equal("Ringfence pbx1: 500 notices at once: 500 bans", message.Subject);
        Assert.Contains("      500  RF2001 password-guessing", body, StringComparison.Ordinal);
        Assert.Contains("      100  203.0.113.9", body, StringComparison.Ordinal);
        Assert.Contains("and 61 others", body, StringComparison.Ordinal);
    }

    [Fact]
    public void An_alarm_is_told_after_a_minute_and_its_end_after_another_and_a_flicker_never()
    {
        var book = new AlarmBook(TimeSpan.FromMinutes(1));
        var blind = new Dictionary<string, string> { ["source x"] = "BLIND: gone" };
        var well = new Dictionary<string, string>();
        var told = new List<string>();

        // 10 s apart: blind for 30 s, well, then blind for 5 minutes with one good look in the middle, then well.
        var looks = Enumerable.Repeat(blind, 3).Concat(Enumerable.Repeat(well, 10)).Concat(Enumerable.Repeat(blind, 15)).Append(well).Concat(Enumerable.Repeat(blind, 15)).Concat(Enumerable.Repeat(well, 20));
        foreach (var (look, i) in looks.Select((look, i) => (look, i)))
        {
            told.AddRange(book.See(look, Time.AddSeconds(10 * i)).Select(notice => string.Create(CultureInfo.InvariantCulture, $"{i} {notice.Headline}")));
        }

        Assert.Equal(["19 ALARM source x", "50 alarm over: source x, after 5 min 10 s"], told);
    }

    [Theory]
    [InlineData("250 ok", 250, true, "ok")]
    [InlineData("250-PIPELINING", 250, false, "PIPELINING")]
    [InlineData("354", 354, true, "")]
    [InlineData("250\tok", 0, false, "")]
    [InlineData("25", 0, false, "")]
    [InlineData("999 ok", 0, false, "")]
    [InlineData("HTTP/1.1 200 OK", 0, false, "")]
    public void A_line_of_an_SMTP_reply_is_read_or_refused(string line, int code, bool last, string text)
    {
        var read = SmtpReply.ParseLine(Encoding.ASCII.GetBytes(line));

        Assert.Equal(code == 0 ? null : new SmtpReplyLine(code, last, text), read);
    }

    [Fact]
    public void A_million_hostile_bytes_as_SMTP_lines_end_without_an_exception_and_are_safe_to_show()
    {
        var random = new Random(20261121);
        byte[][] samples = [.. new[] { "250-AUTH PLAIN LOGIN", "550 5.1.1 no such user", "220 mail.example.com ESMTP Exim" }.Select(Encoding.ASCII.GetBytes)];
        for (var bytes = 0; bytes < 1_000_000;)
        {
            var line = samples[random.Next(samples.Length)].ToArray();
            for (var i = random.Next(0, 6); i > 0; i--)
            {
                line[random.Next(line.Length)] = (byte)random.Next(256);
            }

            if (SmtpReply.ParseLine(line) is { } read)
            {
                var reply = new SmtpReply(read.Code, [read.Text, read.Text]);
                Assert.InRange(read.Code, 200, 599);
                Assert.DoesNotContain(reply.Words, char.IsControl);
                _ = reply.Offers("AUTH", "PLAIN");
            }

            bytes += line.Length;
        }
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 10)]
    [InlineData(5, 80)]
    [InlineData(1_000_000, 900)]
    public void Delays_double_up_to_a_quarter_of_an_hour(int failures, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), NoticeRetry.Delay.After(failures));

    private static string Decoded(string encoded)
    {
        var bytes = new List<byte>();
        var text = encoded.Replace("=\r\n", "", StringComparison.Ordinal).Replace("\r\n", "\n", StringComparison.Ordinal);
        for (var i = 0; i < text.Length; i++)
        {
            bytes.Add(text[i] == '=' ? Convert.FromHexString(text.AsSpan(i + 1, 2))[0] : (byte)text[i]);
            i += text[i] == '=' ? 2 : 0;
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
