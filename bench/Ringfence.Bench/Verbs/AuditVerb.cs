using System.CommandLine;
using Ringfence.Core.Audit;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Sources;

namespace Ringfence.Bench.Verbs;

/// <summary><c>audit</c>: which rules of the audit take the time.</summary>
internal static class AuditVerb
{
    public static Command Build()
    {
        var directory = new Argument<string>("DIR") { Description = "A PBX's configuration." };
        var runs = new Option<int>("--runs") { DefaultValueFactory = _ => 3, Description = "The quickest of so many is told." };
        var verb = new Command("audit", "Processor time of each rule of the audit, the slowest first. What several rules read is the time of the first that asks for it.") { directory, runs };
        verb.SetAction(parsed =>
        {
            Dictionary<string, double> best = [];
            for (var run = 0; run < parsed.GetValue(runs); run++)
            {
                var pbx = AuditedPbx.OfCopy(parsed.GetValue(directory)!, version: null);
                Time("read pjsip.conf", () => _ = pbx.Config("pjsip.conf"));
                Time("read extensions.conf", () => _ = pbx.Config("extensions.conf"));
                Time("objects of pjsip.conf", () => _ = pbx.Pjsip);
                Time("settings judged", () => _ = pbx.RemarkableSettings);
                Time("walks of the dialplan", () => _ = Walk(pbx));
                foreach (var rule in AuditRules.All)
                {
                    Time($"{rule.Id} {rule.Name}", () => _ = rule.Check(pbx).Count());
                }
            }

            foreach (var (what, milliseconds) in best.OrderByDescending(static pair => pair.Value).Where(static pair => pair.Value >= 1))
            {
                Console.WriteLine($"{milliseconds,8:F1} ms  {what}");
            }

            Console.WriteLine($"{best.Values.Sum(),8:F1} ms  in all");

            void Time(string what, Action does)
            {
                var began = Environment.CpuUsage.TotalTime;
                does();
                var took = (Environment.CpuUsage.TotalTime - began).TotalMilliseconds;
                best[what] = Math.Min(best.GetValueOrDefault(what, double.MaxValue), took);
            }
        });
        return verb;
    }

    private static int Walk(PbxSnapshot pbx)
    {
        var entries = CallEntries.Of(pbx);
        return entries.Phones().Concat(entries.Incoming()).Concat(entries.Strangers()).Sum(entry => entries.Reach(entry.Context).Exits.Count);
    }
}
