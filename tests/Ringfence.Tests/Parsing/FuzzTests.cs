using System.Text;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Xunit;

namespace Ringfence.Tests.Parsing;

/// <summary>No bytes throw, and none take more than time in proportion to their number. Seeded: a failure comes again.</summary>
public sealed class FuzzTests
{
    private const int MillionBytes = 1_000_000;

    [Fact]
    public void No_log_throws()
    {
        for (var seed = 100; seed < 104; seed++)
        {
            var bytes = HostileBytes.Mutated(new Random(seed), MillionBytes);

            var log = Recorder.Read(bytes);

            Assert.Equal(bytes.Length, log.Counts.Bytes);
            Assert.NotEmpty(log.Events);
        }
    }

    [Fact]
    public void No_noise_throws()
    {
        var bytes = new byte[MillionBytes];
        new Random(5).NextBytes(bytes);

        var log = Recorder.Read(bytes);

        Assert.Equal(bytes.Length, log.Counts.Bytes);
        Assert.Empty(log.Events);
    }

    [Theory]
    [InlineData(0)]
    [InlineData('\n')]
    [InlineData('[')]
    [InlineData('{')]
    [InlineData('"')]
    [InlineData(0xff)]
    [InlineData(0x1b)]
    public void A_million_times_the_same_byte_is_nothing(byte value)
    {
        var bytes = new byte[MillionBytes];
        bytes.AsSpan().Fill(value);

        var log = Recorder.Read(bytes);

        Assert.Equal(bytes.Length, log.Counts.Bytes);
        Assert.Empty(log.Events);
    }

    [Fact]
    public void A_line_of_a_megabyte_is_skipped_and_counted_and_the_next_one_read()
    {
        var line = Encoding.Latin1.GetBytes(Forms.Write("default", Forms.Security("InvalidAccountID", "5555", "1")));
        byte[] log = [.. line, .. new byte[1 << 20], (byte)'\n', .. line];

        var read = Recorder.Read(log);

        Assert.Equal(2, read.Events.Count);
        Assert.Equal([1L, 3L], read.Events.Select(seen => seen.Line));
        Assert.Equal(1, read.Counts.Overlong);
    }

    [Fact]
    public void No_line_s_header_throws()
    {
        Feed(6, line =>
        {
            var header = LineHeader.Read(line);
            _ = LineHeader.ReadSecurity(line, header.Date.Length);
            Assert.InRange(header.MessageStart, 0, line.Length);
        });

        // Every end of every form, and every colour at every place.
        foreach (var form in new[] { "[2026-11-20 23:58:33.337] NOTICE[1][C-0000002a]: chan_sip.c:1 in f: x", "Nov 20 23:58:34 pbx asterisk[812]: NOTICE[1]: chan_sip.c:1 in f: x", "[2026-11-20 23:58:33.337] SECURITY[1] res_security_log.c: x" })
        {
            for (var length = 0; length <= form.Length; length++)
            {
                foreach (var put in new[] { "", "\x1b[0m", "#033[1;33m", "\x1b", "\x1b[", "#033[", "#033", "[", "]" })
                {
                    _ = LineHeader.Read(Encoding.Latin1.GetBytes(form[..length] + put));
                    _ = LineHeader.Read(Encoding.Latin1.GetBytes(form[..length] + put + form[length..]));
                }
            }
        }
    }

    [Fact]
    public void No_security_record_throws()
    {
        Feed(7, line =>
        {
            var at = line.AsSpan().IndexOf("SecurityEvent="u8);
            ReadOnlySpan<byte> message = at < 0 ? line : line.AsSpan(at);
            _ = SecurityRecord.Read(message);
            _ = SecurityRecord.PjsipAccountStart(message);
        });
        var record = Encoding.Latin1.GetBytes(Forms.Security("ChallengeResponseFailed", "1001", "1", tail: ",Challenge=\"a\",Response=\"b\",ExpectedResponse=\"\""));
        for (var from = 0; from < record.Length; from++)
        {
            for (var to = from; to <= record.Length; to++)
            {
                Assert.True(SecurityRecord.Read(record.AsSpan(from, to - from)).Kind == EventKind.None || (from == 0 && to == record.Length));
                _ = SecurityRecord.Read([.. record.AsSpan(0, from), .. record.AsSpan(to)]);
            }
        }
    }

