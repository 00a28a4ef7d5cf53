using System.Globalization;
using System.Text;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>Every way in which an application or a function can send a call elsewhere leads there in a real Asterisk, and is told; what does not lead there is not told as certain.</summary>
public sealed class CallMovesTests : PlanLab
{
    /// <summary>[in] is called at 1, and whoever calls types the keys; the trunk is called with 900 in the context out.</summary>
    private static readonly (string Name, string Lines, string Keys, bool IsReached)[] Moves =
    [
        ("a blank is true", "exten => 1,1,GotoIf( ?out#,900,1)\n same => n,Hangup()", "", true),
        ("nothing is false", "exten => 1,1,GotoIf(?out#,900,1)\n same => n,Hangup()", "", false),
        ("a blank before 0 is false", "exten => 1,1,GotoIf( 0 ?out#,900,1)\n same => n,Hangup()", "", false),
        ("GOSUB_RESULT", "exten => 1,1,Dial(Local/5@answers,10,U(sub#))\n[sub#]\nexten => s,1,Set(GOSUB_RESULT=GOTO:out#^900^1)\n same => n,Return()", "", true),
        ("a handler of the hangup", "exten => 1,1,Set(CHANNEL(hangup_handler_push)=after#,s,1(7))\n same => n,Hangup()\n[after#]\nexten => s,1,Originate(Local/900@out#/n,app,Wait,1)", "", true),
        ("a Dial in a handler of the hangup", "exten => 1,1,Set(CHANNEL(hangup_handler_push)=after#,s,1)\n same => n,Hangup()\n[after#]\nexten => s,1,Dial(Local/900@out#/n)", "", false),
        ("what begins when a call has ended", "exten => 1,1,Hangup()\nexten => h,1,Originate(Local/900@out#/n,app,Wait,1)", "", true),
        ("a Dial when a call has ended", "exten => 1,1,Hangup()\nexten => h,1,Dial(Local/900@out#/n)", "", false),
        ("T behind TIMEOUT(absolute)", "exten => 1,1,Set(TIMEOUT(absolute)=1)\n same => n,Wait(3)\nexten => T,1,Goto(out#,900,1)", "", true),
        ("T without TIMEOUT(absolute)", "exten => 1,1,Wait(1)\nexten => T,1,Goto(out#,900,1)", "", false),
        ("T where the limit was taken back", "exten => 1,1,Set(TIMEOUT(absolute)=2)\n same => n,Set(TIMEOUT(absolute)=0)\n same => n,Wait(3)\nexten => T,1,Goto(out#,900,1)", "", false),
        ("e where there is no T", "exten => 1,1,Set(TIMEOUT(absolute)=1)\n same => n,Wait(3)\nexten => e,1,Goto(out#,900,1)", "", true),
        ("RaiseException", "exten => 1,1,RaiseException(x)\nexten => e,1,Goto(out#,900,1)", "", true),
        ("If that does not hold", "exten => 1,1,If($[1 = 2])\n same => n,Hangup()\n same => n,EndIf()\n same => n,Goto(out#,900,1)", "", true),
        ("If that holds", "exten => 1,1,If($[1 = 1])\n same => n,Hangup()\n same => n,EndIf()\n same => n,Goto(out#,900,1)", "", false),
        ("Else", "exten => 1,1,If($[1 = 2])\n same => n,Hangup()\n same => n,Else()\n same => n,Goto(out#,900,1)\n same => n,EndIf()", "", true),
        ("Else behind what held", "exten => 1,1,If($[1 = 1])\n same => n,NoOp()\n same => n,Else()\n same => n,Goto(out#,900,1)\n same => n,EndIf()\n same => n,Hangup()", "", false),
        ("ElseIf", "exten => 1,1,If($[1 = 2])\n same => n,Hangup()\n same => n,ElseIf($[1 = 1])\n same => n,Goto(out#,900,1)\n same => n,EndIf()", "", true),
        ("an If in an If", "exten => 1,1,If($[1 = 2])\n same => n,If($[1 = 1])\n same => n,Goto(out#,900,1)\n same => n,EndIf()\n same => n,EndIf()\n same => n,Hangup()", "", false),
        ("a menu of a conference", "exten => 1,1,ConfBridge(5,,,callout#)", "4", true),
        ("a conference without that menu", "exten => 1,1,ConfBridge(6,,,quiet#)", "4", false),
        ("a menu that a function sets", "exten => 1,1,Set(CONFBRIDGE(menu,4)=dialplan_exec(out#,900,1))\n same => n,ConfBridge(7)", "4", true),
        ("the exit of ChanSpy", "exten => 1,1,Answer()\n same => n,Set(SPY_EXIT_CONTEXT=oneout#)\n same => n,ChanSpy(,Xq)", "4", true),
        ("ChanSpy without an exit", "exten => 1,1,Answer()\n same => n,Set(SPY_EXIT_CONTEXT=oneout#)\n same => n,ChanSpy(,q)", "4", false),
        ("the exit of a queue", "exten => 1,1,Answer()\n same => n,Queue(waiting#)", "4", true),
        ("a queue's member", "exten => 1,1,Queue(members#)", "", true),
        ("a subroutine before a Dial", "exten => 1,1,Dial(Local/5@answers,1,B(out#^900^1))", "", true),
        ("a subroutine before a Dial, for whom it calls", "exten => 1,1,Dial(Local/5@answers,1,b(out#^900^1))", "", true),
        ("F of a Dial", "exten => 1,1,Dial(Local/5@ends,10,gF(out#^900^1))", "", false),
        ("EVAL_SUB", "exten => 1,1,NoOp(${EVAL_SUB(out#,900,1)})", "", true),
        ("EVAL_EXTEN, which runs nothing", "exten => 1,1,NoOp(${EVAL_EXTEN(out#,900,1)})", "", false),
        ("ChannelRedirect to itself", "exten => 1,1,ChannelRedirect(${CHANNEL},out#,900,1)\n same => n,Wait(1)", "", true),
        ("VoiceMailMain that calls out", "exten => 1,1,Answer()\n same => n,VoiceMailMain(10#@default,s)", "34900#", false),
        ("Park that comes back", "exten => 1,1,Answer()\n same => n,Park(,c(out#,900,1))", "", true),
        ("a label that begins with a digit", "exten => 1,1,Goto(2nd)\n same => n,Hangup()\n same => n(2nd),Goto(out#,900,1)", "", true),
        ("what begins with a digit is a line", "exten => 1,1,Goto(2nd)\n same => n,Goto(out#,900,1)", "", false),
        ("blanks before a line's number", "exten => 1,1,Goto(out#,900, 1)", "", true),
        ("blanks before an extension", "exten => 1,1,Goto(out#, 900,1)", "", false),
        ("a Gosub to where nothing is", "exten => 1,1,Gosub(sub#,7,1)\n same => n,Hangup()\n[sub#]\nexten => 5,1,Return()\nexten => i,1,Goto(out#,900,1)", "", false),
        ("a Gosub to where nothing is, and on", "exten => 1,1,Gosub(sub#,7,1)\n same => n,Goto(out#,900,1)\n[sub#]\nexten => 5,1,Return()", "", false),
        ("a Goto to where nothing is", "exten => 1,1,Goto(sub#,7,1)\n[sub#]\nexten => 5,1,Return()\nexten => i,1,Goto(out#,900,1)", "", true),
        ("Originate of an application", "exten => 1,1,Originate(Local/5@answers/n,app,Dial,Local/900@out#/n)", "", true),
        ("Originate of a Goto, which has nowhere to go", "exten => 1,1,Originate(Local/5@answers/n,app,Goto,out#\\,900\\,1)", "", false),
        ("Originate without an extension", "exten => 1,1,Originate(Local/5@answers/n,exten,sub#)\n[sub#]\nexten => s,1,Goto(out#,900,1)", "", true),
        ("Originate to where nothing is", "exten => 1,1,Originate(Local/5@answers/n,exten,sub#,7,1)\n[sub#]\nexten => s,1,Goto(out#,900,1)", "", false),
        ("Originate to where nothing is but i", "exten => 1,1,Originate(Local/5@answers/n,exten,sub#,7,1)\n[sub#]\nexten => i,1,Goto(out#,900,1)", "", true),
        ("Originate to a line, with a timeout", "exten => 1,1,Originate(Local/5@answers/n,exten,sub#,7,2,5)\n[sub#]\nexten => 7,1,Hangup()\n same => n,Goto(out#,900,1)", "", false),
        ("a member that comes to a queue", "exten => 1,1,AddQueueMember(invalid#,Local/900@out#/n)\n same => n,Queue(invalid#,,,,3)", "", true),
        ("what h does with a variable", "exten => 1,1,NoOp()\n same => n,Set(CB=900)\n same => n,Hangup()\nexten => h,1,GotoIf($[\"${CB}\" = \"\"]?end)\n same => n,Originate(Local/${CB}@out#/n,app,Wait,1)\n same => n(end),NoOp()", "", true),
        ("what a handler does with a variable", "exten => 1,1,Set(CHANNEL(hangup_handler_push)=after#,s,1)\n same => n,Set(CB=900)\n same => n,Hangup()\n[after#]\nexten => s,1,GotoIf($[\"${CB}\" = \"\"]?end)\n same => n,Originate(Local/${CB}@out#/n,app,Wait,1)\n same => n(end),Return()", "", true),
        ("a handler with an argument", "exten => 1,1,Set(CHANNEL(hangup_handler_push)=after#,s,1(900))\n same => n,Hangup()\n[after#]\nexten => s,1,Originate(Local/${ARG1}@out#/n,app,Wait,1)\n same => n,Return()", "", true),
        ("U with an argument", "exten => 1,1,Dial(Local/5@answers,10,U(sub#^900))\n[sub#]\nexten => s,1,Originate(Local/${ARG1}@out#/n,app,Wait,1)\n same => n,Return()", "", true),
        ("B with an argument", "exten => 1,1,Dial(Local/5@answers,10,B(sub#^s^1(7^900)))\n[sub#]\nexten => s,1,Originate(Local/${ARG2}@out#/n,app,Wait,1)\n same => n,Return()", "", true),
        ("b with an argument", "exten => 1,1,Dial(Local/5@answers,10,b(sub#^s^1(900)))\n[sub#]\nexten => s,1,Originate(Local/${ARG1}@out#/n,app,Wait,1)\n same => n,Return()", "", true),
        ("EVAL_SUB with an argument", "exten => 1,1,NoOp(${EVAL_SUB(sub#,s,1(900))})\n[sub#]\nexten => s,1,Dial(Local/${ARG1}@out#/n)\n same => n,Return()", "", true),
        ("Local without a context", "exten => 1,1,Dial(Local/7#@/n)\n[default]\nexten => 7#,1,Goto(out#,900,1)", "", true),
        ("a blank behind an ampersand", "exten => 1,1,Dial(Local/5@ends/n& Local/900@out#/n)", "", true),
        ("a blank before a channel", "exten => 1,1,Dial( Local/900@out#/n)", "", true),
        ("a channel in quotes", "exten => 1,1,Dial(\"Local/900@out#/n\")", "", true),
        ("a line of the same name in an included context", "exten => 1,1,NoOp()\ninclude => more#\n[more#]\nexten => 1,2,Goto(out#,900,1)", "", true),
        ("an include with bars", "exten => 2,1,NoOp()\ninclude => more#|*|*|*|*\n[more#]\nexten => 1,1,Goto(out#,900,1)", "", true),
        ("an include with times", "exten => 2,1,NoOp()\ninclude => more#,*,*,*,*\n[more#]\nexten => 1,1,Goto(out#,900,1)", "", true),
        ("an include in capitals", "exten => 2,1,NoOp()\ninclude => MORE#\n[more#]\nexten => 1,1,Goto(out#,900,1)", "", false),
        ("a context in capitals", "exten => 1,1,Goto(OUT#,900,1)", "", false),
        ("keys that a variable of the channel lets transfer", "exten => 1,1,Set(CHANNEL(dtmf_features)=T)\n same => n,Dial(Local/5@waits/n)\nexten => 900,1,Goto(out#,900,1)", "#900", true),
        ("keys that BRIDGE_FEATURES lets transfer", "exten => 1,1,Set(BRIDGE_FEATURES=T)\n same => n,Dial(Local/5@waits/n)\nexten => 900,1,Goto(out#,900,1)", "#900", true),
        ("keys that Dial lets transfer", "exten => 1,1,Dial(Local/5@waits/n,,T)\nexten => 900,1,Goto(out#,900,1)", "#900", true),
        ("keys that Dial lets transfer to nowhere", "exten => 1,1,Dial(Local/5@waits/n,,T)\nexten => i,1,Goto(out#,900,1)", "#900", false),
        ("keys in a queue to nowhere", "exten => 1,1,Answer()\n same => n,Queue(invalid#)\n[inv#]\nexten => i,1,Goto(out#,900,1)", "4", false),
        ("keys in ChanSpy to nowhere", "exten => 1,1,Answer()\n same => n,Set(SPY_EXIT_CONTEXT=inv#)\n same => n,ChanSpy(,Xq)\n[inv#]\nexten => i,1,Goto(out#,900,1)", "4", false),
        ("keys in DISA to nowhere", "exten => 1,1,Answer()\n same => n,DISA(no-password,inv#)\n[inv#]\nexten => 5,1,NoOp()\nexten => i,1,Goto(out#,900,1)", "4#", true),
        ("keys in WaitExten to nowhere", "exten => 1,1,Answer()\n same => n,WaitExten(4)\nexten => i,1,Goto(out#,900,1)", "4", true),
        ("a variable that is handed on, set anew", "exten => 1,1,Set(__N=900)\n same => n,Set(N=1)\n same => n,Dial(Local/5@hand#/n)\n[hand#]\nexten => 5,1,GotoIf($[\"${N}\" = \"900\"]?out#,900,1)\n same => n,Hangup()", "", false),
        ("a variable that is handed on once", "exten => 1,1,Set(_N=900)\n same => n,Dial(Local/4@hand#/n)\n[hand#]\nexten => 4,1,Dial(Local/5@hand#/n)\nexten => 5,1,GotoIf($[\"${N}\" = \"900\"]?out#,900,1)\n same => n,Hangup()", "", false),
        ("a variable that is handed on twice", "exten => 1,1,Set(__N=900)\n same => n,Dial(Local/4@hand#/n)\n[hand#]\nexten => 4,1,Dial(Local/5@hand#/n)\nexten => 5,1,GotoIf($[\"${N}\" = \"900\"]?out#,900,1)\n same => n,Hangup()", "", true),
        ("a global that is handed on", "exten => 1,1,Dial(Local/${G#}@out#/n)\n[globals]\n__G# = 900", "", true),
        ("FollowMe", "exten => 1,1,Answer()\n same => n,FollowMe(follow#,d)", "", true),
        ("Page", "exten => 1,1,Page(Local/900@out#/n)", "", true),
        ("RetryDial", "exten => 1,1,RetryDial(beep,1,1,Local/900@out#/n,3)", "", true),
        ("Read", "exten => 1,1,Answer()\n same => n,Read(N,,3)\n same => n,Goto(out#,${N},1)", "900", true),
        ("t behind WaitExten", "exten => 1,1,Answer()\n same => n,WaitExten(1)\nexten => t,1,Goto(out#,900,1)", "", true),
        ("t behind WaitExten, and a line", "exten => 1,1,Answer()\n same => n,WaitExten(1)\n same => n,Hangup()\nexten => t,1,Goto(out#,900,1)", "", false),
        ("a blank before an application in ExecIf", "exten => 1,1,ExecIf(1? Goto(out#,900,1))", "", false),
        ("a blank before an application in Exec", "exten => 1,1,Exec( Goto(out#,900,1))", "", false),
        ("a blank before an application in ExecIf, and on", "exten => 1,1,ExecIf(1? NoOp())\n same => n,Goto(out#,900,1)", "", false),
        ("a blank before an application in Exec, and on", "exten => 1,1,Exec( NoOp())\n same => n,Goto(out#,900,1)", "", false),
        ("a blank before an application in TryExec, and on", "exten => 1,1,TryExec( NoOp())\n same => n,Goto(out#,900,1)", "", true),
        ("a blank before an application in ExecIfTime, and on", "exten => 1,1,ExecIfTime(*,*,*,*? NoOp())\n same => n,Goto(out#,900,1)", "", false),
        ("an application that is not there", "exten => 1,1,NoSuchThing()\n same => n,Goto(out#,900,1)", "", false),
        ("an application that is not there in ExecIf", "exten => 1,1,ExecIf(1?NoSuchThing())\n same => n,Goto(out#,900,1)", "", false),
        ("an application that is not there in Exec", "exten => 1,1,Exec(NoSuchThing())\n same => n,Goto(out#,900,1)", "", false),
        ("an application that is not there in TryExec", "exten => 1,1,TryExec(NoSuchThing())\n same => n,Goto(out#,900,1)", "", true),
        ("a Goto to nowhere in TryExec", "exten => 1,1,TryExec(Goto(nolabel))\n same => n,Goto(out#,900,1)", "", true),
        ("a Goto to nowhere in ExecIf", "exten => 1,1,ExecIf(1?Goto(nolabel))\n same => n,Goto(out#,900,1)", "", false),
        ("Hangup in TryExec", "exten => 1,1,TryExec(Hangup())\n same => n,Goto(out#,900,1)", "", false),
        ("Busy in ExecIf", "exten => 1,1,ExecIf(1?Busy(1))\n same => n,Goto(out#,900,1)", "", false),
        ("Return without a subroutine", "exten => 1,1,Return()\n same => n,Goto(out#,900,1)", "", false),
        ("Originate to a line", "exten => 1,1,Originate(Local/5@answers/n,exten,sub#,7,2)\n[sub#]\nexten => 7,1,Hangup()\n same => n,Goto(out#,900,1)", "", true),
        ("a wrong PIN in TryExec", "exten => 1,1,TryExec(Authenticate(4711))\n same => n,Goto(out#,900,1)", "", true),
        ("Exec puts variables in again", "exten => 1,1,Set(A=900)\n same => n,Set(B=$)\n same => n,Exec(Dial(Local/${B}{A}@out#/n))", "", true),
        ("a variable that is not closed", "exten => 1,1,Set(A=900)\n same => n,Goto(out#,${A,1)", "", false),
        ("an expression that is not closed", "exten => 1,1,GotoIf($[?out#,900,1)\n same => n,Hangup()", "", false),
        ("a loop on what is not closed", "exten => 1,1,While($[)\n same => n,Goto(out#,900,1)\n same => n,EndWhile()\n same => n,Hangup()", "", false),
        ("a variable of no name is empty", "exten => 1,1,While(${)\n same => n,Goto(out#,900,1)\n same => n,EndWhile()\n same => n,Hangup()", "", false),
        ("a subroutine of AEL", "exten => 1,1,AELSub(sub#)\n[sub#]\nexten => ~~s~~,1,Goto(out#,900,1)", "", true),
    ];

