using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Gate;

/// <summary>Whether a PBX has the gate's part of the dialplan, as it would be printed now, and the modules that it needs.</summary>
internal static class GateSetup
{
    private const string File = "ringfence-gate.conf";

    // Without these calls end, no number is ever clean, or the gate does not learn who calls; of func_cdr only a CDR's userfield depends.
    private static readonly string[] Modules = ["res_agi", "func_rand", "func_timeout", "func_strings", "func_dialplan", "func_callerid", "func_channel", "app_stack"];

    /// <param name="printed">What would be printed now; null: that is not known.</param>
    /// <param name="print">The command that prints it.</param>
    public static IReadOnlyList<GateProblem> Problems(PbxSnapshot pbx, string? printed, string print)
    {
        var plan = Plan.Of(pbx);
        var problems = new List<GateProblem>();
        if (RefusedFile.Is(pbx, "extensions.conf"))
        {
            var why = pbx.Config("extensions.conf").Problems.FirstOrDefault(static problem => problem.StopsReading);
            problems.Add(new GateProblem(why?.Place ?? new Place("extensions.conf", 0), $"Asterisk refuses extensions.conf as a whole{(why is null ? "" : $": {why.Text}")}", "mend that line first"));
        }
        else if (plan[GateWays.Gate] is null)
        {
            problems.Add(pbx.Files.Read($"{pbx.Directory.TrimEnd('/')}/{File}") is not null
                ? new GateProblem(new Place(File, 0), $"no #include brings {File} into the dialplan: there is no context [{GateWays.Gate}]", $"#include {File} in extensions.conf (FreePBX: extensions_custom.conf), then asterisk -rx \"dialplan reload\"")
                : new GateProblem(new Place("extensions.conf", 0), $"there is no context [{GateWays.Gate}]: no call is asked about", $"{print} > /etc/asterisk/{File}, #include {File} in extensions.conf (FreePBX: extensions_custom.conf), then asterisk -rx \"dialplan reload\""));
        }
        else if (printed is not null)
        {
            problems.AddRange(GateCopy.Compare(plan, printed, print));
        }

        var missing = Modules.Concat(printed?.Contains(GateDialplan.Announce, StringComparison.Ordinal) == true ? ["app_playback"] : []).Where(module => ModulesConf.LeavesOut(pbx, module)).ToList();
        if (missing.Count > 0)
        {
            problems.Add(new GateProblem(new Place("modules.conf", 0), $"{string.Join(", ", missing)} {(missing.Count == 1 ? "is" : "are")} not loaded: {(missing.Contains("res_agi") ? "Asterisk ends calls at AGI()" : "the gate's lines need that")}",
                $"{string.Join(", ", missing.Select(static module => $"load = {module}.so"))} in [modules], and no noload"));
        }

        return problems;
    }
}
