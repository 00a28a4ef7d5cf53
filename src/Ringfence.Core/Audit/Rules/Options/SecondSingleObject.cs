using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>More than one global or system object.</summary>
internal static class SecondSingleObject
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1109",
        Name = "second-single-object",
        Severity = Severity.Medium,
        // Measured on 22.10.1: "At most one pjsip.conf type=global object can be defined.  You have 2 defined."
        Why = "There can be only one object of type global and one of type system. With two Asterisk complains, and which settings hold is left to chance.",
        Fix = "Put the settings of both into one section.",
        Bad = """
            [global]
            type = global
            user_agent = pbx
            [global-extra] ; here
            type = global
            max_forwards = 70
            """,
        Good = """
            [global]
            type = global
            user_agent = pbx
            max_forwards = 70
            [system]
            type = system
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/PJSIP-Configuration-Sections-and-Relationships/"),
        Topic = AuditTopic.Options,
        Check = Check,
    };

    // Of the same name they are duplicates, which another rule tells.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from found in pbx.Pjsip.All
        where found.Kind is { IsSingle: true }
        group found by found.Type into same
        from second in same.DistinctBy(static found => found.Name).Skip(1)
        select new Fault(second.Place, $"{second.Type} {Shown.Text(second.Name)}", $"{second.Type} stands at {same.First().Place} already, and there can be only one");
}
