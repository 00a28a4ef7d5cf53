namespace Ringfence.Core.Dialplan;

/// <summary>Whether the number that is called is the one that the gate was asked about.</summary>
internal static class AskedNumber
{
    // So many digits at the end make it the same subscriber, written otherwise or with something before it.
    private const int SameEnd = 6;

    // Numbers as people dial them, and what is sent for them.
    private static readonly NumberLanguage[] Samples =
        [Languages.Fitting("_0044207946XXXX"), Languages.Fitting("_00232790000XX"), Languages.Fitting("_01144207946XXXX"), Languages.Fitting("_030901820XX"), Languages.Fitting("_+44207946XXXX")];

    // Where none of those can be dialled.
    private static readonly NumberLanguage Any = Languages.Repeat("0123456789", 8);

    /// <summary>A call that was asked about as another number.</summary>
    /// <param name="IsCertain">false: something was put before the number, or what it is was not to be known.</param>
    /// <param name="About">What was asked about; null: not known.</param>
    public sealed record Other(bool IsCertain, PlanExit Exit, string? About);

    /// <param name="isSame">Whether two texts, asked and called, are one number; null: how people dial here is not known.</param>
    /// <returns>null: it is the same, or nothing speaks against it.</returns>
    public static Other? Of(PlanExit exit, Func<string, string, bool>? isSame)
    {
        if (exit.Asked.IsEmpty || exit.Number.Constant is "" || exit.Asked.Any(asked => IsSameText(Bare(asked), Bare(exit.Number))))
        {
            return null;
        }

        var isKnown = exit.Asked.All(static asked => asked.IsKnown);
        if (!isKnown || !exit.Number.IsKnown)
        {
            // Two that are not known may be one; so may be what the walk forgot. Where the gate is told what is sent too (FreePBX), that is the one.
            return isKnown != exit.Number.IsKnown && (isKnown || exit.Asked is [var only] && !only.ToString().Contains("${RINGFENCE_", StringComparison.Ordinal)) ? new Other(IsCertain: false, exit, About: null) : null;
        }

        Other? found = null;
        var samples = Samples.SelectMany(sample => exit.Asked.Select(asked => (exit with { Number = asked }).Sending(sample)).Append(exit.Sending(sample))).OfType<PlanExit>().Select(sent => sent with { Number = exit.Number }).ToList();
        foreach (var sent in samples.Count > 0 ? samples : [exit.Sending(Any) ?? exit])
        {
            if (found?.IsCertain is not true && In(sent, isSame) is { } other)
            {
                found = found is null || other.IsCertain ? other : found;
            }
        }

        return found;
    }

    private static Other? In(PlanExit sent, Func<string, string, bool>? isSame)
    {
        if (Digits(sent.Sent()) is not { Length: > 0 } called)
        {
            return null;
        }

        var entered = sent.Witness();
        var about = sent.Asked.Select(asked => asked.Inputs.Any(input => sent.IsPin(sent.Order[input])) ? "" : Digits(asked.For([.. sent.Order.Select(at => entered[at])]))).Where(static text => text.Length > 0).ToList();
        if (about.Count == 0 || about.Exists(asked => asked == called || isSame?.Invoke(asked, called) is true))
        {
            return null;
        }

        // Of digits that were taken away the gate knows nothing, unless people dial them for an outside line.
        var isCertain = about.TrueForAll(asked => !EndAlike(asked, called) || (isSame is not null && asked.Length > called.Length && asked.EndsWith(called, StringComparison.Ordinal)));
        return new Other(isCertain, sent, about[0]);
    }

    private static bool EndAlike(string one, string other) => one.Length >= SameEnd && other.Length >= SameEnd && one.AsSpan(one.Length - SameEnd).SequenceEqual(other.AsSpan(other.Length - SameEnd));

    private static bool IsSameText(SymbolicText asked, SymbolicText called) => asked.IsKnown == called.IsKnown && asked.ToString() == called.ToString();

    // The gate takes out what is no part of a number, and so does who calls it as the gate's page says.
    private static SymbolicText Bare(SymbolicText text) => text is FilteredText filtered ? Bare(filtered.Text) : text;

    private static string Digits(string? text) => text is null ? "" : string.Concat(text.Split(';')[0].Where(static c => char.IsAsciiDigit(c) || c is '*' or '#' or '+'));
}
