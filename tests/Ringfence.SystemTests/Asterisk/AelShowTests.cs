using System.Text.RegularExpressions;
using Ringfence.Core.Dialplan;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>What Ringfence makes of extensions.ael is what a real Asterisk makes of it, name by name and priority by priority.</summary>
public sealed partial class AelShowTests : PlanLab
{
    private const string Ael = """
        globals { TRUNK="PJSIP/trunk-ip"; MSD=1; };
        macro std-exten (ext, dev) {
            Dial(${dev}/${ext},20);
            switch(${DIALSTATUS}) {
            case BUSY:
                Voicemail(${ext},b);
                break;
            default:
                Voicemail(${ext},u);
            };
            catch a { VoiceMailMain(${ext}); return; };
        };
        context one {
            includes { two; three|9:00-17:00|mon-fri|*|*; };
            ignorepat => 9;
            _9X. => Dial(PJSIP/${EXTEN:1}@trunk-ip,20,gT);
            100 => { Answer(); if ("${CALLERID(num)}" = "5") { NoOp(a); Playback(x); } else { Hangup(); } NoOp(after); }
            101 => { x=5; local y=${x}; for (x=0; ${x} < 3; x=${x} + 1) { Verbose(x is ${x} !); if (${x} = 2) break; } while (${x} > 1) { x=${x}-1; continue; } }
            102 => { switch (${EXTEN:0:1}) { case 1: NoOp(one); goto there; case 2: NoOp(two); pattern [3-5]X: NoOp(pat); break; default: NoOp(other); } there: Hangup(); }
            103 => &std-exten(${EXTEN},PJSIP);
            104/5551 => { ifTime(9:00-17:00|mon-fri|*|*) { jump 100; } else { jump 200,1@two; } random(20) { NoOp(r); } }
            s => { Wait(1); goto s,1; }
            hint(PJSIP/105) 105 => Dial(PJSIP/105);
            106 => { CDR(userfield)=hello; goto two,200,1; }
            107 => { Playback(http://192.0.2.1/a); Set(A=(b,c)); NoOp("x, y"); if (1) { if (2) NoOp(3); else NoOp(4); } }
            108 => { switch (${x}) { case a: switch (${y}) { case b: NoOp(${EXTEN}); break; default: NoOp(d); } case c: NoOp(${EXTEN:1}); } }
        };
        context two {
            200 => { start: NoOp(start); if (1) goto start; ifTime(*|sat|*|*) NoOp(x); return; }
            _[2-4]X. => { NoOp(${EXTEN}); };
        };
        context three { 300 => Hangup(21); };
        """;

    private protected override async Task WriteAsync()
    {
        Write(Configuration, "[general]\nstatic = yes\n");
        await File.AppendAllLinesAsync(Path.Combine(Configuration, "modules.conf"), ["load = res_ael_share.so", "load = pbx_ael.so"], Stop);
        await File.WriteAllTextAsync(Path.Combine(Configuration, "extensions.ael"), Ael, Stop);
    }

    [Theory]
    [InlineData("one")]
    [InlineData("two")]
    [InlineData("three")]
    [InlineData("std-exten")]
    public async Task A_context_of_ael_has_the_extensions_and_priorities_that_asterisk_gives_it(string name)
    {
        var plan = Plan.Read(Configuration, new ConfigDirectory());

        var theirs = Shown(await Lab.CliAsync($"dialplan show {name}", Stop));
        // It does not show the label of an extension's first priority.
        var ours = plan[name]!.Extensions.SelectMany(extension => extension.Priorities.Where(priority => priority.Number > 0).Select(priority =>
            $"{extension.Name}{(extension.CallerId is { } caller ? "/" + caller : "")} {(priority.Label is null || priority == extension.Priorities.First() ? "" : $"[{priority.Label}] ")}{priority.Number} {Comparable($"{priority.Application}({priority.Arguments})")}")).ToList();

        Assert.NotEmpty(theirs);
        Assert.Equal(theirs, ours);
    }

    private static List<string> Shown(string text)
    {
        List<string> steps = [];
        var name = "";
        foreach (var line in text.Split('\n'))
        {
            if (Name().Match(line) is { Success: true } named)
            {
                name = named.Groups["name"].Value + (named.Groups["caller"].Success ? "/" + named.Groups["caller"].Value : "");
            }

            if (Step().Match(line) is { Success: true } step)
            {
                steps.Add($"{name} {(step.Groups["label"].Success ? $"[{step.Groups["label"].Value}] " : "")}{step.Groups["number"].Value} {Comparable(step.Groups["call"].Value.Trim())}");
            }
        }

        return steps;
    }

    // The text of the steps that end a block is for people, and blanks in an expression say nothing.
    private static string Comparable(string call) => call.StartsWith("NoOp(Finish ", StringComparison.Ordinal) ? "NoOp()" : call.Replace("$[ ", "$[", StringComparison.Ordinal);

    [GeneratedRegex(@"^  '(?<name>[^']*)'(?: \(CID match '(?<caller>[^']*)'\))? =>", RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Name();

    [GeneratedRegex(@"^(?:  '.*=>|     \[(?<label>[^\]]+)\])?\s+(?<number>\d+)\. (?<call>.*\))\s+\[", RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Step();
}