    [Fact]
    public void No_notice_throws()
    {
        string[] modules = ["res_pjsip/pjsip_distributor.c", "res_pjsip_session.c", "res_pjsip_acl.c", "manager.c", "chan_sip.c", "chan_iax2.c", "pjproject"];
        var encoded = modules.Select(Encoding.ASCII.GetBytes).ToArray();
        Feed(8, line =>
        {
            var at = line.AsSpan().IndexOf(".c: "u8);
            var message = at < 0 ? line : line.AsSpan(at + 4);
            foreach (var module in encoded)
            {
                _ = NoticeRecord.Read(module, message);
            }
        });

        // Every message with every piece taken out: anchors that overlap are the ones that throw.
        foreach (var sample in Messages)
        {
            var message = Encoding.Latin1.GetBytes(sample);
            for (var from = 0; from < message.Length; from++)
            {
                for (var to = from; to <= message.Length; to++)
                {
                    byte[] shorter = [.. message.AsSpan(0, from), .. message.AsSpan(to)];
                    foreach (var module in encoded)
                    {
                        _ = NoticeRecord.Read(module, shorter);
                    }
                }
            }
        }
    }

    [Fact]
    public void No_json_line_throws()
    {
        var scratch = new byte[200_000];
        Feed(9, line => _ = JsonLine.Read(line, scratch));
        var sample = Encoding.Latin1.GetBytes(Forms.Write("json", "NOTICE", "x.c", "a\"\\\n\u0001")[..^1]);
        for (var from = 0; from < sample.Length; from++)
        {
            for (var to = from; to <= sample.Length; to++)
            {
                byte[] shorter = [.. sample.AsSpan(0, from), .. sample.AsSpan(to)];
                _ = JsonLine.Read(shorter, new byte[shorter.Length]);
            }
        }
    }

    [Fact]
    public void No_date_throws_and_each_lies_in_the_years_that_can_be()
    {
        var random = new Random(10);
        var date = new LogDate(TimeZoneInfo.Utc) { Reference = new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero) };
        const string Alphabet = "0123456789-/.:T Z+,NovJanSatFeb29";
        string[] forms = ["2026-11-21 00:15:20.485", "21/11/2026 00:15:50", "Sat Nov 21 00:15:46 2026", "Feb 29 00:15:05", "1795220137.123456", "2026-11-21T00:15:33.273+0000", "9998-12-31T23:59:60-15:59", "1970-01-01T00:00:00+1559"];
        var read = 0;
        for (var fed = 0; fed < MillionBytes;)
        {
            var text = forms[random.Next(forms.Length)].ToCharArray();
            for (var changes = random.Next(4); changes > 0; changes--)
            {
                text[random.Next(text.Length)] = Alphabet[random.Next(Alphabet.Length)];
            }

            var bytes = Encoding.ASCII.GetBytes(text, 0, random.Next(4) == 0 ? random.Next(text.Length + 1) : text.Length);
            fed += bytes.Length + 1;
            if (date.Read(bytes) is { } ticks)
            {
                read++;
                Assert.InRange(new DateTime(ticks).Year, 1969, 9999);
            }
        }

