using System.Globalization;
using System.Net;
using System.Text;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Reports;

/// <summary>An audit as one HTML file: no script, nothing loaded from elsewhere, light and dark, fit to print.</summary>
internal static class HtmlReport
{
    // 2 * pi * 54, the circle of the score.
    private const double Circumference = 339.292;

    /// <summary>Of one rule; a template with a thousand phones must not bury the rest. What is more is folded away: on the screen it opens, on paper it stays shut.</summary>
    private const int MostPlaces = 12;

    public static string Write(ReportInput input)
    {
        var html = new StringBuilder();
        html.Append($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="generator" content="ringfence {Text(input.Program)}">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>Audit of {Text(input.Subject)}</title>
            <style>
            {Style}
            </style>
            </head>
            <body>
            <main>
            <header>
            <div>
            <h1>Audit of {Text(input.Subject)}</h1>
            <p>{input.Time.UtcDateTime.ToString("d MMMM yyyy, HH:mm", CultureInfo.InvariantCulture)} UTC &middot; Asterisk {Text(input.VersionText)} &middot; {input.Result.FilesRead.Count} files read</p>

            """);
        Counts(input, html);
        html.Append("</div>\n");
        Score(input.Score, html);
        html.Append("</header>\n");
        foreach (var head in input.Heads())
        {
            html.Append($"<p class=\"head\">{Text(head)}</p>\n");
        }

        Trend(input.Runs, html);
        Contents(input, html);
        foreach (var rule in input.ByRule)
        {
            Rule(rule, html);
        }

        if (input.Result.Findings.Count == 0)
        {
            html.Append($"<section><h2>No findings</h2><p>{(input.Result.NotAsked.Count == 0 ? "Every rule was asked" : "Every other rule was asked")}, and none found anything.</p></section>\n");
        }

        Allowed(input.Result.Allowed, html);
        html.Append($"<footer>ringfence {Text(input.Program)} audit. Of a score of 100 each rule that is broken leaves {AuditScore.Left(Severity.Critical):0.##} (critical), {AuditScore.Left(Severity.High):0.##} (high), {AuditScore.Left(Severity.Medium):0.##} (medium) or {AuditScore.Left(Severity.Low):0.##} (low).</footer>\n</main>\n</body>\n</html>\n");
        return html.ToString();
    }

    private static void Counts(ReportInput input, StringBuilder html)
    {
        html.Append("<ul class=\"counts\">");
        foreach (var severity in Enum.GetValues<Severity>().Reverse())
        {
            var count = input.Result.Findings.Count(finding => finding.Severity == severity);
            html.Append($"<li class=\"{SeverityName.Of(severity)}{(count == 0 ? " none" : "")}\"><b>{count}</b> {SeverityName.Of(severity)}</li>");
        }

        html.Append("</ul>\n");
    }

    private static void Score(int score, StringBuilder html)
    {
        var tone = score >= 90 ? "good" : score >= 60 ? "medium" : "high";
        var length = (Circumference * score / 100).ToString("0.0", CultureInfo.InvariantCulture);
        html.Append($"""
            <svg class="score {tone}" viewBox="0 0 128 128" role="img" aria-label="Score {score} of 100">
            <circle cx="64" cy="64" r="54" class="track"/>
            <circle cx="64" cy="64" r="54" class="arc" stroke-dasharray="{length} {Circumference.ToString("0.0", CultureInfo.InvariantCulture)}" transform="rotate(-90 64 64)"/>
            <text x="64" y="66" class="number">{score}</text><text x="64" y="88" class="of">of 100</text>
            </svg>

            """);
    }

    // Scores of the runs that are kept, as a line; a single one is no trend.
    private static void Trend(IReadOnlyList<AuditRun> runs, StringBuilder html)
    {
        const int Width = 720;
        const int Height = 120;
        const int Most = 60;
        if (runs.Count < 2)
        {
            return;
        }

        var shown = runs.Skip(Math.Max(0, runs.Count - Most)).ToList();
        string X(int at) => (30 + ((Width - 50.0) * at / (shown.Count - 1))).ToString("0.#", CultureInfo.InvariantCulture);
        static string Y(int score) => (10 + ((Height - 30.0) * (100 - score) / 100)).ToString("0.#", CultureInfo.InvariantCulture);
        html.Append($"<section class=\"trend\"><h2>Trend</h2>\n<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"Score over the last {shown.Count} audits\">\n");
        foreach (var mark in (int[])[0, 50, 100])
        {
            html.Append($"<line x1=\"30\" x2=\"{Width - 20}\" y1=\"{Y(mark)}\" y2=\"{Y(mark)}\" class=\"grid\"/><text x=\"24\" y=\"{Y(mark)}\" class=\"tick\">{mark}</text>\n");
        }

        html.Append($"<polyline points=\"{string.Join(' ', shown.Select((run, at) => $"{X(at)},{Y(run.Score)}"))}\"/>\n");
        for (var at = 0; at < shown.Count; at++)
        {
            html.Append($"<circle cx=\"{X(at)}\" cy=\"{Y(shown[at].Score)}\" r=\"3\"><title>{shown[at].Time.UtcDateTime:yyyy-MM-dd HH:mm} UTC: {shown[at].Score}</title></circle>\n");
        }

        var form = shown[^1].Time - shown[0].Time < TimeSpan.FromDays(2) ? "yyyy-MM-dd HH:mm" : "yyyy-MM-dd";
        string Date(AuditRun run) => run.Time.UtcDateTime.ToString(form, CultureInfo.InvariantCulture);
        html.Append($"<text x=\"30\" y=\"{Height - 4}\" class=\"date\">{Date(shown[0])}</text><text x=\"{Width - 20}\" y=\"{Height - 4}\" class=\"date end\">{Date(shown[^1])}</text>\n</svg></section>\n");
    }

    private static void Contents(ReportInput input, StringBuilder html)
    {
        if (input.Result.Findings.Count == 0)
        {
            return;
        }

        html.Append("<table class=\"contents\"><thead><tr><th>Severity</th><th>Rule</th><th>Places</th></tr></thead><tbody>\n");
        foreach (var rule in input.ByRule)
        {
            html.Append($"<tr><td><span class=\"badge {SeverityName.Of(rule.Severity)}\">{SeverityName.Of(rule.Severity)}</span></td><td><a href=\"#{Anchor(rule)}\">{rule.Rule.Id} {Text(rule.Rule.Name)}</a></td><td>{rule.Findings.Count}</td></tr>\n");
        }

        html.Append("</tbody></table>\n");
    }

    private static void Rule(RuleFindings rule, StringBuilder html)
    {
        html.Append($"""
            <section class="rule" id="{Anchor(rule)}">
            <h2><span class="badge {SeverityName.Of(rule.Severity)}">{SeverityName.Of(rule.Severity)}</span> {Text(rule.Rule.Name)} <small>{rule.Rule.Id}</small></h2>
            <p>{Text(rule.Rule.Why)}</p>
            <p class="fix"><b>What to do</b> {Text(rule.Rule.Fix)} <a href="{Text(rule.Rule.Reference.AbsoluteUri)}" rel="noreferrer">More</a></p>
            <ul class="places">

            """);
        foreach (var finding in rule.Findings.Take(MostPlaces))
        {
            Place(finding, html);
        }

        html.Append("</ul>\n");
        if (rule.Findings.Count > MostPlaces)
        {
            html.Append($"<details><summary>{rule.Findings.Count - MostPlaces} more</summary>\n<ul class=\"places\">\n");
            foreach (var finding in rule.Findings.Skip(MostPlaces))
            {
                Place(finding, html);
            }

            html.Append("</ul></details>\n");
        }

        html.Append("</section>\n");
    }

    private static void Place(Finding finding, StringBuilder html)
    {
        html.Append($"<li><code class=\"place\">{Text(finding.Place.ToString())}</code> <b>{Text(finding.Fault.Subject)}</b>: {Text(finding.Fault.Text)}");
        if (finding.Line is { } line)
        {
            html.Append($"<pre>{Text(line)}</pre>");
        }

        if (finding.Fault.Way.Count > 0)
        {
            html.Append("<ol>");
            foreach (var step in finding.Fault.Way)
            {
                html.Append($"<li>{(step.Place is { } place ? $"<code class=\"place\">{Text(place.ToString())}</code> " : "")}{Text(step.Text)}</li>");
            }

            html.Append("</ol>");
        }

        if (finding.Fault.Mend is { } mend)
        {
            html.Append($"<p class=\"mend\"><b>Mend</b> {Text(mend.Text)}</p>");
            var edits = string.Join('\n', EditText.First(mend));
            if (edits.Length > 0)
            {
                html.Append($"<pre>{Text(edits)}</pre>");
            }
        }

        html.Append("</li>\n");
    }

    private static void Allowed(IReadOnlyList<AllowedFinding> allowed, StringBuilder html)
    {
        if (allowed.Count == 0)
        {
            return;
        }

        html.Append("<section><h2>Allowed</h2>\n<ul class=\"places\">\n");
        foreach (var one in allowed)
        {
            html.Append($"<li><code class=\"place\">{Text(one.Finding.Place.ToString())}</code> {one.Finding.Rule.Id} {Text(one.Finding.Rule.Name)}, by {Text(one.By)}{(one.Reason is { } reason ? $": {Text(reason)}" : "")}</li>\n");
        }

        html.Append("</ul></section>\n");
    }

    private static string Anchor(RuleFindings rule) => $"{rule.Rule.Id}-{SeverityName.Of(rule.Severity)}";

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private const string Style = """
        :root { color-scheme: light dark; --ink: #1b1f24; --faint: #5b6470; --paper: #fff; --panel: #f5f7f9; --edge: #d8dee4; --critical: #a40e26; --high: #c4420d; --medium: #8a6100; --low: #0b5cad; --info: #5b6470; --good: #1a7f37; }
        @media screen and (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --faint: #9aa4b0; --paper: #14171b; --panel: #1d2127; --edge: #363d47; --critical: #ff7b8a; --high: #ff9c6e; --medium: #e3b341; --low: #79b8ff; --info: #9aa4b0; --good: #56d364; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
        main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
        header { display: flex; justify-content: space-between; align-items: center; gap: 2rem; flex-wrap: wrap; }
        h1 { font-size: 1.75rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
        h2 { font-size: 1.15rem; margin: 0 0 .5rem; }
        h2 small, header p, footer, .tick, .date, .of { color: var(--faint); font-weight: normal; }
        p { margin: .4rem 0; }
        a { color: var(--low); }
        .counts { display: flex; gap: .5rem; flex-wrap: wrap; list-style: none; margin: 1rem 0 0; padding: 0; }
        .counts li { border: 1px solid var(--edge); border-left: 4px solid currentColor; border-radius: .4rem; padding: .25rem .75rem; }
        .counts b { font-size: 1.25rem; }
        .none { opacity: .45; }
        .critical { color: var(--critical); } .high { color: var(--high); } .medium { color: var(--medium); } .low { color: var(--low); } .info { color: var(--info); } .good { color: var(--good); }
        .badge { border: 1px solid currentColor; border-radius: 1rem; padding: .05rem .6rem; font-size: .8rem; font-weight: 600; white-space: nowrap; }
        .score { width: 8rem; height: 8rem; }
        .score circle { fill: none; stroke-width: 12; } .score .track { stroke: var(--edge); } .score .arc { stroke: currentColor; stroke-linecap: butt; }
        .score text { text-anchor: middle; fill: currentColor; } .number { font-size: 34px; font-weight: 700; } .of { font-size: 13px; fill: var(--faint) !important; }
        .head { border-left: 3px solid var(--medium); padding-left: .75rem; margin: .75rem 0 0; overflow-wrap: anywhere; }
        section, .contents { margin-top: 2rem; }
        .trend svg { width: 100%; overflow: visible; } .trend polyline { fill: none; stroke: var(--low); stroke-width: 2; } .trend circle { fill: var(--low); } .grid { stroke: var(--edge); }
        .tick, .date { fill: var(--faint); font-size: 11px; } .tick { text-anchor: end; dominant-baseline: middle; } .end { text-anchor: end; }
        table { border-collapse: collapse; width: 100%; } th { text-align: left; color: var(--faint); font-weight: 600; } th, td { padding: .35rem .5rem; border-bottom: 1px solid var(--edge); } td:last-child, th:last-child { text-align: right; }
        .rule { border: 1px solid var(--edge); border-radius: .6rem; padding: 1rem 1.25rem; }
        .fix, .mend { border-left: 3px solid var(--good); padding-left: .75rem; }
        .places { list-style: none; padding: 0; margin: .75rem 0 0; } .places > li { padding: .5rem 0; border-top: 1px solid var(--edge); overflow-wrap: anywhere; }
        code, pre { font: .875rem/1.45 ui-monospace, monospace; } .place { color: var(--faint); }
        pre { background: var(--panel); border-radius: .4rem; padding: .4rem .75rem; margin: .4rem 0; overflow-x: auto; white-space: pre-wrap; }
        summary { cursor: pointer; color: var(--low); padding: .5rem 0; border-top: 1px solid var(--edge); } details .places { margin: 0; }
        footer { margin-top: 3rem; font-size: .85rem; }
        @media (max-width: 40rem) { .tick, .date { font-size: 20px; } }
        @media print {
          :root { color-scheme: light; font-size: 11px; } body { font-size: 1rem; } main { max-width: none; padding: 0; }
          .rule { border: 0; border-top: 1px solid var(--edge); border-radius: 0; padding: .75rem 0; } section, .contents { margin-top: 1.25rem; }
          .places > li, .contents tr, .trend { break-inside: avoid; } h2, h2 + p, .fix { break-after: avoid; } .places > li:first-child { break-before: avoid; }
          a { color: inherit; text-decoration: none; } .fix a::after { content: ": " attr(href); overflow-wrap: anywhere; }
          summary { color: inherit; list-style: none; } summary::after { content: ", which are on paper where they were opened on the screen"; }
        }
        """;
}
