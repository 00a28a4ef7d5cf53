using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>How bad it is that anybody calls in a context: RF1300 and its like say which ways lead out.</summary>
internal static class StrangersContext
{
    /// <returns>null: as bad as the rule says.</returns>
    public static Severity? Of(PbxSnapshot pbx, string context)
    {
        if (Plan.SurelyLacks(pbx, context))
        {
            // Each call is refused; the next who adds a context of that name opens it.
            return Severity.Low;
        }

        // A bell that rings phones of the house and nothing else, as far as all of it was read and followed.
        if (!CallEntries.Of(pbx).IsWhole || Plan.Of(pbx)[context] is null)
        {
            return null;
        }

        var before = pbx.LeftOut.Count;
        var reach = CallEntries.Of(pbx).Reach(context);
        return pbx.LeftOut.Count == before && reach.Unknowns.Count == 0 && reach.Injections.Count == 0 && reach.Exits.All(static exit => exit.Kind == ExitKind.Phone) ? Severity.Medium : null;
    }
}
