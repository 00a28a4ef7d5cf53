namespace Ringfence.Core.Dialplan;

/// <summary>A line that takes a character off the number and goes round: what then stands there stood there before.</summary>
/// <remarks>
/// Hyphens are skipped wherever Asterisk compares a number, so <c>_+49X.</c> with <c>Goto(${EXTEN:1},1)</c> takes -+49 too, and then its own result again: each hyphen more is a way more, without an end.
/// </remarks>
internal static class RepeatedLines
{
    /// <param name="at">At a line, with the way to it.</param>
    /// <param name="isDialling">Whether a variable has a part in whom a call reaches.</param>
    /// <returns>On its own way it was at this line with all these texts before, held up by no more.</returns>
    public static bool Repeats(CallState at, Func<string, bool> isDialling)
    {
        if (Peeled(at) is not { } now)
        {
            return false;
        }

        for (var way = at.Way!.Before; way is not null; way = way.Before)
        {
            if (way.Step.Priority.Place == at.Way.Step.Priority.Place && way.At is { } before && IsAlike(before, at, isDialling)
                && (Peeled(before) ?? (before.Extension is InputText input ? before.Inputs[input.Number] : null)) is { } then && Languages.IsWithin(now, then))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsAlike(CallState before, CallState at, Func<string, bool> isDialling) =>
        before.Context == at.Context && before.IsHungUp == at.IsHungUp && before.HasTimeout == at.HasTimeout && before.Order.SequenceEqual(at.Order)
        && before.Brakes.IsSubsetOf(at.Brakes) && before.Assumptions.IsSubsetOf(at.Assumptions)
        && before.Frames.Select(static frame => frame.Key).SequenceEqual(at.Frames.Select(static frame => frame.Key))
        && before.Variables.Keys.Union(at.Variables.Keys).Where(isDialling).All(name => before.Variables.GetValueOrDefault(name)?.Key == at.Variables.GetValueOrDefault(name)?.Key);

    // What is left where only first characters were taken off.
    private static NumberLanguage? Peeled(CallState state)
    {
        var off = 0;
        var text = state.Extension;
        while (text is SlicedText { Offset: >= 0, Length: int.MaxValue } slice)
        {
            off += slice.Offset;
            text = slice.Text;
        }

        return text is InputText input && off > 0 ? Languages.Behind(state.Inputs[input.Number], off) : null;
    }
}
