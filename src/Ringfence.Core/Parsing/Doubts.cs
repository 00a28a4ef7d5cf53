namespace Ringfence.Core.Parsing;

/// <summary>Why a line of a text log is shown and never counted.</summary>
[Flags]
internal enum Doubts : byte
{
    None = 0,

    /// <summary>VERBOSE, DEBUG or DTMF lines.</summary>
    Talk = 1,

    /// <summary>It may be part of a packet that an ERROR line brought.</summary>
    Dump = 2,

    /// <summary>A name at the manager interface can hold line ends, and lines behind them.</summary>
    Manager = 4,

    /// <summary>So can a caller's name, number or cause at chan_sip and IAX2.</summary>
    Caller = 8,

    /// <summary>Of another door: the line can be read as naming two addresses, or its address is within its sender's reach.</summary>
    Ambiguous = 16,
}

internal static class DoubtWords
{
    /// <returns>For each reason what it is and what helps, as one sentence without its full stop.</returns>
    public static IEnumerable<string> Of(Doubts doubts)
    {
        if (doubts.HasFlag(Doubts.Dump))
        {
            yield return "they may be part of a packet that an ERROR line brought: use a log without the level error";
        }

        if (doubts.HasFlag(Doubts.Manager))
        {
            yield return "a name at the manager interface, when it is asked over HTTP, can hold whole lines: let logger.conf write the level security as [json]";
        }

        if (doubts.HasFlag(Doubts.Caller))
        {
            yield return "a caller's name or number (chan_sip, IAX2) can hold whole lines: let logger.conf write the levels security and notice as [json]";
        }

        if (doubts.HasFlag(Doubts.Ambiguous))
        {
            yield return "each can be read as naming one address or another: tie the pattern to the beginning or the end of the line";
        }
    }
}
