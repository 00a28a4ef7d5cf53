using Ringfence.Core.Audit;
using Ringfence.Core.Configuration;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Gate;
using Ringfence.Core.Numbers;
using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Audit;

/// <summary>A dialplan of the shape that FreePBX 17 writes: routes that run through subroutines which decide names, recording and limits before a trunk is called. None of that keeps a phone from calling abroad, and a PIN does.</summary>
public sealed class FreePbxTreeTests
{
    private const string Peers = """
        [100]
        type = endpoint
        context = from-internal
        [provider]
        type = endpoint
        context = from-pstn
        aors = provider
        outbound_auth = provider
        [provider]
        type = aor
        contact = sip:203.0.113.10
        [provider]
        type = registration
        endpoint = provider

        """;

    private const string Subroutines = """
        [macro-user-callerid]
        exten => s,1,Set(TOUCH_MONITOR=${UNIQUEID})
         same => n,Set(AMPUSER=${IF($["${AMPUSER}" = ""]?${CALLERID(number)}:${AMPUSER})})
         same => n,GotoIf($["${CUT(CHANNEL,@,2):5:5}" = "queue" | ${LEN(${AMPUSERCIDNAME})}]?report)
         same => n,ExecIf($["${REALCALLERIDNUM:1:2}" = ""]?Set(REALCALLERIDNUM=${CALLERID(number)}))
         same => n,Set(AMPUSER=${DB(DEVICE/${REALCALLERIDNUM}/user)})
         same => n,GotoIf($["${AMPUSER}" = "none"]?limit)
         same => n,Set(AMPUSERCIDNAME=${DB(AMPUSER/${AMPUSER}/cidname)})
         same => n,Set(CALLERID(all)="${AMPUSERCIDNAME}" <${AMPUSER}>)
         same => n,GotoIf($["${ARG1}" = "LIMIT" & ${DB_EXISTS(AMPUSER/${AMPUSER}/concurrency_limit)} & ${GROUP_COUNT(${AMPUSER}@concurrency_limit)} >= ${DB(AMPUSER/${AMPUSER}/concurrency_limit)}]?limit)
         same => n(report),GotoIf($["${ARG1}" = "SKIPTTL" | "${ARG1}" = "LIMIT"]?continue)
         same => n,Set(__TTL=${IF($["foo${TTL}" = "foo"]?64:$[${TTL} - 1])})
         same => n,GotoIf($[${TTL} > 0]?continue)
         same => n(limit),Answer()
         same => n,Playback(beep)
         same => n,Hangup()
         same => n(continue),Set(CALLERID(number)=${CALLERID(number):0:40})
         same => n,Return()
        [sub-record-check]
        exten => s,1,GotoIf($[${LEN(${FROMEXTEN})}]?initialized)
         same => n,Set(__REC_STATUS=INITIALIZED)
         same => n,Set(__FROMEXTEN=${IF($[${LEN(${AMPUSER})}]?${AMPUSER}:unknown)})
         same => n(initialized),ExecIf($[!${LEN(${ARG3})}]?Set(ARG3=dontcare))
         same => n,GotoIf($[${DIALPLAN_EXISTS(sub-record-check,${ARG1})}]?sub-record-check,${ARG1},1)
         same => n,Return()
        exten => out,1,Set(RECMODE=${DB(AMPUSER/${FROMEXTEN}/recording/out/external)})
         same => n,ExecIf($[!${LEN(${RECMODE})} | "${RECMODE}" = "dontcare"]?Goto(routewins))
         same => n,Gosub(recordcheck,1(${RECMODE},out,${ARG2}))
         same => n,Return()
         same => n(routewins),Gosub(recordcheck,1(${ARG3},out,${ARG2}))
         same => n,Return()
        exten => recordcheck,1,Goto(${ARG1})
         same => n(dontcare),Return()
         same => n(force),Set(__REC_POLICY_MODE=FORCE)
         same => n,Return()
         same => n(never),Set(__REC_POLICY_MODE=NEVER)
         same => n,Return()
        [sub-pincheck]
        exten => s,1,Authenticate(${ARG3})
         same => n,Return()
        [macro-outbound-callerid]
        exten => s,1,GotoIf($["${KEEPCID}" != "TRUE"]?normcid)
         same => n,Set(USEROUTCID=${REALCALLERIDNUM})
         same => n(normcid),Set(USEROUTCID=${DB(AMPUSER/${AMPUSER}/outboundcid)})
         same => n,ExecIf($[${LEN(${USEROUTCID})} != 0]?Set(CALLERID(all)=${USEROUTCID}))
         same => n,ExecIf($[${LEN(${TRUNKCIDOVERRIDE})} != 0]?Set(CALLERID(all)=${TRUNKCIDOVERRIDE}))
         same => n,Return()
        [macro-dialout-trunk]
        exten => s,1,Set(DIAL_TRUNK=${ARG1})
         same => n,GosubIf($[$["${ARG3}" != ""] & $["${DB(AMPUSER/${AMPUSER}/pinless)}" != "NOPASSWD"]]?sub-pincheck,s,1(${ARG1},${ARG2},${ARG3}))
         same => n,GotoIf($["x${OUTDISABLE_${DIAL_TRUNK}}" = "xon"]?disabletrunk,1)
         same => n,Set(DIAL_NUMBER=${ARG2})
         same => n,GotoIf($["${OUTMAXCHANS_${DIAL_TRUNK}}foo" = "foo"]?nomax)
         same => n,GotoIf($[${GROUP_COUNT(OUT_${DIAL_TRUNK})} >= ${OUTMAXCHANS_${DIAL_TRUNK}}]?chanfull)
         same => n(nomax),GotoIf($["${INTRACOMPANYROUTE}" = "YES"]?skipoutcid)
         same => n,Gosub(macro-outbound-callerid,s,1(${DIAL_TRUNK}))
         same => n(skipoutcid),Set(OUTNUM=${OUTPREFIX_${DIAL_TRUNK}}${DIAL_NUMBER})
         same => n,ExecIf($["${MOHCLASS}" != "default" & "${MOHCLASS}" != ""]?Set(DIAL_TRUNK_OPTIONS=m(${MOHCLASS})${DIAL_TRUNK_OPTIONS}))
         same => n,ExecIf($["${DB(AMPUSER/${AMPUSER}/cidname)}" != ""]?Set(CONNECTEDLINE(num,i)=${DIAL_NUMBER}))
         same => n,Dial(${OUT_${DIAL_TRUNK}}/${OUTNUM}${OUT_${DIAL_TRUNK}_SUFFIX},300,${DIAL_TRUNK_OPTIONS})
         same => n,GotoIf($["${ARG4}" = "on"]?continue,1:s-${DIALSTATUS},1)
         same => n(chanfull),Return()
        exten => _s-.,1,Return()
        exten => continue,1,Return()
        exten => disabletrunk,1,Return()

        """;

