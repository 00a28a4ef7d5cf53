using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>Callers from outside reach a trunk by what they type.</summary>
internal static class CallersTypeThemselvesOut
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1301",
        Name = "callers-type-themselves-out",
        Severity = Severity.Critical,
        Why = "A caller from outside hears a prompt (a menu, DISA, voicemail) and reaches an outside line from there by typing, without a secret: the call that follows is paid by you.",
        Fix = "Let the menu stand in a context that includes nothing but what callers may choose; put Authenticate, or DISA with a password, before every outside line. A caller ID is no secret: it may ring another phone, but open no line.",
        ExampleFile = "extensions.conf",
        Bad = """
            [from-trunk]
            exten => 4930123,1,Answer()
             same => n,Background(welcome)
             same => n,WaitExten(5)
            include => out
            [out]
            exten => _00.,1,NoOp() ; what is delivered comes to this line too
             same => n,Dial(PJSIP/${EXTEN}@trunk)
            ;;; pjsip.conf
            [trunk]
            type = endpoint
            context = from-trunk ; here
            aors = trunk
            [trunk]
            type = aor
            contact = sip:203.0.113.10
            [trunk]
            type = identify
            endpoint = trunk
            match = 203.0.113.10
            """,
        Good = """
            [from-trunk]
            exten => 4930123,1,Answer()
             same => n,Background(welcome)
             same => n,WaitExten(5)
            exten => 1,1,Dial(PJSIP/1001)
            [out]
            exten => _00.,1,Dial(PJSIP/${EXTEN}@trunk)
            """ + ExamplePeers.Trunk,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Dialplan/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from way in OpenWays.Typed(CallEntries.Of(pbx))
        let exit = way.Exit
        select new Fault(way.Entry.Place, $"context {Shown.Text(way.Entry.Context)}",
            $"{way.Entry.Who} reaches the trunk {Shown.Text(exit.Resource ?? exit.Technology)}: who {ToldCall.Dialled(exit)} has {Shown.Text(exit.Sent() ?? "a number")} called{ToldCall.Kept(way.Shows)}")
        {
            Severity = way.Shows.Count > 0 || exit.Parts.Count > 0 ? Severity.High : null,
            Way = ToldCall.Way(exit.Way),
        };
}