    /// <summary>What stands once in a file, and what stands there for each move.</summary>
    private static readonly (string File, string Once, string Each)[] Files =
    [
        ("confbridge.conf", "[general]\n", "[callout#]\ntype = menu\n4 = playback_and_continue(beep),dialplan_exec(out#,900,1)\n[quiet#]\ntype = menu\n4 = no_op\n"),
        ("queues.conf", "[general]\n", "[waiting#]\ncontext = oneout#\njoinempty = yes\n[members#]\nmember => Local/900@out#/n\n[invalid#]\ncontext = inv#\njoinempty = yes\n"),
        ("voicemail.conf", "[general]\nformat = wav\n[default]\n", "10# => 4711,Test,,,dialout=out#\n"),
        ("followme.conf", "[general]\n", "[follow#]\ncontext => out#\nnumber => 900,3\n"),
        ("features.conf", "[general]\ntransferannouncesound =\n[featuremap]\nblindxfer => #\n", ""),
        ("extensions.ael", "context ael { 1 => NoOp(); };\n", ""),
        ("res_parking.conf", "[general]\n[default]\nparkext => 700\nparkpos => 701-720\ncontext => parkedcalls\nparkingtime => 1\n", ""),
    ];

    private static readonly string[] Modules =
    [
        "func_channel", "func_evalexten", "app_if", "app_confbridge", "app_chanspy", "app_queue", "app_channelredirect", "app_voicemail", "res_parking", "app_senddtmf", "app_playback",
        "format_wav", "bridge_holding", "bridge_softmix", "bridge_simple", "codec_ulaw", "app_dial", "app_followme", "app_page", "app_disa", "bridge_builtin_features", "res_ael_share", "pbx_ael",
    ];