    [Theory]
    [InlineData("", "", "RF1303", true)]
    [InlineData("4711", "", "RF1303", false)]
    [InlineData("", "", "RF1305", true)]
    [InlineData("4711", "", "RF1326", true)]
    [InlineData("", "", "RF1326", false)]
    [InlineData("", "", "RF1302", false)]
    [InlineData("", "include => from-internal", "RF1302", true)]
    [InlineData("4711", "include => from-internal", "RF1302", false)]
    public void A_route_abroad_is_found_and_a_PIN_before_it_counts(string pin, string included, string rule, bool isFound)
    {
        var files = $"""
            {Peers}
            ;;; extensions.conf
            [globals]
            OUT_1 = PJSIP
            OUT_1_SUFFIX = @provider
            OUTMAXCHANS_1 =
            [from-internal]
            exten => 100,1,Dial(PJSIP/100)
            include => outrt-1
            [from-pstn]
            exten => 4930123,1,Dial(PJSIP/100)
            {included}
            [outrt-1]
            exten => _00.,1,Gosub(macro-user-callerid,s,1(LIMIT,EXTERNAL,))
             same => n,Gosub(sub-record-check,s,1(out,${"{EXTEN}"},dontcare))
             same => n,ExecIf($["${"{CALLEE_ACCOUNCODE}"}" != ""]?Set(CDR(accountcode)=${"{CALLEE_ACCOUNCODE}"}))
             same => n,Set(MOHCLASS=${"{IF($[\"${MOHCLASS}\" = \"\"]?default:${MOHCLASS})}"})
             same => n,Set(_NODEST=)
             same => n,Gosub(macro-dialout-trunk,s,1(1,${"{EXTEN}"},{pin},off))
            {Subroutines}
            """;

        Assert.Equal(isFound, AuditRules.All.Single(one => one.Id == rule).Check(ExampleFiles.Of(files, "pjsip.conf", new AsteriskVersion(22)).Pbx).Any());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_hook_before_each_call_to_a_trunk_is_the_gate(bool hasHook)
    {
        var gate = GateDialplan.Text(new GateSettings(), "127.0.0.1:4573", new DiallingRules(NumberPlans.BuiltIn.Of("DE")!, []), NumberPlans.BuiltIn, freePbx: true);
        const string Dialling = " same => n,Dial(${OUT_";
        Assert.Contains(Dialling, Subroutines, StringComparison.Ordinal);
        var files = $"""
            {Peers}
            ;;; extensions.conf
            #include extensions_custom.conf
            [globals]
            OUT_1 = PJSIP
            OUT_1_SUFFIX = @provider
            OUTMAXCHANS_1 =
            [from-internal]
            include => outrt-1
            [outrt-1]
            exten => _00.,1,Gosub(macro-user-callerid,s,1(LIMIT,EXTERNAL,))
             same => n,Gosub(macro-dialout-trunk,s,1(1,${"{EXTEN}"},,off))
            {Subroutines.Replace(Dialling, " same => n,Gosub(macro-dialout-trunk-predial-hook,s,1())\n" + Dialling, StringComparison.Ordinal)}
            [macro-dialout-trunk-predial-hook]
            exten => s,1,Return()
            ;;; extensions_custom.conf
            {(hasHook ? gate : gate.Replace("[macro-dialout-trunk-predial-hook]", "[elsewhere]", StringComparison.Ordinal))}
            """;
        var pbx = ExampleFiles.Of(files, "pjsip.conf", new AsteriskVersion(22)).Pbx;

        Assert.True(PastGate.IsFreePbx(pbx));
        Assert.Equal(hasHook ? [] : [GateWayKind.Open], GateWays.Of(pbx, []).Ways.Select(static way => way.Kind));
    }
}
