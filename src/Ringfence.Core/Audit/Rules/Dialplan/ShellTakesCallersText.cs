using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>Text of the caller reaches a shell.</summary>
internal static class ShellTakesCallersText
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1306",
        Name = "callers-text-in-shell",
        Severity = Severity.Critical,
        Why = "System hands its argument to /bin/sh: a caller who chooses his name, a header or what he dials runs commands of his own as the user of Asterisk. So does MixMonitor with what stands behind its second comma, and a comma in the name of its file counts (measured on Asterisk 22: who dials 1,,id runs id, and a caller number may hold one too); and EVAL runs the ${SHELL(...)} in a caller's name.",
        Fix = "Put nothing of the caller into them; where it must be, FILTER(0-9,...) it first, or name recordings by ${UNIQUEID}. Better write to a file or a database from Asterisk itself.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => 100,1,System(echo "${CALLERID(name)}" >> /var/log/callers) ; here
             same => n,Dial(PJSIP/1001,20,b(before^s^1))
            exten => 101,1,Set(X=${SHELL(lookup ${CALLERID(name)})}) ; here
            exten => 104,1,NoOp(${SHELL(id ${CALLERID(name)})}) ; here
             same => n,Hangup()
            exten => h,1,TrySystem(bye ${CALLERID(num)}) ; here
            exten => 103,1,MixMonitor(/var/spool/${CALLERID(name)}.wav,b) ; here
            exten => _2X.,1,MixMonitor(${UNIQUEID}-${EXTEN}.wav) ; here
             same => n,Set(X=${EVAL(${CALLERID(name)})}) ; here
             same => n,MixMonitor(${UNIQUEID}.wav,${PJSIP_HEADER(read,X-Record)}) ; here
             same => n,MixMonitor(a-${CALLERID(num)}.wav,,post ^{MIXMONITOR_FILENAME}) ; here
            exten => 102,1,Set(n=${IF($["${X}"="1"]?${CALLERID(name)}:none)})
             same => n,System(notify ${TOUPPER(${n})}) ; here
            [from-trunk]
            exten => 46,1,MixMonitor(/rec/${CALLERID(num)}-${UNIQUEID}.wav) ; here
             same => n,MixMonitor(${UNIQUEID}.wav,r(${CALLERID(num)})) ; here
             same => n,Set(X=${EVAL(${CALLERID(num)})}) ; here
             same => n,System(notify ${CALLERID(num)}) ; here
            [before]
            exten => s,1,System(ring ${PJSIP_HEADER(read,Subject)}) ; here
             same => n,Return()
            """ + ExamplePeers.PhoneAndTrunk,
        Good = """
            [phones]
            exten => 100,1,System(echo ${FILTER(0-9,${CALLERID(num)})} >> /var/log/callers)
             same => n,Dial(PJSIP/1001)
            exten => h,1,NoOp()
            exten => _2X!,1,Set(CALLERID(num)=${FILTER(0-9+,${CALLERID(num)})})
             same => n,System(/usr/bin/notify ${CALLERID(num)})
            exten => _41XX,1,MixMonitor(${EXTEN}.wav,b)
             same => n,MixMonitor(${UNIQUEID}-${FILTER(0-9,${CALLERID(num)})}.wav,,post ^{MIXMONITOR_FILENAME})
             same => n,Set(X=${EVAL(${DB(text/greeting)})})
            exten => _42.,1,MixMonitor(${UNIQUEID}-${FILTER(0-9,${EXTEN})}.wav,b)
            exten => 300,1,Set(CALLERID(all)="Support" <100>)
             same => n,System(/usr/bin/notify "${CALLERID(name)}")
            exten => 301,1,Set(n=${IF($["${FILTER(0-9,${CALLERID(num)})}"="100"]?vip:normal)})
             same => n,System(/usr/bin/notify ${n})
            exten => 302,1,Set(n=${FILTER(0-9,${CALLERID(num)})})
             same => n,System(/usr/bin/notify ${CUT(n,-,1)} ${IF($["${n}"=""]?anon:${n})})
            exten => 303,1,System(/usr/bin/notify ${TOUPPER(${MD5(${CALLERID(name)})})} ${CALLERIDNUM})
            [named]
            exten => 100,1,System(echo "${CALLERID(name)}" >> /var/log/callers)
            ;;; pjsip.conf
            [1001]
            type = endpoint
            context = phones
            [1002]
            type = endpoint
            context = named
            callerid = "Alice" <1002>
            """,
        Reference = new Uri("https://github.com/asterisk/asterisk/blob/master/README-SERIOUSLY.bestpractices.md"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from found in CallEntries.Of(pbx).Injections().Where(static injection => injection.Into is InjectionKind.Shell or InjectionKind.Recording or InjectionKind.RecordingOptions or InjectionKind.Expansion)
            .DistinctBy(static injection => injection.Way.Step.Priority.Place)
        select new Fault(found.Way.Step.Priority.Place, $"context {Shown.Text(found.Way.Step.Context)}", $"{Shown.Text(found.Example)} is the caller's text, and {Told(found)}")
        {
            Way = ToldCall.Way(found.Way),
        };

    private static string Told(PlanInjection found) => found.Into switch
    {
        InjectionKind.Shell => $"{Shown.Text(found.Application)} gives it to a shell",
        InjectionKind.Expansion => "EVAL runs the functions in it, SHELL among them",
        _ => $"{Shown.Text(found.Application)} runs as a command what stands behind a comma in it",
    };
}
