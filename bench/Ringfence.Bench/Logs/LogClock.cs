using System.Globalization;
using System.Text;

namespace Ringfence.Bench.Logs;

/// <summary>The two forms of a time in a line of Asterisk's security log, in UTC, formatted once a second.</summary>
internal sealed class LogClock
{
    private long _second = -1;
    private int _millisecond;

    /// <summary>"2026-11-20 00:00:00", the head of each line with dateformat = %F %T.</summary>
    public byte[] Stamp { get; private set; } = [];

    /// <summary>"2026-11-20T00:00:00", of EventTV.</summary>
    public byte[] Iso { get; private set; } = [];

    public int Millisecond => _millisecond;

    /// <summary>Seconds since 1970, as in nonces.</summary>
    public long Second => _second;

    public void Set(long unixMilliseconds)
    {
        _millisecond = (int)(unixMilliseconds % 1000);
        var second = unixMilliseconds / 1000;
        if (second == _second)
        {
            return;
        }

        _second = second;
        var time = DateTimeOffset.FromUnixTimeSeconds(second);
        Stamp = Encoding.ASCII.GetBytes(time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
        Iso = Encoding.ASCII.GetBytes(time.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture));
    }
}
