using System.Globalization;

namespace Ringfence.Core.Gate;

/// <summary>A line that Asterisk sends back for a command: "200 result=1", "200 result=1234 (timeout)", "511 Command Not Permitted on a dead channel or intercept routine".</summary>
/// <param name="Code">200: it was done; 0: this is no answer but HANGUP: the caller has gone.</param>
/// <param name="Result">What stands behind "result="; "" where nothing does. Of GET DATA the digits.</param>
internal sealed record AgiReply(int Code, string Result)
{
    public static readonly AgiReply Hangup = new(0, "");

    /// <summary>Longest line that is read.</summary>
    public const int MostBytes = 2048;

    private const string ResultName = "result=";

    public bool IsDone => Code == 200;

    /// <param name="line">Without its end.</param>
    /// <returns>null: it is none; also a line of a usage text ("520-Invalid command syntax."), whose end comes later.</returns>
    public static AgiReply? Parse(string line)
    {
        if (line == "HANGUP")
        {
            return Hangup;
        }

        if (line.Length < 4 || line[3] != ' ' || !int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code))
        {
            return null;
        }

        var rest = line[4..];
        if (!rest.StartsWith(ResultName, StringComparison.Ordinal))
        {
            return code == 200 ? null : new AgiReply(code, "");
        }

        var value = rest[ResultName.Length..];
        var blank = value.IndexOf(' ', StringComparison.Ordinal);
        return new AgiReply(code, blank < 0 ? value : value[..blank]);
    }
}
