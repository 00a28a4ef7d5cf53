using Ringfence.Core.Audit.Rules.Options;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>Text of the caller ends the application in ExecIf and names another.</summary>
internal static class ExecIfTakesCallersText
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1324",
        Name = "callers-text-in-execif",
        Severity = Severity.High,
        Why = "ExecIf looks for the colon before its second application when the variables are put in already: whoever calls with the name x):System(...) has that run where the condition does not hold (measured on Asterisk 22). With System he runs commands as the user of Asterisk.",
        Fix = "Put nothing of the caller into ExecIf: FILTER the text into a variable first, or jump over a line of its own with GotoIf. A condition takes no such text either (RF1329).",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => 100,1,ExecIf($["${CALLERID(num)}" = "anonymous"]?Set(NAME=${CALLERID(name)})) ; here
             same => n,Dial(PJSIP/1001)
            exten => _0.,1,ExecIf($["${DB(log/all)}" = "1"]?Log(NOTICE,${EXTEN})) ; here
            """ + ExamplePeers.Phone,
        Good = """
            [phones]
            exten => 100,1,GotoIf($["${FILTER(a-z,${CALLERID(num)})}" != "anonymous"]?known)
             same => n,Set(NAME=${CALLERID(name)})
             same => n(known),Dial(PJSIP/1001)
            exten => _0XXX,1,ExecIf($["${DB(log/all)}" = "1"]?Log(NOTICE,${EXTEN}))
            exten => _1.,1,ExecIf($["${DB(log/all)}" = "1"]?Log(NOTICE,${FILTER(0-9,${EXTEN})}))
            exten => _2.,1,ExecIf($[1 = 1]?Log(NOTICE,${EXTEN}))
            exten => 300,1,ExecIf($[${LEN(${CALLERID(name)})} = 0]?Set(CALLERID(name)=nobody))
            exten => 400,1,ExecIf($[${LEN(${CALLERID(num)})}]?Set(FROM=${CALLERID(num)}))
            """ + ExamplePeers.Phone,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Dialplan_Applications/ExecIf/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var generated = GeneratedFiles.Of(pbx, "extensions.conf");
        var found = CallEntries.Of(pbx).Injections().Where(static injection => injection.Into == InjectionKind.Application && !IsTrueOfAnyText(injection.Way.Step.Priority)).ToList();
        var own = from injection in found
                  let place = injection.Way.Step.Priority.Place
                  where !generated.Contains(place.File)
                  select new Fault(place, $"context {Shown.Text(injection.Way.Step.Context)}", $"the caller's own text goes into {Shown.Text(injection.Application)} as it is: {Shown.Text(injection.Example)}")
                  {
                      Way = ToldCall.Way(injection.Way),
                  };
        var vendors = found.Select(static injection => injection.Way.Step.Priority.Place).Where(place => generated.Contains(place.File));
        return own.Concat(Vendors(pbx, [.. vendors], generated));
    }

    // Measured on 22.10.1: the length of a text that ends the application and names another is not 0; with an offset behind it (x):9:System) ExecIf finds no application of that name, and the call ends.
    private static bool IsTrueOfAnyText(PlanPriority priority) =>
        priority.Is("ExecIf") && CallArguments.Cut(priority.Arguments, '?') is (var condition, { } branches)
        && condition.Trim() is ['$', '[', .., ']'] whole && whole[2..^1].Trim() is var inner && inner.StartsWith("${LEN(", StringComparison.Ordinal) && inner.EndsWith(")}", StringComparison.Ordinal)
        && branches.Contains(inner[6..^2], StringComparison.Ordinal) && branches.Replace(inner[6..^2], "", StringComparison.Ordinal).IndexOf("${", StringComparison.Ordinal) < 0;

    // What FreePBX writes its owner can't change, and it writes one line for each number: told once. Measured on 22.10.1 with its lines: of Inbound Routes, From: "Bob" <sip:x)%3AVerbose(1)@...>
    // ran Verbose; of macro-dialout-trunk (CONNECTEDLINE of the dialled number), 00x):Verbose(1) of a phone whose extension has no name did. Behind the context below neither did.
    private static IEnumerable<Fault> Vendors(PbxSnapshot pbx, IReadOnlyList<Place> followed, IReadOnlySet<string> generated)
    {
        var entries = CallEntries.Of(pbx);
        var plan = Plan.Of(pbx);
        List<Place> Inbound(IEnumerable<CallEntry> callers) =>
        [
            .. from context in callers.Select(static entry => entry.Context).Distinct(StringComparer.Ordinal).SelectMany(entry => plan.Visits(entry)).Select(static visit => visit.Context).Distinct()
               from extension in context.Extensions
               from priority in extension.Priorities
               where generated.Contains(priority.Place.File) && priority.Is("ExecIf") && IsOfInboundRoute(priority.Arguments)
               select priority.Place,
        ];
        var incoming = generated.Count == 0 ? [] : Inbound(entries.Incoming());
        var strangers = generated.Count == 0 ? [] : Inbound(entries.Strangers());
        IReadOnlyList<Place> places = [.. strangers.Concat(incoming).Concat(followed).Distinct()];
        if (places.Count == 0)
        {
            return [];
        }

        // Its context for strangers goes on to the trunks' where the setting says so.
        var isOpen = strangers.Count > 0 || (incoming.Count > 0 && entries.Strangers().Any() && plan.Globals.GetValueOrDefault("ALLOW_SIP_ANON") is "yes");
        return
        [
            ManyPlaces.One(places, "FreePBX's dialplan", incoming.Count + strangers.Count > 0
                ? "FreePBX puts a caller's number into ExecIf as it came: who calls in with a name and with the number x):System(...) has that run"
                : "FreePBX puts a text of the caller into ExecIf as it came") with
            {
                Severity = isOpen ? Severity.High : incoming.Count > 0 ? Severity.Medium : Severity.Low,
                Mend = OwnContext.Mend(pbx),
            },
        ];
    }

    private static bool IsOfInboundRoute(string arguments) =>
        arguments.Replace(" ", "", StringComparison.Ordinal).Replace("number", "num", StringComparison.Ordinal) is "$[\"${CALLERID(name)}\"=\"\"]?Set(CALLERID(name)=${CALLERID(num)})";
}
