using Ringfence.Api;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary>Prints what a change did.</summary>
internal static class ChangeOutput
{
    public static int Print(ChangeReport change, Surroundings surroundings, bool asJson)
    {
        var screen = new Screen(surroundings);
        if (asJson)
        {
            screen.Json(change, ApiJson.Default.ChangeReport);
        }
        else
        {
            screen.Line(change.DryRun ? $"Dry run, nothing was changed: {change.Message}" : change.Message);
        }

        // As of `free`: who was to be let in is not in.
        return change is { StillBannedWith: not null, DryRun: false } ? ExitCode.WorldFailed : ExitCode.Fine;
    }
}
