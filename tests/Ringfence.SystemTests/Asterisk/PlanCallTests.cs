using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Ringfence.Core.Dialplan;
using Ringfence.Sources;
using Ringfence.Tests.Dialplan;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>Which trunk a call reaches, and with what number, is what real calls of a real Asterisk show, on generated dialplans.</summary>
/// <remarks>The trunks are contexts that log whom they were to call: "PJSIP/number@trunk" is read as written, and given to Asterisk as "Local/number@trunk".</remarks>
public sealed partial class PlanCallTests : PlanLab
{
    private const int Plans = 500;
    private const int NumbersEach = 12;

    private readonly List<(RandomCalls Calls, string Prefix, string Number)> _dialled = [];

    /// <summary>The dialplan as Ringfence reads it.</summary>
    private string Written => Path.Combine(Configuration, "written");

    private protected override async Task WriteAsync()
    {
        var text = new StringBuilder("[globals]\nV=7\nGOSUB_RETVAL=8\n");
        var line = 3;
        for (var seed = 0; seed < Plans; seed++)
        {
            var prefix = string.Create(CultureInfo.InvariantCulture, $"c{seed}x");
            var calls = new RandomCalls(1_000 + seed, prefix, line);
            text.Append(calls.Text);
            line = calls.LastLine;
            var random = new Random(seed);
            var numbers = Enumerable.Range(0, NumbersEach).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => calls.Characters[random.Next(calls.Characters.Length)])));
            _dialled.AddRange(numbers.Distinct().Select(number => (calls, prefix, number)));
        }

        Directory.CreateDirectory(Written);
        await File.WriteAllTextAsync(Path.Combine(Written, "extensions.conf"), text.ToString(), Stop);
        Write(Configuration, text.ToString().Replace("PJSIP/", "Local/", StringComparison.Ordinal) + Sinks() + Calling());
    }

    [Fact]
    public async Task A_call_reaches_the_trunks_that_were_told_and_no_others()
    {
        var plan = Plan.Read(Written, new ConfigDirectory());
        var told = _dialled.Select(static dialled => dialled.Calls).Distinct().ToDictionary(static calls => calls,
            calls => PlanReach.From(plan, new PlanEntry(calls.Entry, Languages.Repeat(calls.Characters, 1)), static (_, resource) => resource is null ? ExitKind.Unknown : ExitKind.Trunk));

        await Lab.CliAsync("channel originate Local/1@calling application Wait 1", Stop);
        await Lab.AppendedAsync("notice", 0, "CALLED ALL", Stop);

        var sinks = Sink().Matches(await File.ReadAllTextAsync(Lab.Log("notice"), Encoding.Latin1, Stop)).ToLookup(match => int.Parse(match.Groups["call"].ValueSpan, CultureInfo.InvariantCulture),
            static match => $"{match.Groups["number"].Value}@{match.Groups["trunk"].Value}");
        var wrong = new List<string>();
        for (var i = 0; i < _dialled.Count; i++)
        {
            var (calls, prefix, number) = _dialled[i];
            var real = sinks[i].Distinct().Order(StringComparer.Ordinal).ToList();
            var own = told[calls].Exits.Where(exit => exit.Inputs[0].Contains(number)).Select(exit => $"{Shown(exit.Number.For([number]))}@{exit.Resource}").Distinct().Order(StringComparer.Ordinal).ToList();
            if (!real.SequenceEqual(own))
            {
                wrong.Add($"{number} in {prefix}: Asterisk {string.Join(' ', real)}, told {string.Join(' ', own)}");
            }
        }

        Assert.Equal([], wrong);
        Assert.True(sinks.Count > _dialled.Count / 3, "too few calls reached a trunk: the test would prove little");
    }

    // A sink that is called without a number runs its "s", so it can't tell the two apart.
    private static string? Shown(string? number) => number == "s" ? "" : number;

    private static StringBuilder Sinks()
    {
        var text = new StringBuilder();
        for (var seed = 0; seed < Plans; seed++)
        {
            for (var trunk = 1; trunk <= 3; trunk++)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"[c{seed}xt{trunk}]\nexten => h,1,NoOp()");
                text.AppendLine(CultureInfo.InvariantCulture, $"exten => _!,1,Log(NOTICE,SINK ${{CALL}} c{seed}xt{trunk} ${{IF($[\"${{EXTEN}}\" = \"s\"]?:${{EXTEN}})}}.)");
            }
        }

        return text;
    }

    private StringBuilder Calling()
    {
        var text = new StringBuilder("[calling]\nexten => 1,1,NoOp()\n");
        for (var i = 0; i < _dialled.Count; i++)
        {
            // One extension for some calls: Asterisk looks through all priorities of one before it adds another.
            text.AppendLine(i % 300 == 299 ? $" same => n,Goto({i},1)\nexten => {i},1,NoOp()" : "");
            text.AppendLine(CultureInfo.InvariantCulture, $" same => n,Set(__CALL={i})");
            text.AppendLine(CultureInfo.InvariantCulture, $" same => n,Dial(Local/{_dialled[i].Number}@{_dialled[i].Calls.Entry}/n,5)");
        }

        return text.AppendLine(" same => n,Log(NOTICE,CALLED ALL)");
    }

    [GeneratedRegex(@"SINK (?<call>\d+) (?<trunk>\w+) (?<number>[^.\n]*)\.", RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Sink();
}
