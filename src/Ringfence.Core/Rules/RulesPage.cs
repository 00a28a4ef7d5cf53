using System.Text;

namespace Ringfence.Core.Rules;

/// <summary>docs/rules.md: every rule on one page.</summary>
internal static class RulesPage
{
    /// <param name="kinds">Each under its heading.</param>
    public static string Markdown(IReadOnlyList<(string Heading, string Introduction, IReadOnlyList<RuleInfo> Rules)> kinds)
    {
        var page = new StringBuilder("""
            # The rules

            `ringfence explain ID` tells one of them whole: why, what to do, what it fires on and what it lets pass (the tests run both), and where to read more.

            <!-- Made from the rules' own files by RINGFENCE_UPDATE=1 ./test; don't edit. -->

            """);
        foreach (var (heading, introduction, rules) in kinds)
        {
            page.Append($"\n## {heading}\n\n{introduction}\n\n| id | name | severity | why | what to do |\n|---|---|---|---|---|\n");
            foreach (var rule in rules.OrderBy(static rule => rule.Id, StringComparer.Ordinal))
            {
                page.Append($"| {rule.Id} | [{rule.Name}]({rule.Reference}) | {SeverityName.Of(rule.Severity)} | {Cell(rule.Why)} | {Cell(rule.Fix)} |\n");
            }
        }

        return page.ToString();
    }

    private static string Cell(string text) => text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