        Assert.True(read > 1_000);
        Feed(11, line => _ = date.Read(line.AsSpan(0, Math.Min(60, line.Length))));
    }

    [Fact]
    public void No_address_throws_and_each_is_written_as_it_is_read()
    {
        var random = new Random(12);
        const string Alphabet = "0123456789abcdefABCDEF:.%/[] x";
        string[] forms = ["198.51.100.7", "2001:db8:1:2:3:4:5:6", "::ffff:198.51.100.7", "::", "fe80::1", "255.255.255.255", "2001:db8::198.51.100.7"];
        var read = 0;
        for (var fed = 0; fed < MillionBytes;)
        {
            var text = forms[random.Next(forms.Length)].ToCharArray();
            for (var changes = random.Next(4); changes > 0; changes--)
            {
                text[random.Next(text.Length)] = Alphabet[random.Next(Alphabet.Length)];
            }

            var bytes = Encoding.ASCII.GetBytes(text);
            fed += bytes.Length;
            if (Address.Parse(bytes) is { } address)
            {
                read++;
                Assert.Equal(address, Address.Parse(address.ToString()));
                Assert.Equal(address, Address.From(address.ToIPAddress()));
            }
        }

        Assert.True(read > 1_000);
        Feed(13, line => _ = Address.Parse(line));
    }

    [Fact]
    public void Whatever_is_shown_is_one_short_line_of_visible_text()
    {
        var random = new Random(14);
        for (var fed = 0; fed < MillionBytes;)
        {
            var bytes = new byte[random.Next(3_000)];
            random.NextBytes(bytes);
            if (random.Next(2) == 0)
            {
                bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(1_500)).Select(_ => char.ConvertFromUtf32(random.Next(3) == 0 ? 0x2000 + random.Next(0x80) : random.Next(0xd800)))));
            }

            fed += bytes.Length + 1;

            var text = SafeText.From(bytes);

            // The last character may be written as an escape of up to ten.
            Assert.InRange(text.Length, 0, SafeText.LongestText + 10);
            Assert.DoesNotContain(text, character => char.IsControl(character) || character is '\u2028' or '\u2029' or (>= '\u200b' and <= '\u200f') or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\ufeff');
        }

        Feed(15, line => Assert.DoesNotContain('\x1b', SafeText.From(line)));
    }

    [Fact]
    public void The_words_of_the_grammars_in_any_number_take_time_in_proportion()
    {
        // Two megabytes of each, in lines of 8,000 bytes and of 69,000: a few milliseconds each. A parser that began anew at each
        // word would need minutes, far beyond this bound on any machine.
        string[] words =
        [
            "\"", "\\\"", "=\"", "\\", ",", ",RemoteAddress=\"", "\",LocalAddress=\"IPV", "\",SessionID=\"", "\",AccountID=\"", "' failed for '", "' - ", ") - ", " (callid: ", "' (", ": Call (",
            "' rejected because extension not found in context '", "' (from ", "\x1b[0m", "#033[0m", "\\u0041", "\\n", "[", "]", " : ", ": ",
        ];
        string[] heads =
        [
            "[2026-11-20 23:58:33.337] SECURITY[1] res_security_log.c: SecurityEvent=\"InvalidAccountID\",EventTV=\"2026-11-20T23:58:33.337+0000\",Severity=\"Error\",Service=\"PJSIP\",EventVersion=\"1\",AccountID=\"",
            "[2026-11-20 23:58:33.337] NOTICE[1] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '",
            "[2026-11-20 23:58:33.337] NOTICE[1] chan_sip.c: Registration from '",
            "[2026-11-20 23:58:33.337] NOTICE[1] chan_sip.c: Call from '",
            "{\"hostname\":\"\",\"timestamp\":\"",
            "Nov 20 23:58:34 pbx asterisk",
            "",
        ];
        var time = ProcessorTime.Of(() => ReadAll(words, heads));

        Assert.True(time < TimeSpan.FromSeconds(60), $"took {time}");
    }

    private static void ReadAll(string[] words, string[] heads)
    {
        foreach (var word in words)
        {
            foreach (var head in heads)
            {
                foreach (var length in new[] { 8_000, 69_000 })
                {
                    var line = Encoding.Latin1.GetBytes(head + string.Concat(Enumerable.Repeat(word, (length - head.Length) / word.Length)) + "\"\n");
                    for (var at = 0; at < 200_000; at += line.Length)
                    {
                        _ = Recorder.Read(line);
                    }

                    // As a message of its own, past what the logger would cut.
                    var message = line.AsSpan(Math.Max(0, head.IndexOf(".c: ", StringComparison.Ordinal) + 4)..^1);
                    _ = SecurityRecord.Read(message);
                    _ = NoticeRecord.Read("chan_sip.c"u8, message);
                    _ = NoticeRecord.Read("chan_iax2.c"u8, message);
                    _ = NoticeRecord.Read("res_pjsip_session.c"u8, message);
                    _ = NoticeRecord.Read("res_pjsip/pjsip_distributor.c"u8, message);
                    _ = NoticeRecord.Read("pjproject"u8, message);
                }
            }
        }
    }

    private static readonly string[] Messages =
    [
        "Request 'A' from '\"n\" <sip:1@x>' failed for '198.51.100.7:1' (callid: 1) - Failed to authenticate",
        " 1001: Call (UDP:198.51.100.7:1) to extension '7' rejected because extension not found in context 'i'.",
        "Call from '1' (UDP:198.51.100.7:1) to extension '7' rejected because extension not found in context 'i'.",
        "Incoming SIP message from [2001:db8::7]:1 did not pass ACL test",
        "198.51.100.7 failed to authenticate as 'x'",
        "Registration from '\"1\" <sip:1@x>' failed for '198.51.100.7:1' - Wrong password",
        "Host 198.51.100.7 failed MD5 authentication for 'x' (y)",
        "No registration for peer 'x' (from 198.51.100.7)",
        "Rejected connect attempt from 198.51.100.7, who was trying to reach 'x@'",
        "\t sip_transport.c Dropping 307 bytes packet from UDP 198.51.100.7:1 : x",
        "\t sip_endpoint.c Error processing packet from 198.51.100.7:1: x",
    ];

    private static void Feed(int seed, Action<byte[]> parse)
    {
        var random = new Random(seed);
        var text = new AttackerText(random);
        for (var fed = 0; fed < MillionBytes;)
        {
            var line = HostileBytes.Line(random, text);
            fed += line.Length + 1;
            parse(line);
        }
    }
}
