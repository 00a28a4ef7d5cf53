namespace Ringfence.Core.Parsing;

/// <summary>Counts since the parser began.</summary>
/// <param name="Overlong">Longer than <see cref="LogParser.LongestLine"/>: skipped.</param>
/// <param name="Cut">So long that Asterisk's logger or a syslog may have cut them: what they say of an address does not count.</param>
internal record struct LogCounts(long Lines, long Bytes, long Events, long Unmatched, long Overlong, long Distrusted, long Cut = 0);
