using Ringfence.Core.Parsing;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Fail2ban;

/// <summary>What became of a filter of fail2ban.</summary>
/// <param name="Tag">The program whose lines it reads; null: it does not say one name.</param>
/// <param name="Left">Expressions that were not taken over, each with the reason.</param>
/// <param name="Problem">Why nothing was; null: something was.</param>
internal sealed record FilterReading(IReadOnlyList<FilterPattern> Patterns, IReadOnlyList<string> Ignore, string? Tag, IReadOnlyList<string> Left, string? Problem);

/// <param name="IsHeaded">It reads what stands behind a syslog's header; else lines of a file that the program writes itself.</param>
internal sealed record FilterPattern(string Text, bool IsHeaded);

/// <summary>Makes patterns of a filter in filter.d, where their language holds it and no innocent can be named by them.</summary>
internal static class FilterTranslation
{
    // In place of fail2ban's description of a syslog header: our reader takes the header away.
    private const string Header = "\u0001";

    // What a filter does over several lines, or by other keys than the address.
    private static readonly string[] SeveralLines = ["<SKIPLINES>", "<F-MLF", "<F-NOFAIL>", "<F-ID>", "<CIDR>", "<SUBNET>", "<DNS>"];

    /// <param name="directory">fail2ban's.</param>
    /// <param name="given">filter = name[mode=aggressive]</param>
    public static FilterReading Read(IConfigFiles files, string directory, string name, IReadOnlyDictionary<string, string> given)
    {
        var ini = new IniFiles(files);
        if (name.Contains('/', StringComparison.Ordinal) || (!ini.Read($"{directory}/filter.d/{name}.conf") & !ini.Read($"{directory}/filter.d/{name}.local")))
        {
            return Nothing($"there is no filter.d/{Shown.Text(name)}.conf");
        }

        if (ini.Problems.Count > 0)
        {
            return Nothing(ini.Problems[0]);
        }

        var values = new Interpolation(ini)
        {
            Fixed = new Dictionary<string, string>
            {
                ["__prefix_line"] = Header,

                // Excludes mod_evasive's own lines by looking ahead; they say nothing that a filter finds.
                ["apache-pref-ign-normal"] = "",
            },
        };
        try
        {
            return Translate(values, given);
        }
        catch (FormatException wrong)
        {
            return Nothing(wrong.Message);
        }
    }

    private static FilterReading Translate(Interpolation values, IReadOnlyDictionary<string, string> given)
    {
        string Of(string option) => values.Tags("Definition", values.Value("Definition", option) ?? "", given);

        if ((values.Value("Definition", "maxlines") ?? values.Value("Init", "maxlines")) is { } lines && lines.Trim() is not ("" or "1"))
        {
            return Nothing($"it reads {Shown.Text(lines.Trim())} lines together");
        }

        var prefix = Of("prefregex").Trim();
        var tag = Tag(Of("_daemon").Trim());
        List<string> left = [], ignored = [];
        List<FilterPattern> taken = [];
        var needsTag = false;
        foreach (var one in Of("failregex").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (text, isHeaded, wrong) = Pattern(one, prefix);
            foreach (var way in wrong is null ? Ways(text) : [text])
            {
                if ((wrong ?? LinePattern.Read(way).Wrong) is { } reason)
                {
                    left.Add($"{Shown.Text(one.Replace(Header, "", StringComparison.Ordinal), 60)}: {reason}");
                    continue;
                }

                needsTag |= isHeaded;
                taken.Add(new FilterPattern(way, isHeaded));
            }
        }

        foreach (var one in Of("ignoreregex").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (text, _, wrong) = Pattern(one.Replace("<HOST>", "\\S+", StringComparison.Ordinal).Replace("<ADDR>", "\\S+", StringComparison.Ordinal), "");
            wrong ??= LinePattern.Read(text, needsHost: false).Wrong;
            if (wrong is not null)
            {
                // Without what it passes over the filter would ban whom it spares.
                return Nothing($"its ignoreregex {Shown.Text(one, 60)} can't be taken over: {wrong}");
            }

            ignored.Add(text);
        }

        if (needsTag && tag is null)
        {
            return Nothing($"it reads the lines of several programs (_daemon = {Shown.Text(Of("_daemon").Trim(), 60)}): write a door for each");
        }

        return taken.Count == 0
            ? new FilterReading([], [], null, left, left.Count == 0 ? "it has no failregex" : "none of its expressions could be taken over")
            : new FilterReading(taken, ignored, needsTag ? tag : null, left, null);
    }

