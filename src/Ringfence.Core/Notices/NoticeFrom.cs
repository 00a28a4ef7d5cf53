using System.Globalization;
using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Notices;

/// <summary>Makes notices of decisions and of alarms.</summary>
internal static class NoticeFrom
{
    public const int MostLines = 10;

    public const int LongestLine = 1_000;

    /// <param name="withLines">false while very many wait: then they are counted in a digest, where no line is shown.</param>
    public static Notice Decision(Decision decision, Outcome outcome, bool withLines = true)
    {
        var rule = DetectionRules.All.FirstOrDefault(rule => rule.Id == decision.Rule);
        var kind = decision switch
        {
            Ban => NoticeKind.Ban,
            Unban => NoticeKind.Unban,
            Spare => NoticeKind.Spare,
            Alert => NoticeKind.Alert,
            _ => throw new ArgumentOutOfRangeException(nameof(decision), decision.GetType().Name, "a kind of decision that nobody is told of"),
        };
        return new Notice
        {
            Id = $"{NoticeKinds.Name(kind)}-{decision.Id}",
            Time = decision.Time,
            Kind = kind,
            Severity = SeverityOf(kind, outcome.Kind, rule),
            Headline = PlainAscii.Of(Headline(decision, outcome, rule), 120),
            Address = decision.Subject.ToString(),
            Rule = decision.Rule,
            Reason = Safe(decision.Reason),
            Until = (decision as Ban)?.Until,
            Outcome = outcome.Kind switch
            {
                OutcomeKind.Enforced => "enforced",
                OutcomeKind.Observed => "observed",
                OutcomeKind.Expired => "expired",
                OutcomeKind.Failed => "failed",
                _ => "",
            },
            Detail = Safe(outcome.Detail),
            Trust = Safe((decision as Spare)?.Trust ?? ""),
            Lines = withLines ? [.. decision.Evidence.TakeLast(MostLines).Select(line => new NoticeLine(line.Time, Safe(line.Log), line.Line, Safe(line.Text)))] : [],
        };
    }

    /// <param name="what">What of Ringfence has the problem, in our own words: "firewall", "source /var/log/asterisk/security".</param>
    public static Notice AlarmBegins(string what, string problem, DateTimeOffset since) => new()
    {
        Id = string.Create(CultureInfo.InvariantCulture, $"alarm-{since.UtcTicks}-{PlainAscii.Of(what, 40).Replace(' ', '-')}"),
        Time = since,
        Kind = NoticeKind.Alarm,
        Severity = Severity.Critical,
        Headline = PlainAscii.Of($"ALARM {what}", 120),
        Reason = Safe(problem),
    };

    public static Notice AlarmEnds(string what, string problem, DateTimeOffset since, DateTimeOffset now) => AlarmBegins(what, problem, since) with
    {
        Id = string.Create(CultureInfo.InvariantCulture, $"alarm-end-{now.UtcTicks}-{PlainAscii.Of(what, 40).Replace(' ', '-')}"),
        Time = now,
        Headline = PlainAscii.Of($"alarm over: {what}, after {Duration.Words(now - since)}", 120),
        Outcome = "over",
    };

    public static Notice Test(DateTimeOffset now) => new()
    {
        Id = string.Create(CultureInfo.InvariantCulture, $"test-{now.UtcTicks}"),
        Time = now,
        Kind = NoticeKind.Test,
        Severity = Severity.Info,
        Headline = "test notice, nothing has happened",
        Reason = "somebody asked for it: ringfence notify test",
    };

    // A ban that the firewall refused is worse than what it was for. Whoever is trusted and attacks all the same is a broken phone, or somebody inside.
    private static Severity SeverityOf(NoticeKind kind, OutcomeKind outcome, DetectionRule? rule) => kind switch
    {
        NoticeKind.Ban when outcome == OutcomeKind.Failed => Severity.Critical,
        NoticeKind.Unban => Severity.Info,
        _ => rule?.Severity ?? Severity.Low,
    };

    private static string Headline(Decision decision, Outcome outcome, DetectionRule? rule)
    {
        var verb = (decision, outcome.Kind) switch
        {
            (Ban { Throttles: true }, OutcomeKind.Enforced) => "throttled",
            (Ban { Throttles: true }, OutcomeKind.Observed) => "would throttle",
            (Ban, OutcomeKind.Failed) => "FAILED to ban",
            (Ban, OutcomeKind.Observed) => "would ban",
            (Ban, OutcomeKind.Expired) => "would have banned",
            (Ban, _) => "banned",
            (Unban, _) => "unbanned",
            (Spare, _) => "spared",
            _ => "alert about",
        };
        return $"{verb} {decision.Subject}, {Cause(decision, rule)}";
    }

    // Of the reason only its leading count: the rest may hold what somebody else wrote, and this becomes a mail's subject.
    private static string Cause(Decision decision, DetectionRule? rule)
    {
        if (rule is null)
        {
            return decision.Rule switch
            {
                Operator.Rule => "by hand",
                TrustList.Rule => "trusted now",
                _ => $"rule {decision.Rule}",
            };
        }

        var name = rule.Name.Replace('-', ' ');
        var digits = decision.Reason.TakeWhile(char.IsAsciiDigit).Take(7).Count();
        return digits == 0 || decision.Evidence.Count < 2
            ? name
            : $"{name} ({decision.Reason[..digits]} {Duration.Within(decision.Evidence[^1].Time - decision.Evidence[0].Time)})";
    }

    // Most of it is safe already; what comes from files and from the kernel is not ours either.
    private static string Safe(string text)
    {
        var safe = SafeText.From(Encoding.UTF8.GetBytes(text));
        return safe.Length <= LongestLine ? safe : safe[..(char.IsHighSurrogate(safe[LongestLine - 1]) ? LongestLine - 1 : LongestLine)] + "...";
    }
}
