using System.Globalization;
using System.Text;
using System.Xml;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Reports;

/// <summary>An audit as JUnit's XML, for a build server: each topic is a suite, each rule that was asked a test case, and one that found something a failure, or where all of that is less severe than what fails a build, what it printed.</summary>
/// <remarks>The form that Jenkins and GitLab read: github.com/testmoapp/junitxml.</remarks>
internal static class JUnitReport
{
    /// <param name="failsFrom">The least severity that fails; null: none does.</param>
    public static string Write(ReportInput input, IReadOnlyList<AuditRule> asked, Severity? failsFrom)
    {
        var text = new StringBuilder();
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, IndentChars = "  ", NewLineChars = "\n", CheckCharacters = false, OmitXmlDeclaration = true }))
        {
            var broken = input.Result.Findings.ToLookup(static finding => finding.Rule.Id, StringComparer.Ordinal);
            xml.WriteStartElement("testsuites");
            xml.WriteAttributeString("name", "ringfence audit");
            Count(xml, asked, broken, input.Result, failsFrom);
            foreach (var topic in asked.GroupBy(static rule => rule.Topic).OrderBy(static topic => topic.Key))
            {
                xml.WriteStartElement("testsuite");
                xml.WriteAttributeString("name", topic.Key.ToString());
                Count(xml, [.. topic], broken, input.Result, failsFrom);
                xml.WriteAttributeString("timestamp", input.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture));
                foreach (var rule in topic.OrderBy(static rule => rule.Id, StringComparer.Ordinal))
                {
                    Case(xml, rule, [.. broken[rule.Id]], input.Result, failsFrom);
                }

                xml.WriteEndElement();
            }

            if (input.Heads().Any())
            {
                xml.WriteElementString("system-out", Legal(string.Join('\n', input.Heads())));
            }

            xml.WriteEndElement();
        }

        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + text + "\n";
    }

    private static void Case(XmlWriter xml, AuditRule rule, IReadOnlyList<Finding> findings, AuditResult result, Severity? failsFrom)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", $"ringfence.{rule.Topic}");
        xml.WriteAttributeString("name", $"{rule.Id} {rule.Name}");
        var allowed = result.Allowed.Where(one => one.Finding.Rule.Id == rule.Id).Select(static one => $"{one.Finding.Place}: {one.Finding.Fault.Subject}: allowed by {one.By}{(one.Reason is null ? "" : $": {one.Reason}")}").ToList();
        if (result.NotAsked.Contains(rule))
        {
            xml.WriteStartElement("skipped");
            xml.WriteAttributeString("message", Legal(result.NotAskedText!));
            xml.WriteEndElement();
        }

        if (findings.Count > 0)
        {
            var isFailure = findings.Any(finding => finding.Severity >= failsFrom);
            xml.WriteStartElement(isFailure ? "failure" : "system-out");
            if (isFailure)
            {
                xml.WriteAttributeString("type", SeverityName.Of(findings.Max(static finding => finding.Severity)));
                xml.WriteAttributeString("message", Legal($"{findings.Count} {(findings.Count == 1 ? "place" : "places")}: {rule.Why}"));
            }

            xml.WriteString(Legal(string.Join('\n', findings.Select(static finding => $"{finding.Place}: {finding.Fault.Subject}: {finding.Fault.Text}").Append($"What to do: {rule.Fix}"))));
            xml.WriteEndElement();
        }

        if (allowed.Count > 0)
        {
            xml.WriteElementString("system-err", Legal(string.Join('\n', allowed)));
        }

        xml.WriteEndElement();
    }

    private static void Count(XmlWriter xml, IReadOnlyList<AuditRule> rules, ILookup<string, Finding> broken, AuditResult result, Severity? failsFrom)
    {
        xml.WriteAttributeString("tests", rules.Count.ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("failures", rules.Count(rule => broken[rule.Id].Any(finding => finding.Severity >= failsFrom)).ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("skipped", rules.Count(result.NotAsked.Contains).ToString(CultureInfo.InvariantCulture));
    }

    // XML 1.0 has no way to write most control characters and halves of pairs.
    private static string Legal(string text)
    {
        var legal = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            legal.Append(rune.Value is 9 or 10 or 13 or >= 32 and not 0xFFFE and not 0xFFFF ? rune.ToString() : "\uFFFD");
        }

        return legal.ToString();
    }
}
