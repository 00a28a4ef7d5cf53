using System.Text;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Reports;

/// <summary>An audit as Markdown (CommonMark with GitHub's tables).</summary>
internal static class MarkdownReport
{
    public static string Write(ReportInput input)
    {
        var text = new StringBuilder();
        text.Append($"# Audit of {Plain(input.Subject)}\n\n");
        text.Append($"{input.Time:yyyy-MM-dd HH:mm} UTC, Asterisk {input.VersionText}, {input.Result.FilesRead.Count} files, score **{input.Score}** of 100.\n\n");
        foreach (var line in input.Heads())
        {
            text.Append($"> {Plain(line)}\n\n");
        }

        if (input.Result.Findings.Count == 0)
        {
            text.Append("No findings.\n");
        }
        else
        {
            text.Append("| severity | findings |\n|---|---|\n");
            foreach (var group in input.Result.Findings.GroupBy(static finding => finding.Severity).OrderByDescending(static group => group.Key))
            {
                text.Append($"| {SeverityName.Of(group.Key)} | {group.Count()} |\n");
            }
        }

        foreach (var rule in input.ByRule)
        {
            text.Append($"\n## {rule.Rule.Id} {rule.Rule.Name}: {SeverityName.Of(rule.Severity)}\n\n{Plain(rule.Rule.Why)}\n\n**What to do:** {Plain(rule.Rule.Fix)} ([more]({rule.Rule.Reference}))\n\n");
            foreach (var finding in rule.Findings)
            {
                text.Append($"- {Code(finding.Place.ToString())} {Plain(finding.Fault.Subject)}: {Plain(finding.Fault.Text)}\n");
                if (finding.Line is { } line)
                {
                    text.Append($"  - {Code(line)}\n");
                }

                foreach (var step in finding.Fault.Way)
                {
                    text.Append($"  - {(step.Place is { } place ? Code(place.ToString()) + " " : "")}{Plain(step.Text)}\n");
                }

                if (finding.Fault.Mend is { } mend)
                {
                    text.Append($"  - Mend: {Plain(mend.Text)}\n");
                    foreach (var edit in EditText.First(mend))
                    {
                        text.Append($"    - {Code(edit)}\n");
                    }
                }
            }
        }

        if (input.Result.Allowed.Count > 0)
        {
            text.Append("\n## Allowed\n\n");
            foreach (var allowed in input.Result.Allowed)
            {
                text.Append($"- {allowed.Finding.Rule.Id} {allowed.Finding.Rule.Name} at {Code(allowed.Finding.Place.ToString())}, by {Plain(allowed.By)}{(allowed.Reason is { } reason ? ": " + Plain(reason) : "")}\n");
            }
        }

        return text.ToString();
    }

    // What stands in a PBX's files must not become a heading, a link or HTML.
    private static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var c in text.ReplaceLineEndings(" "))
        {
            if (c is '\\' or '`' or '*' or '_' or '[' or ']' or '<' or '>' or '#' or '|' or '~' or '!' or '&')
            {
                plain.Append('\\');
            }

            plain.Append(c);
        }

        return plain.ToString();
    }

    // A code span ends at as many backticks as it began with (CommonMark 6.1).
    private static string Code(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        var longest = 0;
        var run = 0;
        foreach (var c in line)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        var fence = new string('`', longest + 1);
        return longest == 0 ? $"{fence}{line}{fence}" : $"{fence} {line} {fence}";
    }
}
