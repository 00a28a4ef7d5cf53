using System.Globalization;
using Ringfence.Core.Numbers;

namespace Ringfence.Core.Calls;

/// <summary>Calls to outside with their prices as lines of CSV (RFC 4180), for accounting.</summary>
internal static class RatedCsv
{
    public const string Headings = "start,extension,account,number,country,class,trunk,seconds,cost,unique id";

    public static string Line(in RatedCall one, TimeZoneInfo zone) => string.Join(',',
        TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeSeconds(one.Call.Start), zone).ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture),
        Cell(one.Call.Source), Cell(one.Call.AccountCode), one.Number.Digits, one.Number.Region, one.Risk, Cell(one.Call.Trunk),
        one.Call.Billed.ToString(CultureInfo.InvariantCulture), Rate.Text(one.Cost), Cell(one.Call.Id));

    // A spreadsheet would take what begins so for a formula, and run what a caller wrote (owasp.org, "CSV Injection").
    private static string Cell(string text)
    {
        var safe = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? $"'{text}" : text;
        return safe.AsSpan().IndexOfAny("\",\r\n") >= 0 ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}
