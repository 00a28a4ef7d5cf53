using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>Contexts that Asterisk's modules fill while it runs: what is in them stands in no dialplan.</summary>
internal static class MadeContexts
{
    public static bool Contains(PbxSnapshot pbx, string context) => IsStasis(context) || pbx.Once(static pbx => new Names(pbx))!.Contain(context);

    /// <summary>Itself or what it includes, whether the dialplan has it or not.</summary>
    public static bool IsReached(PbxSnapshot pbx, Plan plan, string context) =>
        Contains(pbx, context) || plan.Visits(context).Any(visit => Contains(pbx, visit.Context.Name) || visit.Context.Includes.Any(include => Contains(pbx, include.Context)));

    // res/stasis/app.c makes one for each application that a program registers.
    private static bool IsStasis(string context) => context.StartsWith("stasis-", StringComparison.Ordinal);

    private sealed class Names
    {
        private readonly HashSet<string> _parking = new(StringComparer.Ordinal);
        private readonly HashSet<string> _registered = new(StringComparer.OrdinalIgnoreCase);

        public Names(PbxSnapshot pbx)
        {
            // res/parking: parkext and parkpos of each lot that has a parkext (measured); the default lot is there, with parkedcalls, also where no section names it.
            if (!ModulesConf.LeavesOut(pbx, "res_parking"))
            {
                _parking.UnionWith(pbx.Config("res_parking.conf").Sections.Where(static lot => lot.Name != "general" && !string.IsNullOrEmpty(lot["parkext"])).Select(static lot => lot["context"]).OfType<string>().Append("parkedcalls"));
            }

            // An extension for each phone that is registered; several contexts may stand there, with an ampersand between them.
            _registered.UnionWith(pbx.Pjsip.Of("global").Select(static global => global["regcontext"])
                .Concat(((string[])["iax.conf", "sip.conf"]).Select(file => pbx.Config(file).First("general")?["regcontext"]))
                .OfType<string>().SelectMany(static names => names.Split('&', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)));
        }

        public bool Contain(string context) => _parking.Contains(context) || _registered.Contains(context);
    }
}
