using Ringfence.Core.Events;

namespace Ringfence.Core.Parsing;

/// <summary>A web server's access log in the common or combined format (Apache, nginx): <c>198.51.100.7 - NAME [21/Nov/2026:10:00:00 +0000] "POST / HTTP/1.1" 401 380</c>.</summary>
/// <remarks>
/// An access log tells the truth about an address and a status, and little about logins: FreePBX's pages answer 200 whether the password was right or not
/// (freepbx_security.log tells), and an administrator at work sends many a POST. So only HTTP's own refusal counts: 401 with a name, which is
/// a wrong password; without a name it is the question that comes before each login. The address stands first; the name holds
/// no blank and no quote (both servers escape them in a request; a name with a blank makes a line that is not understood).
/// </remarks>
internal sealed class WebLog : DoorLog
{
    // Apache's own limit of a request line is 8,190 bytes, and the agent comes on top.
    public override int LongestWhole => 32_000;

    public override LogRecord Read(ReadOnlySpan<byte> line)
    {
        var blank = line.IndexOf((byte)' ');
        if (blank <= 0 || Address.Parse(line[..blank]) is not { } source)
        {
            return default;
        }

        var rest = line[(blank + 1)..];
        var identity = rest.IndexOf((byte)' ');
        var date = rest.IndexOf(" ["u8);
        if (identity <= 0 || date <= identity || rest[(identity + 1)..date] is var name && (name.IsEmpty || name.Contains((byte)' ')))
        {
            return default;
        }

        var end = rest[(date + 2)..].IndexOf("] \""u8);
        if (end < 0)
        {
            return default;
        }

        // The request in quotes, in which \" is a quote of the sender.
        var request = rest[(date + end + 5)..];
        var close = ClosingQuote(request);
        if (close < 0 || !request[(close + 1)..].StartsWith(" 401 "u8) || name.SequenceEqual("-"u8) || name.SequenceEqual("\"\""u8))
        {
            return default;
        }

        return new LogRecord
        {
            Kind = EventKind.PasswordRefused,
            Service = Service.Web,
            Transport = Transport.Tcp,
            Source = source,
            Account = name,
            Detail = request[..Math.Min(close, 100)],
            EventTime = rest[(date + 2)..(date + 2 + end)],
        };
    }

    private static int ClosingQuote(ReadOnlySpan<byte> text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '"')
            {
                return at;
            }

            at += text[at] == '\\' ? 1 : 0;
        }

        return -1;
    }
}
