using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Logging;

/// <summary>A caller's text that goes unquoted into a table of calls.</summary>
internal static class CdrUnquoted
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1509",
        Name = "cdr-unquoted",
        Severity = Severity.Medium,
        Why = "A caller's name or number with a comma or a quote adds columns of its own to this file, and what counts calls or money from it reads the caller's words.",
        Fix = "Wrap each value in CSV_QUOTE: ${CSV_QUOTE(${CDR(clid)})}.",
        ExampleFile = "cdr_custom.conf",
        Bad = """
            [mappings]
            Custom.csv => ${CDR(clid)},${CDR(src)},${CSV_QUOTE(${CDR(start)})} ; here
            """,
        Good = """
            [mappings]
            Custom.csv => ${CSV_QUOTE(${CDR(clid)})},${CSV_QUOTE(${CDR(src)})},${CDR(duration)}
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Dialplan_Functions/CSV_QUOTE/"),
        Topic = AuditTopic.Logging,
        Check = Check,
    };

    // What comes from outside; numbers and times of Asterisk's own need no quotes.
    private static readonly string[] Callers = ["${CDR(clid)}", "${CDR(src)}", "${CDR(dst)}", "${CDR(userfield)}", "${CDR(accountcode)}", "${CDR(lastdata)}", "${CALLERID(name)}", "${CALLERID(num)}", "${CALLERID(ANI)}"];

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from file in (string[])["cdr_custom.conf", "cel_custom.conf"]
        from mapping in pbx.Config(file).Named("mappings").SelectMany(static section => section.Settings)
        let open = Callers.Where(field => HasUnquoted(mapping.Value, field)).ToList()
        where open.Count > 0
        select new Fault(mapping.Place, $"mapping {Shown.Text(mapping.Name)}", $"{string.Join(", ", open)} {(open.Count == 1 ? "is" : "are")} written as the caller sent it");

    private static bool HasUnquoted(string text, string field)
    {
        const string Quote = "CSV_QUOTE(";
        for (var at = text.IndexOf(field, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(field, at + field.Length, StringComparison.OrdinalIgnoreCase))
        {
            // Another function around it (FILTER, REPLACE) may do as much: only a field that stands alone is sure.
            var isAlone = at == 0 || text[at - 1] is ',' or '"' or ';' or '\t' or ' ' or '\'';
            if (isAlone && !text[..at].EndsWith(Quote, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
