using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>Whoever was parked may transfer himself once he is picked up.</summary>
internal static class ParkedCallersTransfer
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1570",
        Name = "parked-callers-transfer",
        Severity = Severity.Medium,
        // Measured on 22.10.1: with callee and with both a caller who had been parked typed the transfer key and 555 once he was picked up, and the colleague's call went on to 555; with caller and no nothing happened.
        Why = "A parked call is a caller from outside as a rule. With callee or both he has the transfer keys as soon as somebody picks him up: he types a number abroad, and whoever picked him up calls there over your trunk. parkedcallreparking gives him the parking key likewise.",
        Fix = "Leave the option out, or write caller: then the colleague who picks up has the keys.",
        ExampleFile = "res_parking.conf",
        Bad = """
            [general]
            [default]
            parkext = 700
            parkpos = 701-720
            parkedcalltransfers = both ; here
            """,
        Good = """
            [general]
            [default]
            parkext = 700
            parkpos = 701-720
            parkedcalltransfers = caller
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Features/Call-Parking/"),
        Topic = AuditTopic.Asterisk,
        Check = Check,
    };

    // callee is the call that comes out of the lot, caller the one that takes it out.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from lot in ModulesConf.LeavesOut(pbx, "res_parking") ? [] : pbx.Config("res_parking.conf").Sections
        where lot.Name != "general"
        from option in (string[])["parkedcalltransfers", "parkedcallreparking"]
        let setting = lot.Find(option)
        where setting is not null && setting.Value.Trim().ToLowerInvariant() is "callee" or "both"
        select new Fault(setting.Place, $"parking lot {Shown.Text(lot.Name)}", option == "parkedcalltransfers" ? "a caller who was parked may transfer himself" : "a caller who was parked may park the one who picked him up")
        {
            Severity = option == "parkedcalltransfers" ? null : Severity.Low,
            Mend = new Mend($"let only those who pick up have the keys ({option})", OptionEdit.Set(lot, option, setting.Value.Trim().Equals("both", StringComparison.OrdinalIgnoreCase) ? "caller" : "no")),
        };
}