    private protected override async Task WriteAsync()
    {
        var text = new StringBuilder("[answers]\nexten => 5,1,Answer()\n same => n,Wait(1)\n[waits]\nexten => 5,1,Answer()\n same => n,Wait(9)\n[ends]\nexten => 5,1,Answer()\n same => n,Hangup()\n[ended]\nexten => all,1,Answer()\n same => n,Wait(12)\n same => n,Log(NOTICE,ALL ENDED)\n");
        for (var i = 0; i < Moves.Length; i++)
        {
            text.Append(Numbered($"""
                [in#]
                {Moves[i].Lines}
                [out#]
                exten => 900,1,Log(NOTICE,MOVED #.)
                [oneout#]
                exten => 4,1,Goto(out#,900,1)
                [keys]
                exten => #,1,Answer()
                 same => n,Wait(2)
                """, i)).Append(CultureInfo.InvariantCulture, $"\n same => n,SendDTMF({Moves[i].Keys},100)\n same => n,Wait(6)\nexten => h,1,NoOp()\n");
        }

        Write(Configuration, text.ToString());
        await File.AppendAllLinesAsync(Path.Combine(Configuration, "modules.conf"), Modules.Select(static module => $"load = {module}.so"), Stop);
        foreach (var (file, once, each) in Files)
        {
            await File.WriteAllTextAsync(Path.Combine(Configuration, file), once + string.Concat(Moves.Select((_, i) => Numbered(each, i))), Stop);
        }

    }

