using Ringfence.Core.Configuration;
using Ringfence.Core.Parsing;
using Ringfence.Core.Pbx;

namespace Ringfence.Sources;

/// <summary>Finds out, for <c>ringfence init</c>, where sshd's lines are: in a file of syslog, or in systemd's journal alone.</summary>
/// <remarks>
/// A file that is there need not be written any more: Debian 12 has no rsyslog, and an upgrade from 11, or a purged rsyslog, leaves its last auth.log behind, as does a
/// rule that sends authpriv elsewhere. Where both are written the file has what the journal has, within moments.
/// </remarks>
internal static class SshdPlace
{
    // An sshd that is asked once a week still has its last line in it.
    private const int TailBytes = 1 << 20;
    private static readonly TimeSpan Behind = TimeSpan.FromMinutes(1);

    /// <param name="logs">Where syslog may write sshd's lines; the first that is there is looked at.</param>
    /// <param name="hasSshd">There is an sshd, of which the journal tells if no file does.</param>
    /// <param name="journalctl">The program.</param>
    /// <param name="zone">The machine's.</param>
    /// <returns>null: there is nothing to read.</returns>
    public static async Task<DoorSettings?> FindAsync(
        IReadOnlyList<string> logs, bool hasSshd, string journalctl, IConfigFiles files, TimeZoneInfo zone, TimeProvider clock, CancellationToken stop)
    {
        var log = logs.FirstOrDefault(log => files.Match(log).Count > 0);
        var journal = new DoorSettings { Name = "sshd", Kind = DoorKind.Sshd, Journal = "yes" };
        if (log is null)
        {
            return hasSshd ? journal : null;
        }

        var inFile = files.Match(log).Concat(files.Match($"{log}.1")).Concat(files.Match($"{log}-????????")).Max(path => LastIn(path, zone, clock.GetUtcNow()));
        var inJournal = await LastInJournalAsync(journalctl, journal, clock, stop);
        return inJournal is { } last && (inFile is null || last - inFile > Behind) ? journal : new DoorSettings { Name = "sshd", Kind = DoorKind.Sshd, Logs = [log] };
    }

    private static async Task<DateTimeOffset?> LastInJournalAsync(string journalctl, DoorSettings door, TimeProvider clock, CancellationToken stop)
    {
        var answer = await ShortCommand.RunAsync(
            journalctl, ["--quiet", "--no-pager", "--lines=1", "--output=json", "--output-fields=MESSAGE,SYSLOG_IDENTIFIER,_COMM", .. JournalFollower.Matches(door)], clock, stop);
        var entry = new JournalEntry();
        return answer.Problem is null && entry.Read(answer.Output.AsSpan().TrimEnd((byte)'\n')) ? new DateTimeOffset(entry.TimeTicks, TimeSpan.Zero) : null;
    }

    private static DateTimeOffset? LastIn(string path, TimeZoneInfo zone, DateTimeOffset now)
    {
        byte[] end;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Seek(Math.Max(0, file.Length - TailBytes), SeekOrigin.Begin);
            end = new byte[Math.Min(TailBytes, file.Length)];
            end = end[..file.ReadAtLeast(end, end.Length, throwOnEndOfStream: false)];
        }
        catch (Exception problem) when (FileTrouble.Is(problem))
        {
            return null;
        }

        var date = new LogDate(zone) { Reference = now };
        for (ReadOnlySpan<byte> rest = end; !rest.IsEmpty;)
        {
            var begin = rest[..^1].LastIndexOf((byte)'\n') + 1;
            var line = SyslogLine.Read(rest[begin..].TrimEnd("\r\n"u8));
            if ((line.Tag.SequenceEqual("sshd"u8) || line.Tag.SequenceEqual("sshd-session"u8)) && date.Read(line.Date) is { } ticks)
            {
                return new DateTimeOffset(ticks, TimeSpan.Zero);
            }

            rest = rest[..begin];
        }

        return null;
    }
}