    private static (string Text, bool IsHeaded, string? Wrong) Pattern(string expression, string prefix)
    {
        var text = expression;
        if (prefix.Length > 0)
        {
            const string Content = "<F-CONTENT>.+</F-CONTENT>";
            if (!prefix.Contains(Content, StringComparison.Ordinal))
            {
                return (text, false, "its prefregex has another form than ^...<F-CONTENT>.+</F-CONTENT>$");
            }

            // An expression without ^ is looked for anywhere in the content.
            text = prefix.Replace(Content, text.StartsWith('^') ? text[1..] : $"<SKIP>{text}", StringComparison.Ordinal);
            text = text.EndsWith("$$", StringComparison.Ordinal) ? text[..^1] : expression.EndsWith('$') ? text : $"{text[..^(text.EndsWith('$') ? 1 : 0)]}";
        }

        if (Array.Find(SeveralLines, sign => text.Contains(sign, StringComparison.Ordinal)) is { } several)
        {
            return (text, false, $"{several.TrimEnd('>')}> needs several lines, or bans by another key than the address");
        }

        var isHeaded = text.Contains(Header, StringComparison.Ordinal);
        if (isHeaded)
        {
            var at = text.IndexOf(Header, StringComparison.Ordinal);
            if (at > 1 || text.LastIndexOf(Header, StringComparison.Ordinal) != at || (at == 1 && text[0] != '^'))
            {
                return (text, true, "the header of the line stands in its middle");
            }

            text = $"^{text[(at + 1)..]}";
        }

        // fail2ban cuts the date out and leaves its brackets and a blank; our reader leaves nothing.
        foreach (var rest in (string[])[@"^\[\]\s", @"^\s*", @"^\s+", @"^\s", "^ "])
        {
            text = text.StartsWith(rest, StringComparison.Ordinal) ? $"^{text[rest.Length..]}" : text;
        }

        text = Untagged(text);
        while (text.EndsWith(@"\b", StringComparison.Ordinal))
        {
            // Behind the last word the line may go on as it likes.
            text = text[..^2];
        }

        return (text, isHeaded, null);
    }

    // "...(?:\s*$|,)" is two patterns here: $ stands at the end alone.
    private static IReadOnlyList<string> Ways(string text)
    {
        var open = text.LastIndexOf("(?:", StringComparison.Ordinal);
        return open > 0 && text.EndsWith(')') && text.IndexOf('(', open + 1) < 0 && text.IndexOf('[', open) < 0 && text.IndexOf("$|", open, StringComparison.Ordinal) > 0
            ? [.. text[(open + 3)..^1].Split('|').Select(way => text[..open] + way)]
            : [text];
    }

    // <F-USER>...</F-USER> and its like name what they hold; what they hold is what matters here.
    private static string Untagged(string text)
    {
        for (var open = text.IndexOf("<F-", StringComparison.Ordinal); open >= 0; open = text.IndexOf("<F-", open + 1, StringComparison.Ordinal))
        {
            var close = text.IndexOf('>', open);
            var end = close < 0 ? -1 : text.IndexOf($"</{text[(open + 1)..close]}>", close, StringComparison.Ordinal);
            if (end < 0)
            {
                return text;
            }

            var length = close - open - 1;
            text = $"{text[..open]}(?:{text[(close + 1)..end]}){text[(end + length + 3)..]}";
        }

        return text;
    }

    private static string? Tag(string daemon) =>
        daemon.Length is > 0 and <= 48 && daemon.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_') ? daemon : null;

    private static FilterReading Nothing(string problem) => new([], [], null, [], problem);
}
