namespace Ringfence.Core.Parsing;

/// <summary>The grammar of a log that another door of the machine writes: a line in, at most one record out.</summary>
/// <remarks>One reader reads one log, in order. What stands in a line is any bytes: a line that is not understood is nothing, or broken.</remarks>
internal abstract class DoorLog
{
    /// <summary>A longer line was cut by whoever wrote it, or may have been: what it ends with may be an attacker's.</summary>
    /// <value>1,000 if unset: RFC 3164 lets a syslog cut at 1,024 bytes.</value>
    public virtual int LongestWhole => 1_000;

    /// <param name="line">Without its line end.</param>
    /// <returns>Kind None: the line says nothing of anybody's address; with IsBroken it should.
    /// SenderLines other than None: shown and never counted.</returns>
    public abstract LogRecord Read(ReadOnlySpan<byte> line);
}
