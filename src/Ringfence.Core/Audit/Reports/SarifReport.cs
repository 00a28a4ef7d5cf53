using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Reports;

/// <summary>An audit as SARIF 2.1.0, which code hosts show beside the lines.</summary>
/// <remarks>OASIS, Static Analysis Results Interchange Format 2.1.0. Files are relative to Asterisk's directory (originalUriBaseIds says so).</remarks>
internal static class SarifReport
{
    private const string Base = "ASTERISK";

    // What stands in a report is text in a file, and is not put into a page as it is.
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(ReportInput input, IReadOnlyList<AuditRule> asked, string directory)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
            json.WriteString("version", "2.1.0");
            json.WriteStartArray("runs");
            json.WriteStartObject();
            Tool(json, input, asked);
            json.WriteStartObject("originalUriBaseIds");
            json.WriteStartObject(Base);
            json.WriteString("uri", new Uri($"file://{directory.TrimEnd('/')}/").AbsoluteUri);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteString("columnKind", "utf16CodeUnits");
            Invocation(json, input);
            json.WriteStartArray("results");
            var places = asked.Select(static (rule, at) => (rule.Id, at)).ToDictionary(static pair => pair.Id, static pair => pair.at, StringComparer.Ordinal);
            foreach (var finding in input.Result.Findings)
            {
                Result(json, finding, places[finding.Rule.Id], null);
            }

            foreach (var allowed in input.Result.Allowed)
            {
                Result(json, allowed.Finding, places[allowed.Finding.Rule.Id], allowed);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private static void Invocation(Utf8JsonWriter json, ReportInput input)
    {
        json.WriteStartArray("invocations");
        json.WriteStartObject();
        json.WriteBoolean("executionSuccessful", true);
        json.WriteStartArray("toolExecutionNotifications");
        foreach (var head in input.Heads())
        {
            json.WriteStartObject();
            json.WriteString("level", "note");
            Text(json, "message", head);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void Tool(Utf8JsonWriter json, ReportInput input, IReadOnlyList<AuditRule> asked)
    {
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", "ringfence");
        json.WriteString("version", input.Program);
        json.WriteStartArray("rules");
        foreach (var rule in asked)
        {
            json.WriteStartObject();
            json.WriteString("id", rule.Id);
            json.WriteString("name", rule.Name);
            Text(json, "shortDescription", rule.Why);
            Text(json, "help", rule.Fix);
            json.WriteString("helpUri", rule.Reference.AbsoluteUri);
            json.WriteStartObject("defaultConfiguration");
            json.WriteString("level", Level(rule.Severity));
            json.WriteEndObject();
            json.WriteStartObject("properties");
            // GitHub's scale for what is about security: critical from 9, high from 7, medium from 4.
            json.WriteString("security-severity", rule.Severity switch
            {
                Severity.Critical => "9.5",
                Severity.High => "8.0",
                Severity.Medium => "5.5",
                Severity.Low => "3.0",
                _ => "0.0",
            });
            json.WriteStartArray("tags");
            json.WriteStringValue("security");
            json.WriteStringValue(rule.Topic.ToString());
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Result(Utf8JsonWriter json, Finding finding, int rule, AllowedFinding? allowed)
    {
        json.WriteStartObject();
        json.WriteString("ruleId", finding.Rule.Id);
        json.WriteNumber("ruleIndex", rule);
        json.WriteString("level", Level(finding.Severity));
        Text(json, "message", $"{finding.Fault.Subject}: {finding.Fault.Text}. {Cure(finding)}");
        json.WriteStartArray("locations");
        Location(json, finding.Place, null);
        json.WriteEndArray();
        if (finding.Fault.Way.Any(static step => step.Place is not null))
        {
            json.WriteStartArray("codeFlows");
            json.WriteStartObject();
            json.WriteStartArray("threadFlows");
            json.WriteStartObject();
            json.WriteStartArray("locations");
            foreach (var step in finding.Fault.Way.Where(static step => step.Place is not null))
            {
                json.WriteStartObject();
                json.WritePropertyName("location");
                Location(json, step.Place!.Value, step.Text);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteStartObject("partialFingerprints");
        json.WriteString("ringfence/v1", $"{finding.Rule.Id}:{finding.Place.File}:{finding.Fault.Subject}");
        json.WriteEndObject();
        if (allowed is not null)
        {
            json.WriteStartArray("suppressions");
            json.WriteStartObject();
            json.WriteString("kind", allowed.By == Auditor.ByConfiguration ? "external" : "inSource");
            if (allowed.Reason is { } reason)
            {
                json.WriteString("justification", reason);
            }

            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    // A mend is told as a part of a sentence, a rule's cure as one of its own.
    private static string Cure(Finding finding) => finding.Fault.Mend is { Text: [var first, ..] text } ? $"Mend: {char.ToUpperInvariant(first)}{text[1..]}." : finding.Rule.Fix;

    private static void Location(Utf8JsonWriter json, Place place, string? message)
    {
        json.WriteStartObject();
        json.WriteStartObject("physicalLocation");
        json.WriteStartObject("artifactLocation");
        var isRelative = !place.File.StartsWith('/');
        json.WriteString("uri", isRelative ? string.Join('/', place.File.Split('/').Select(Uri.EscapeDataString)) : new Uri("file://" + string.Join('/', place.File.Split('/').Select(Uri.EscapeDataString))).AbsoluteUri);
        if (isRelative)
        {
            json.WriteString("uriBaseId", Base);
        }

        json.WriteEndObject();
        if (place.Line > 0)
        {
            json.WriteStartObject("region");
            json.WriteNumber("startLine", place.Line);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        if (message is not null)
        {
            Text(json, "message", message);
        }

        json.WriteEndObject();
    }

    private static void Text(Utf8JsonWriter json, string name, string text)
    {
        json.WriteStartObject(name);
        json.WriteString("text", text);
        json.WriteEndObject();
    }

    private static string Level(Severity severity) => severity switch
    {
        Severity.Critical or Severity.High => "error",
        Severity.Medium => "warning",
        _ => "note",
    };
}
