using System.Text;

namespace Ringfence.Core.Gate;

/// <summary>Commands to Asterisk's AGI. One line each, and each is answered before the next one: what it has read ahead it would not look at again (run_agi of res_agi.c).</summary>
internal static class AgiCommand
{
    /// <summary>Of a value: res_agi.c reads 8,192 bytes a line.</summary>
    public const int MostValue = 400;

    public const string Answer = "ANSWER";

    /// <param name="name">A variable, or a function that can be written: TIMEOUT(absolute).</param>
    public static string SetVariable(string name, string value) => $"SET VARIABLE {name} {Quoted(value)}";

    /// <param name="prompt">A sound, without its ending.</param>
    /// <param name="timeout">For the first digit, in milliseconds.</param>
    /// <param name="most">Digits; fewer end with #.</param>
    public static string GetData(string prompt, int timeout, int most) => $"GET DATA {Quoted(prompt)} {timeout} {most}";

    // parse_args of res_agi.c: in quotes, with a backslash before what would end them. What is no printable ASCII ends lines, or is nobody's name of a limit.
    private static string Quoted(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var c in value.AsSpan(0, Math.Min(value.Length, MostValue)))
        {
            text.Append(c is '"' or '\\' ? "\\" : "").Append(c is >= ' ' and <= '~' ? c : '?');
        }

        return text.Append('"').ToString();
    }
}
