namespace Ringfence.Core.Numbers;

/// <summary>All regions of one calling code, asked as one automaton.</summary>
/// <param name="plans">The main region first.</param>
internal sealed class CallingCodePlan(IReadOnlyList<NumberPlan> plans)
{
    // The order in which libphonenumber asks (PhoneNumberUtil.getNumberTypeHelper): a number may be in several.
    private static readonly NumberKind[] Special =
        [NumberKind.Premium, NumberKind.TollFree, NumberKind.SharedCost, NumberKind.Voip, NumberKind.Personal, NumberKind.Pager, NumberKind.Uan, NumberKind.Voicemail];

    // Most calling codes are never called.
    private readonly Lazy<(DigitAutomaton Automaton, (NumberPlan Plan, NumberRange Range)[] Ranges)> _automaton = new(() =>
    {
        var ranges = plans.SelectMany(static plan => plan.Ranges.Select(range => (plan, range))).ToArray();
        return (DigitAutomaton.Of([.. ranges.Select(static one => one.range.Pattern)]), ranges);
    });

    public IReadOnlyList<NumberPlan> Plans => plans;

    public NumberPlan Main => plans[0];

    /// <summary>The region and kind of a national number.</summary>
    public (NumberPlan? Plan, NumberKind Kind) Classify(string national)
    {
        var (automaton, ranges) = _automaton.Value;
        var fitting = automaton.Fitting(national);

        // One after the other, as libphonenumber does (getRegionCodeForNumberFromRegionList).
        foreach (var plan in plans)
        {
            if (plans.Count > 1 && plan.LeadingDigits is { } leading)
            {
                if (leading.AtStartOf(national) is not null)
                {
                    return (plan, KindIn(plan, fitting, ranges, national.Length));
                }
            }
            else if (KindIn(plan, fitting, ranges, national.Length) is not NumberKind.Unknown and var kind)
            {
                return (plan, kind);
            }
            else if (plans.Count == 1)
            {
                return (plan, NumberKind.Unknown);
            }
        }

        return (null, NumberKind.Unknown);
    }

    /// <summary>Whether a region's general range takes a national number, whatever its length.</summary>
    public bool IsGeneral(NumberPlan plan, string national)
    {
        var (automaton, ranges) = _automaton.Value;
        foreach (var number in automaton.Fitting(national))
        {
            var (of, range) = ranges[number];
            if (ReferenceEquals(of, plan) && range.Kind is null)
            {
                return true;
            }
        }

        return false;
    }

    private static NumberKind KindIn(NumberPlan plan, ReadOnlySpan<int> fitting, (NumberPlan Plan, NumberRange Range)[] ranges, int length)
    {
        // By bits: the general range, and each kind.
        var (isGeneral, kinds) = (false, 0);
        foreach (var number in fitting)
        {
            var (of, range) = ranges[number];
            if (ReferenceEquals(of, plan) && range.Lengths.Contains(length))
            {
                isGeneral |= range.Kind is null;
                kinds |= range.Kind is { } kind ? 1 << (int)kind : 0;
            }
        }

        if (!isGeneral)
        {
            return NumberKind.Unknown;
        }

        foreach (var kind in Special)
        {
            if ((kinds & (1 << (int)kind)) != 0)
            {
                return kind;
            }
        }

        return ((kinds & (1 << (int)NumberKind.Fixed)) != 0, (kinds & (1 << (int)NumberKind.Mobile)) != 0) switch
        {
            (true, true) => NumberKind.FixedOrMobile,
            (true, false) => NumberKind.Fixed,
            (false, true) => NumberKind.Mobile,
            _ => NumberKind.Unknown,
        };
    }
}
