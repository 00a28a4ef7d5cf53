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
    ];

    /// <summary>What stands once in a file, and what stands there for each move.</summary>
    private static readonly (string File, string Once, string Each)[] Files =
    [
        ("confbridge.conf", "[general]\n", "[callout#]\ntype = menu\n4 = playback_and_continue(beep),dialplan_exec(out#,900,1)\n[quiet#]\ntype = menu\n4 = no_op\n"),
        ("queues.conf", "[general]\n", "[waiting#]\ncontext = oneout#\njoinempty = yes\n[members#]\nmember => Local/900@out#/n\n"),
        ("voicemail.conf", "[general]\nformat = wav\n[default]\n", "10# => 4711,Test,,,dialout=out#\n"),
        ("res_parking.conf", "[general]\n[default]\nparkext => 700\nparkpos => 701-720\ncontext => parkedcalls\nparkingtime => 1\n", ""),
    ];

    private static readonly string[] Modules =
    [
        "func_channel", "func_evalexten", "app_if", "app_confbridge", "app_chanspy", "app_queue", "app_channelredirect", "app_voicemail", "res_parking", "app_senddtmf", "app_playback",
        "format_wav", "bridge_holding", "bridge_softmix", "bridge_simple", "codec_ulaw", "app_dial",
    ];

    private protected override async Task WriteAsync()
    {
        var text = new StringBuilder("[answers]\nexten => 5,1,Answer()\n same => n,Wait(1)\n[ends]\nexten => 5,1,Answer()\n same => n,Hangup()\n[ended]\nexten => all,1,Answer()\n same => n,Wait(9)\n same => n,Log(NOTICE,ALL ENDED)\n");
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
                 same => n,Wait(1)
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

        Assert.Equal([], wrong);
    }

    // null: not reached; true: and nothing is assumed but what comes by itself.
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
            var walk = new CallWalk(new CallSearch(plan), static (_, _) => ExitKind.Trunk) { Files = files };
            var exits = walk.Run(new PlanEntry(Numbered("in#", i), Languages.Only("1"))).Trunks();
            return exits.Count == 0 ? null : exits.Any(static exit => exit.IsCertain);
        }
        finally
        {
            Directory.Delete(read, recursive: true);
        }
    }

    private static string Numbered(string text, int i) => text.Replace("#", i.ToString("00", CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
