using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>Two objects of one type and name.</summary>
internal static class DuplicateObject
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1108",
        Name = "duplicate-object",
        Severity = Severity.High,
        // Measured on 22.10.1: "configuration contains a duplicate object: 'dup' of type 'endpoint'", and pjsip list endpoints was empty.
        Why = "When two objects of one type have the same name, Asterisk loads no object of that type at all: no endpoint, or no auth, of the whole file. After a reload the old ones stay, so it shows at the next restart.",
        Fix = "Remove or rename one of the two, or make the second an addition to the first: [1001](+). On a FreePBX look for the same section in a generated file and in one whose name ends in _custom.",
        Bad = """
            [1001]
            type = endpoint
            context = from-internal
            [1001]
            type = aor
            [1002]
            type = endpoint
            [1001] ; here
            type = endpoint
            context = from-trunk
            """,
        Good = """
            [1001]
            type = endpoint
            context = from-internal
            [1001]
            type = aor
            [1001](+type=endpoint)
            language = de
            [Trunk]
            type = endpoint
            [trunk]
            type = endpoint
            """,
        Reference = new Uri("https://docs.asterisk.org/Fundamentals/Asterisk-Configuration/Asterisk-Configuration-Files/Config-File-Format/"),
        Topic = AuditTopic.Options,
        Check = Check,
    };

    // The wizard's objects lie beside those of the file. One that is refused is not there to be met again.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from found in pbx.Pjsip.All
        where !found.IsFromWizard && !RefusedObject.IsCertain(pbx, found)
        group found by (found.Type, found.Name) into same
        from second in same.Skip(1)
        select new Fault(second.Place, $"{second.Type} {Shown.Text(second.Name)}", $"{second.Type} {Shown.Text(second.Name)} stands at {same.First().Place} already: Asterisk loads no {second.Type} at all");
}
