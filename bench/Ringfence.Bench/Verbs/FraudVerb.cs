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
        verb.Add(Make());
        var patient = new Command("patient", "What a thief takes who knows the policy and never reaches a limit.");
        patient.SetAction(static _ => Console.WriteLine(PatientThief.Write()));
        verb.Add(patient);
        var others = new Command("sites", "Years of sites on which no level was chosen.") { first, seeds, recorded, why };
        others.SetAction(parsed => Console.WriteLine(OtherSites.Write(parsed.GetValue(first), parsed.GetValue(seeds), parsed.GetValue(recorded), parsed.GetValue(why))));
        verb.Add(others);
        return verb;
    }

    private static Command Make()
    {
        var file = new Argument<string>("FILE") { Description = "Written anew; its times are of UTC+1 (Etc/GMT-1)." };
        var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 101 };
        var days = new Option<int>("--days") { DefaultValueFactory = _ => 365 };
        var ids = new Option<string?>("--fraud-ids") { Description = "Where the unique ids of the attacks' calls go, for calls backtest --fraud." };
        var verb = new Command("make", "The calls and the attacks of a year, of which nobody stops any, as cdr_csv writes them: the same arguments give the same bytes.") { file, seed, days, ids };
        verb.SetAction(parsed =>
        {
            var (book, day, of) = (new PhoneBook(), new DateOnly(2026, 1, 1), (ulong)parsed.GetValue(seed));
            var site = SiteYear.Make(book, of, day, parsed.GetValue(days));
            var made = CdrFile.Of(book, site, AttackShapes.Draw(book, site, of * 1_000_003, day.AddDays(1), Math.Max(1, parsed.GetValue(days) - 21), 2));
            using var to = new StreamWriter(parsed.GetValue(file)!, append: false, new System.Text.UTF8Encoding(false), 1 << 20);
            made.Write(to);
            if (parsed.GetValue(ids) is { } path)
            {
                File.WriteAllLines(path, made.Fraud);
            }
        });
        return verb;
    }
}
