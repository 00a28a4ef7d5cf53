namespace Ringfence.Core.Parsing;

/// <summary>Counts since the parser began.</summary>
/// <param name="Overlong">Longer than <see cref="LogParser.LongestLine"/>: skipped.</param>
/// <param name="Cut">So long that Asterisk's logger or a syslog may have cut them: what they say of an address does not count.</param>
/// <param name="CutRecords">Of these, and beside them of [json]: security records that Asterisk's logger cut, and lines in which several ran together for that.</param>
/// <param name="Unsent">Lines of res_hep: a message that it could not send.</param>
/// <param name="Unsure">Refusals by PJSIP whose address can't be told from what their sender wrote.</param>
/// <param name="Doubts">Why lines of <paramref name="Distrusted"/> are not to be trusted.</param>
internal record struct LogCounts(
    long Lines, long Bytes, long Events, long Unmatched, long Overlong, long Distrusted, long Cut = 0, long CutRecords = 0, long Unsent = 0, long Unsure = 0,
    Doubts Doubts = Doubts.None)
{
    public static LogCounts operator +(LogCounts a, LogCounts b) => new(
        a.Lines + b.Lines, a.Bytes + b.Bytes, a.Events + b.Events, a.Unmatched + b.Unmatched, a.Overlong + b.Overlong, a.Distrusted + b.Distrusted, a.Cut + b.Cut,
        a.CutRecords + b.CutRecords, a.Unsent + b.Unsent, a.Unsure + b.Unsure, a.Doubts | b.Doubts);
}
