using System.CommandLine;
using Ringfence.Bench.Fraud;

namespace Ringfence.Bench.Verbs;

/// <summary><c>fraud</c>: what a year's attacks come to with Ringfence, with others and with nobody.</summary>
internal static class FraudVerb
{
    public static Command Build()
    {
        var first = new Option<int>("--first-seed") { DefaultValueFactory = _ => 101, Description = "1 to 9 were tuned on; the page is made with 101 and on." };
        var seeds = new Option<int>("--seeds") { DefaultValueFactory = _ => 3, Description = "So many years." };
        var days = new Option<int>("--days") { DefaultValueFactory = _ => 365 };
        var recorded = new Option<int>("--recorded") { DefaultValueFactory = _ => 90, Description = "Days before the year that are in the PBX's records when the defence is switched on." };
        var ours = new Option<bool>("--ours") { Description = "Ringfence alone." };
        var why = new Option<bool>("--why") { Description = "Also what stopped whom." };
        var verb = new Command("fraud", "Tables of bench/results/fraud.md.") { first, seeds, days, recorded, ours, why };
        verb.SetAction(parsed =>
        {
            var table = new FraudTable(parsed.GetValue(ours));
            for (var seed = parsed.GetValue(first); seed < parsed.GetValue(first) + parsed.GetValue(seeds); seed++)
            {
                table.Measure((ulong)seed, parsed.GetValue(days), parsed.GetValue(recorded));
            }

            Console.WriteLine(table.Write(parsed.GetValue(why)));
        });
        return verb;
    }
}
