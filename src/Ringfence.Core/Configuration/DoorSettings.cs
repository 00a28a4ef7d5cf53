using System.Text;
using Ringfence.Core.Parsing;

namespace Ringfence.Core.Configuration;

/// <summary>What writes a door's log.</summary>
internal enum DoorKind
{
    Unset,
    Sshd,
    FreePbx,
    Web,
    Kamailio,
    OpenSips,

    /// <summary>Whatever the operator's patterns read.</summary>
    Pattern,
}

/// <summary>Another door of the machine than Asterisk's: where its log is, and when somebody at it is an attacker.</summary>
internal sealed record DoorSettings
{
    public static readonly IReadOnlyList<(string Name, DoorKind Kind)> Kinds =
    [
        ("sshd", DoorKind.Sshd), ("freepbx", DoorKind.FreePbx), ("web", DoorKind.Web), ("kamailio", DoorKind.Kamailio), ("opensips", DoorKind.OpenSips),
        ("pattern", DoorKind.Pattern),
    ];

    /// <summary>As in [door NAME]; people read it in each reason.</summary>
    public required string Name { get; init; }

    public DoorKind Kind { get; init; }

    public IReadOnlyList<string> Logs { get; init; } = [];

    /// <summary>What of systemd's journal is read: a unit, or "yes" for all that sshd writes; null: nothing.</summary>
    public string? Journal { get; init; }

    /// <summary>The program whose lines the patterns read, by its syslog tag; null: every line.</summary>
    public string? Tag { get; init; }

    public IReadOnlyList<LinePattern> Patterns { get; init; } = [];

    /// <summary>Lines that are no failure, whatever the patterns say.</summary>
    public IReadOnlyList<LinePattern> Ignore { get; init; } = [];

    /// <summary>Of patterns: a line that holds an address and that none of them finds is told as not understood; while a pattern is written, not in the guard.</summary>
    public bool TellsUnmatched { get; init; }

    /// <value>null: as [detect] says; of a proxy's floods 2.</value>
    public int? Refusals { get; init; }

    /// <value>null: as [detect] says; of a proxy's floods an hour.</value>
    public TimeSpan? Window { get; init; }

    /// <summary>What the door's journal is called, for people, evidence and read positions.</summary>
    public string JournalName => $"journal {Name}";

    public static string NameOf(DoorKind kind) => Kinds.First(known => known.Kind == kind).Name;

    /// <summary>What holds for the door, over what holds for the PBX.</summary>
    public DetectionSettings Over(DetectionSettings common)
    {
        // Kamailio tells a flood once and blocks it itself for some minutes.
        var isProxy = Kind is DoorKind.Kamailio or DoorKind.OpenSips;
        return common with
        {
            Refusals = Refusals ?? (isProxy ? 2 : common.Refusals),
            Window = Window ?? (isProxy ? TimeSpan.FromHours(1) : common.Window),
        };
    }

    /// <summary>A reader for one of its logs.</summary>
    public DoorLog NewLog() => Kind switch
    {
        DoorKind.Sshd => new SshdLog(),
        DoorKind.FreePbx => new FreePbxLog(),
        DoorKind.Web => new WebLog(),
        DoorKind.Kamailio => new SipProxyLog(Events.Service.Kamailio),
        DoorKind.OpenSips => new SipProxyLog(Events.Service.OpenSips),
        _ => new PatternLog(Patterns, Ignore, Tag is null ? null : Encoding.UTF8.GetBytes(Tag)) { TellsUnmatched = TellsUnmatched },
    };

    /// <summary>The account in a line that was counted; empty: it names none.</summary>
    public ReadOnlySpan<byte> AccountIn(ReadOnlySpan<byte> line) => NewLog().Read(line.TrimEnd((byte)'\r')).Account;

    /// <summary>Whether the door writes the file: its log, or one that was rotated away from it (auth.log.1, auth.log-20261120.gz).</summary>
    public bool Writes(string path) => Logs.Any(log => path == log
        || (path.StartsWith(log, StringComparison.Ordinal) && path[log.Length] is '.' or '-'));
}
