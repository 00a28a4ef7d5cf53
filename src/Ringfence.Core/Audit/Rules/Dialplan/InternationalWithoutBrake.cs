using Ringfence.Core.Audit.Rules.Options;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>A phone calls abroad without a PIN, a limit or a check.</summary>
internal static class InternationalWithoutBrake
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1303",
        Name = "abroad-without-brake",
        Severity = Severity.Medium,
        Why = "Whoever guesses the password of one phone, or sits at it, calls the most expensive numbers of the world for hours: nothing on the way asks for a PIN, ends the call after a time or asks a program.",
        Fix = "Leave calls abroad out of the context of phones that need none; elsewhere put a PIN of each user (VMAuthenticate, or Authenticate with a file) before them, and Set(TIMEOUT(absolute)=3600) before the Dial.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => _00.,1,Dial(PJSIP/${EXTEN}@trunk) ; here
            exten => _0Z.,1,Dial(PJSIP/${EXTEN}@trunk)
            exten => _9.,1,Dial(PJSIP/00${EXTEN:1}@trunk) ; here
            """ + ExamplePeers.PhoneAndTrunk,
        Good = """
            [phones]
            exten => _00.,1,VMAuthenticate()
             same => n,Set(TIMEOUT(absolute)=3600)
             same => n,Dial(PJSIP/${EXTEN}@trunk)
            exten => _0ZXXXX!,1,Dial(PJSIP/+49${FILTER(0-9,${EXTEN:1})}@trunk)
            exten => _[2-9]XXXXXX,1,Dial(PJSIP/+4930${EXTEN}@trunk)
            exten => _8ZXXXXXXX,1,Dial(PJSIP/0044${EXTEN:1}@trunk)
            """ + ExamplePeers.PhoneAndTrunk,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Dialplan/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from entry in CallEntries.Of(pbx).Phones()
        from way in CallEntries.Of(pbx).Reach(entry.Context).Trunks(CallEntries.Of(pbx).International).Where(static exit => exit.IsCertain && exit.Brakes.IsEmpty && exit.Number.Inputs.Count > 0 && !CountryCode.IsOfTheLine(exit.Number)).DistinctBy(static exit => exit.Place)
        group (entry, way) by way.Place into same
        let first = same.First()
        select new Fault(same.Key, $"context {Shown.Text(first.way.Way.Step.Context)}",
            $"a phone in context {string.Join(", ", same.Select(static one => Shown.Text(one.entry.Context)).Distinct().Take(3))} that {ToldCall.Dialled(first.way)} calls {Shown.Text(first.way.Sent() ?? "abroad")} with no brake on the way")
        {
            Way = ToldCall.Way(first.way.Way),
            Mend = GeneratedFiles.Of(pbx, "extensions.conf").Count > 0
                ? new Mend("in FreePBX: Connectivity > Outbound Routes, a route for 00 and + of its own with a Route Password or a PIN Set, and no such pattern in the others; then Apply Config")
                : null,
        };
}
