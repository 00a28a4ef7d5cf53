using System.Globalization;
using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Detection;
using Ringfence.Core.Fraud;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Notices;

/// <summary>What a person reads: the subject's second half, and the body.</summary>
internal static class NoticeText
{
    public static string Headline(NoticeMessage message)
    {
        if (message.Notice is { } notice)
        {
            return notice.Headline;
        }

        var digest = message.Digest!;
        var kinds = string.Join(", ", digest.Kinds.Select(kind => $"{kind.Count} {Plural(kind)}"));
        return $"{digest.Count} notices {Duration.Within(digest.Last - digest.First)}: {kinds}";
    }

    /// <summary>UTF-8 text in lines of our own; whatever somebody else wrote was made safe when the notice was made.</summary>
    /// <param name="whois">What whois says of the address, made safe; empty: nobody asked.</param>
    public static string Body(NoticeMessage message, string whois = "")
    {
        var text = new StringBuilder();
        if (message.Notice is { } notice)
        {
            One(text, message, notice);
        }
        else
        {
            Many(text, message, message.Digest!);
        }

        if (whois.Length > 0)
        {
            text.Append("\nWhois\n").Append(Indented(whois));
        }

        return text.ToString();
    }

    private static void One(StringBuilder text, NoticeMessage message, Notice notice)
    {
        text.Append(CultureInfo.InvariantCulture, $"Ringfence on {message.Host}: {notice.Headline}\n\n");
        Field(text, "Time", Time(notice.Time));
        Field(text, "Severity", Name(notice.Severity));
        Field(text, "Reason", notice.Reason);
        Field(text, "Trusted", notice.Trust);
        var rule = RuleOf(notice.Rule);
        Field(text, "Rule", rule is null ? notice.Rule : $"{rule.Id} {rule.Name}");
        if (notice.Kind == NoticeKind.Ban || notice.Stop > 0)
        {
            Field(text, "Until", notice.Until is { } until ? $"{Time(until)} ({Duration.Words(until - notice.Time)})" : "for ever");
        }

        Field(text, "State", (notice.Kind, notice.Outcome) switch
        {
            (NoticeKind.Ban, "enforced") => "blocked in the kernel",
            (NoticeKind.Fraud, "enforced") => "stopped",
            (NoticeKind.Fraud, "observed") => "only observed: nothing is stopped",
            (_, "observed") => "only observed: nothing is blocked",
            (_, "expired") => "it was over before it was read: nothing is blocked",
            (_, "failed") => $"NOT blocked: {notice.Detail}; tried again every few seconds",
            (NoticeKind.Alarm, "over") => "over",
            (NoticeKind.Alarm, _) => "not mended yet",
            _ => "",
        });
        if (notice.Kind == NoticeKind.Report)
        {
            // It is the text, and there is nothing to do about it.
            text.Append('\n').Append(notice.Detail);
            return;
        }

        if (notice.Kind == NoticeKind.Fraud && notice.Lines.Count > 0)
        {
            // Each says itself when it began, and stands in no log.
            text.Append("\nThe calls that led to it\n").AppendJoin("", notice.Lines.Select(static line => $"  {line.Text}\n"));
        }
        else if (notice.Lines.Count > 0)
        {
            text.Append("\nThe records that led to it\n");
            foreach (var line in notice.Lines)
            {
                text.Append(CultureInfo.InvariantCulture, $"  {Time(line.Time)}  {line.Log}:{line.Line}\n    {line.Text}\n");
            }
        }

        text.Append("\nWhat to do\n");
        foreach (var line in Advice(notice, rule))
        {
            text.Append("  ").Append(line).Append('\n');
        }
    }

    private static IEnumerable<string> Advice(Notice notice, RuleInfo? rule)
    {
        foreach (var line in rule is null ? [] : ConfigurationPage.Wrapped(rule.Fix, 90))
        {
            yield return line;
        }

        if (notice.Address.Length > 0)
        {
            yield return $"ringfence why {notice.Address}";
        }

        if (notice.Kind == NoticeKind.Ban)
        {
            yield return $"ringfence unban {notice.Address}    (let it in again)";
            yield return $"ringfence trust {notice.Address}    (let it in, and never ban it again)";
        }

        if (notice.Kind == NoticeKind.Fraud)
        {
            yield return "ringfence calls live     (what goes on now, and what it costs)";
            yield return "ringfence calls stops    (what is stopped, why and until when)";
        }

        if (notice.Stop > 0 && notice.Outcome == "enforced")
        {
            yield return $"ringfence calls lift {notice.Stop}    (let those calls leave again)";
        }

        if (notice.Kind is NoticeKind.Alarm or NoticeKind.Test)
        {
            yield return "ringfence status";
        }
    }

    private static void Many(StringBuilder text, NoticeMessage message, NoticeDigest digest)
    {
        text.Append(CultureInfo.InvariantCulture, $"Ringfence on {message.Host}: {digest.Count} notices from {Time(digest.First)} to {Time(digest.Last)}\n");
        text.Append("Too many to tell one by one; each is in the journal: ringfence bans, ringfence why ADDRESS.\n");
        Counts(text, "By kind", digest.Kinds, digest.Kinds.Count);
        Counts(text, "By rule", [.. digest.Rules.Select(rule => rule with { Name = RuleName(rule.Name) })], digest.Rules.Count);
        Counts(text, "By address", digest.Addresses, digest.DistinctAddresses);
        text.Append(CultureInfo.InvariantCulture, $"\nThe first of the most severe ({Name(digest.Severity)})\n");
        foreach (var headline in digest.Worst)
        {
            text.Append("  ").Append(headline).Append('\n');
        }
    }

    private static void Counts(StringBuilder text, string title, IReadOnlyList<NoticeCount> counts, int distinct)
    {
        if (counts.Count == 0)
        {
            return;
        }

        text.Append('\n').Append(title).Append('\n');
        foreach (var count in counts)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {count.Count,7}  {count.Name}\n");
        }

        if (distinct > counts.Count)
        {
            text.Append(CultureInfo.InvariantCulture, $"           and {distinct - counts.Count} others\n");
        }
    }

    private static RuleInfo? RuleOf(string id) => DetectionRules.All.FirstOrDefault(rule => rule.Id == id) ?? (RuleInfo?)CallRules.All.FirstOrDefault(rule => rule.Id == id);

    private static string RuleName(string id) => RuleOf(id) is { } rule ? $"{id} {rule.Name}" : id;

    private static string Plural(NoticeCount kind) => kind.Count == 1 ? kind.Name : $"{kind.Name}s";

    private static void Field(StringBuilder text, string name, string value)
    {
        if (value.Length > 0)
        {
            text.Append(name.PadRight(10)).Append(value).Append('\n');
        }
    }

    private static string Indented(string lines) => string.Concat(lines.Split('\n').Select(line => $"  {line}\n"));

    public static string Name(Severity severity) => severity switch
    {
        Severity.Info => "info",
        Severity.Low => "low",
        Severity.Medium => "medium",
        Severity.High => "high",
        Severity.Critical => "critical",
        _ => throw new ArgumentOutOfRangeException(nameof(severity), severity, "not a severity"),
    };

    // UTC, said so: who reads it sits anywhere.
    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
