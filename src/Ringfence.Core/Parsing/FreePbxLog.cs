using Ringfence.Core.Events;

namespace Ringfence.Core.Parsing;

/// <summary>freepbx_security.log: logins at FreePBX's administration and at the user control panel.</summary>
/// <remarks>
/// <c>[2026-11-21 10:00:00] [freepbx_security.NOTICE]: Authentication failure for NAME from 198.51.100.7 [] []</c> (15 and later, by Monolog, which makes blanks
/// of line ends). NAME is whatever somebody typed, so the address is read from the end; it is the web server's REMOTE_ADDR. Before 15 a line was
/// <c>[2016-01-02 10:00:00] Authentication failure for NAME from 198.51.100.7</c> with NAME as it came, line ends included: that is shown and never counted.
/// </remarks>
internal sealed class FreePbxLog : DoorLog
{
    // A file of its own, written without a syslog; PHP takes up to 8 MB of a form, and what was cut nobody wrote by hand.
    public override int LongestWhole => 4_000;

    public override LogRecord Read(ReadOnlySpan<byte> line)
    {
        if (line.Length < 21 || line[0] != '[' || line[20] != ']')
        {
            return default;
        }

        var rest = line[21..];
        var isMonolog = rest.StartsWith(" [freepbx_security."u8);
        if (isMonolog)
        {
            var end = rest.IndexOf("]: "u8);
            if (end < 0 || end + 3 > rest.Length - 6 || !rest.EndsWith(" [] []"u8))
            {
                return new LogRecord { IsBroken = true };
            }

            rest = rest[(end + 3)..^6];
        }
        else
        {
            rest = rest.TrimStart((byte)' ');
        }

        var isFailure = rest.StartsWith("Authentication failure for "u8);
        if (!isFailure && !rest.StartsWith("Authentication successful for "u8))
        {
            return default;
        }

        var name = rest[(isFailure ? "Authentication failure for "u8.Length : "Authentication successful for "u8.Length)..];
        var from = name.LastIndexOf(" from "u8);
        if (from < 0 || Address.Parse(name[(from + 6)..]) is not { } source)
        {
            return new LogRecord { IsBroken = true };
        }

        return new LogRecord
        {
            Kind = isFailure ? EventKind.PasswordRefused : EventKind.LoginSucceeded,
            Service = Service.FreePbx,
            Transport = Transport.Tcp,
            Source = source,
            Account = name[..from],
            EventTime = line[1..20],
            SenderLines = isMonolog ? SenderLines.None : SenderLines.BeforeAddress,
        };
    }
}
