using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>A call abroad asks for a PIN, and then may last for days.</summary>
internal static class AbroadWithoutTimeLimit
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1318",
        Name = "abroad-without-time-limit",
        Severity = Severity.Low,
        Why = "A PIN that was overheard or guessed opens a line that nothing closes again: one call that stays up over a weekend costs what a hundred short ones do.",
        Fix = "Put Set(TIMEOUT(absolute)=3600) before the Dial, or L(3600000) into its options.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => _00.,1,VMAuthenticate()
             same => n,Dial(PJSIP/${EXTEN}@trunk) ; here
            """ + ExamplePeers.PhoneAndTrunk,
        Good = """
            [phones]
            exten => _00.,1,VMAuthenticate()
             same => n,Set(TIMEOUT(absolute)=3600)
             same => n,Dial(PJSIP/${EXTEN}@trunk)
            """ + ExamplePeers.PhoneAndTrunk,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Dialplan_Functions/TIMEOUT/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    // A program on the way (a gate) may set a limit of its own.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from entry in CallEntries.Of(pbx).Phones()
        from way in CallEntries.Of(pbx).Reach(entry.Context).Trunks(CallEntries.Of(pbx).International)
            .Where(static exit => exit.IsCertain && exit.Number.Inputs.Count > 0 && !CountryCode.IsOfTheLine(exit.Number) && !exit.Brakes.IsEmpty && exit.Brakes.All(static brake => brake.Kind == BrakeKind.Pin)).DistinctBy(static exit => exit.Place)
        group (entry, way) by way.Place into same
        let first = same.First()
        select new Fault(same.Key, $"context {Shown.Text(first.way.Way.Step.Context)}",
            $"a phone in context {Shown.Text(first.entry.Context)} that {ToldCall.Dialled(first.way)} gives a PIN and calls {Shown.Text(first.way.Sent() ?? "abroad")} for as long as it likes")
        {
            Way = ToldCall.Way(first.way.Way),
        };
}
