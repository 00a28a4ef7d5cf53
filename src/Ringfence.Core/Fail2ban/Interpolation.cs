using System.Text;

namespace Ringfence.Core.Fail2ban;

/// <summary>fail2ban's two ways to put one value into another: %(option)s where files are read, &lt;option&gt; where filters are made.</summary>
internal sealed class Interpolation(IniFiles files)
{
    private const int Deepest = 20;
    private const int Longest = 200_000;

    /// <summary>Values that stand in place of what the files say.</summary>
    public IReadOnlyDictionary<string, string> Fixed { get; init; } = new Dictionary<string, string>();

    /// <returns>The value, all options put in; null: there is no such option.</returns>
    /// <exception cref="FormatException">A %(...)s names an option that is not there, or itself.</exception>
    public string? Value(string section, string option)
    {
        if (Raw(section, option) is not { } raw)
        {
            return null;
        }

        return Expand(section, option, raw, 0);
    }

    /// <summary>Puts &lt;option&gt; in, where there is an option of that name; others stay, for they are tags of the expression.</summary>
    /// <exception cref="FormatException">They go round in a circle.</exception>
    public string Tags(string section, string text, IReadOnlyDictionary<string, string> given)
    {
        for (var round = 0; round < Deepest; round++)
        {
            var next = TagsOnce(section, text, given);
            if (next == text)
            {
                return text;
            }

            text = next.Length <= Longest ? next : throw new FormatException("it becomes too long");
        }

        throw new FormatException("its <tags> go round in a circle");
    }

    private string TagsOnce(string section, string text, IReadOnlyDictionary<string, string> given)
    {
        var result = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            var open = text.IndexOf('<', at);
            if (open < 0)
            {
                return result.Append(text, at, text.Length - at).ToString();
            }

            // The innermost: <mdre-<mode>> is <mode> first.
            var close = text.IndexOfAny(['<', '>'], open + 1);
            var name = close > open + 1 && text[close] == '>' ? text[(open + 1)..close] : null;
            var value = name is null ? null : given.GetValueOrDefault(name) ?? Value(section, name) ?? Value("Init", name);
            result.Append(text, at, open - at);
            if (value is null)
            {
                result.Append('<');
                at = open + 1;
            }
            else
            {
                result.Append(value);
                at = close + 1;
            }
        }

        return result.ToString();
    }

    private string? Raw(string section, string option)
    {
        var name = option.ToLowerInvariant();
        if (name == "__name__")
        {
            return section;
        }

        if (Fixed.GetValueOrDefault(name) is { } put)
        {
            return put;
        }

        var slash = option.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0)
        {
            return (files.Find(section, name) ?? files.Find(IniFiles.Default, name))?.Value;
        }

        var (from, of) = (option[..slash], option[(slash + 1)..]);
        return from.Equals("known", StringComparison.OrdinalIgnoreCase) ? (files.Find(section, of) ?? files.Find(IniFiles.Default, of))?.Known
            : from.Equals("default", StringComparison.OrdinalIgnoreCase) ? files.Find(IniFiles.Default, of)?.Value
            : files.Find(from, of)?.Value;
    }

    private string Expand(string section, string option, string text, int depth)
    {
        if (depth > Deepest || text.Length > Longest)
        {
            throw new FormatException($"%({option})s goes round in a circle");
        }

        var result = new StringBuilder();
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '%')
            {
                result.Append(text[at]);
            }
            else if (at + 1 < text.Length && text[at + 1] == '%')
            {
                result.Append('%');
                at++;
            }
            else if (at + 1 < text.Length && text[at + 1] == '(' && text.IndexOf(")s", at, StringComparison.Ordinal) is > 0 and var end)
            {
                var name = text[(at + 2)..end];
                result.Append(Expand(section, name, Raw(section, name) ?? throw new FormatException($"%({name})s is no option"), depth + 1));
                at = end + 1;
            }
            else
            {
                throw new FormatException("a % that is neither %% nor %(option)s");
            }

            if (result.Length > Longest)
            {
                throw new FormatException("it becomes too long");
            }
        }

        return result.ToString();
    }
}
