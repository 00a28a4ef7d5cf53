using System.Buffers.Binary;
using Ringfence.Core.Events;

namespace Ringfence.Core.Parsing;

/// <summary>Who is logged in over the network: the far ends of ssh sessions behind their login, not of those that still try passwords.</summary>
/// <remarks>An established connection to port 22 is no reason for trust: sshd gives a stranger two minutes to type (LoginGraceTime).</remarks>
internal static class LoginSessions
{
    /// <summary>struct utmp of glibc on 64-bit machines, utmp(5).</summary>
    public const int UtmpRecordBytes = 384;

    private const short UserProcess = 7;

    /// <summary>Reads /run/utmp.</summary>
    /// <param name="isAlive">Whether that process still runs: a crash leaves records behind.</param>
    public static IReadOnlyList<Address> FromUtmp(ReadOnlySpan<byte> utmp, Func<int, bool> isAlive)
    {
        var found = new List<Address>();
        for (; utmp.Length >= UtmpRecordBytes; utmp = utmp[UtmpRecordBytes..])
        {
            var pid = BinaryPrimitives.ReadInt32LittleEndian(utmp[4..]);
            if (BinaryPrimitives.ReadInt16LittleEndian(utmp) != UserProcess || !isAlive(pid))
            {
                continue;
            }

            // ut_addr_v6: an IPv4 address stands in the first four bytes, the rest zero.
            var address = utmp.Slice(348, 16);
            if (address.IndexOfAnyExcept((byte)0) < 0)
            {
                continue;
            }

            found.Add(Address.FromBytes(address[4..].IndexOfAnyExcept((byte)0) < 0 ? address[..4] : address));
        }

        return [.. found.Distinct()];
    }

    /// <summary>Reads one file of /run/systemd/sessions, for distributions without utmp.</summary>
    /// <returns>null if the session is local, is closing, or names its host.</returns>
    public static Address? FromSystemdSession(string text)
    {
        string? state = null, remote = null, host = null, service = null;
        foreach (var line in text.Split('\n'))
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
            {
                continue;
            }

            var value = line[(equals + 1)..].Trim();
            switch (line[..equals])
            {
                case "STATE": state = value; break;
                case "REMOTE": remote = value; break;
                case "REMOTE_HOST": host = value; break;
                case "SERVICE": service = value; break;
                default: break;
            }
        }

        return remote == "1" && service == "sshd" && state is "active" or "online" && host is not null ? Address.Parse(host) : null;
    }
}