    [Fact]
    public async Task A_call_goes_where_an_application_sends_it_and_that_is_told()
    {
        for (var i = 0; i < Moves.Length; i++)
        {
            await Lab.CliAsync(Numbered("channel originate Local/1@in#/n extension #@keys", i), Stop);
        }

        await Lab.CliAsync("channel originate Local/all@ended application Wait 1", Stop);
        await Lab.AppendedAsync("notice", 0, "ALL ENDED", Stop);

        var notices = await File.ReadAllTextAsync(Lab.Log("notice"), Stop);
        var wrong = new List<string>();
        for (var i = 0; i < Moves.Length; i++)
        {
            var isReal = notices.Contains(Numbered("MOVED #.", i), StringComparison.Ordinal);
            var told = Told(i);
            if (isReal != Moves[i].IsReached || (isReal && told is null) || (!isReal && told is true))
            {
                wrong.Add($"{Moves[i].Name}: Asterisk {isReal}, expected {Moves[i].IsReached}, told {(told is null ? "no" : told.Value ? "certain" : "uncertain")}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    // null: not reached; false: only if something is so, or that it was not to be known; true: nothing is assumed but what comes by itself.
    private bool? Told(int i)
    {
        var read = Directory.CreateTempSubdirectory("rf-moves-").FullName;
        try
        {
            foreach (var file in Directory.EnumerateFiles(Configuration, "*.conf"))
            {
                File.Copy(file, Path.Combine(read, Path.GetFileName(file)));
            }

            File.WriteAllText(Path.Combine(read, "extensions.conf"), File.ReadAllText(Path.Combine(read, "extensions.conf")).Replace(Numbered("Log(NOTICE,MOVED #.)", i), "Dial(PJSIP/900@trunk)", StringComparison.Ordinal));
            var plan = Plan.Read(read, new ConfigDirectory());
            var files = CallFiles.Of(new PbxSnapshot(read, new ConfigDirectory(), AsteriskVersion.Assumed, new Dictionary<string, string>()));
            var walk = new CallWalk(new CallSearch(plan, new InertExtensions(plan, static (_, _) => ExitKind.Trunk).Contains), static (_, _) => ExitKind.Trunk) { Files = files };
            var reach = walk.Run(new PlanEntry(Numbered("in#", i), Languages.Only("1")));
            return reach.Trunks().Count > 0 ? reach.Trunks().Any(static exit => exit.IsCertain) : reach.Unknowns.Count > 0 ? false : null;
        }
        finally
        {
            Directory.Delete(read, recursive: true);
        }
    }

    private static string Numbered(string text, int i) => text.Replace("#", i.ToString("00", CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
