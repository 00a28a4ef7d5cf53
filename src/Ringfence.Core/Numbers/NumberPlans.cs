using System.Globalization;
using System.Text;

namespace Ringfence.Core.Numbers;

/// <summary>The world's number plans: what a number is, and which number somebody dials.</summary>
/// <remarks>plan.txt is libphonenumber's data (Apache License 2.0); what is made of it follows that library's rules, and the tests hold it against the library.</remarks>
internal sealed class NumberPlans
{
    /// <summary>Of no country: satellites, international networks, international toll free.</summary>
    public const string World = "001";

    private const string Resource = "numbers.txt";
    private const string None = "-";
    private const int LongestCallingCode = 3;

    private static readonly Lazy<NumberPlans> Shipped = new(static () => Read(Text()));

    private readonly Dictionary<int, CallingCodePlan> _byCode;
    private readonly Dictionary<string, NumberPlan> _byRegion;

    private NumberPlans(IReadOnlyList<NumberPlan> plans)
    {
        _byCode = plans.GroupBy(static plan => plan.CallingCode).ToDictionary(static group => group.Key, static group => new CallingCodePlan([.. group]));
        _byRegion = plans.Where(static plan => plan.Region != World).ToDictionary(static plan => plan.Region, StringComparer.Ordinal);
    }

    /// <summary>Those that come with the program.</summary>
    public static NumberPlans BuiltIn => Shipped.Value;

    public IEnumerable<NumberPlan> All => _byCode.Values.SelectMany(static code => code.Plans);

    /// <param name="region">ISO 3166-1 code.</param>
    public NumberPlan? Of(string region) => _byRegion.GetValueOrDefault(region);

    /// <summary>What is expected where a country is, for who wrote something else.</summary>
    public static string Expected(string written) => $"two letters such as DE, GB or US{(written.ToUpperInvariant() is "UK" ? "; the United Kingdom is GB" : "")}";

    /// <param name="digits">Calling code and national number, without "+"; a national prefix behind the code ("+44 (0)20") goes.</param>
    public PhoneNumber Classify(string digits)
    {
        var code = 0;
        for (var length = 1; length <= LongestCallingCode && length < digits.Length && digits[0] != '0'; length++)
        {
            code = (code * 10) + (digits[length - 1] - '0');
            if (_byCode.TryGetValue(code, out var plan))
            {
                return Classify(plan, StripNationalPrefix(plan.Main, digits[length..]));
            }
        }

        return new PhoneNumber(digits, 0, "", NumberKind.Unknown, NumberValidity.NoCountry);
    }

    /// <summary>What somebody in a region dials: a number of that region, or a foreign one behind "+" or the region's prefix.</summary>
    /// <param name="dialled">Digits, "+" before them or not.</param>
    public PhoneNumber Dialled(string dialled, NumberPlan home)
    {
        if (dialled.StartsWith('+'))
        {
            return Classify(dialled[1..]);
        }

        // A calling code has no zero before it: "00 0..." is no foreign number.
        if (home.InternationalPrefix?.AtStartOf(dialled) is var (prefix, _) && prefix < dialled.Length && dialled[prefix] != '0')
        {
            return Classify(dialled[prefix..]);
        }

        var plan = _byCode[home.CallingCode];

        // "33 1 23 45 67 89" in France: the code without anything before it, where the number is none of the region's as it stands.
        var code = home.CallingCode.ToString(CultureInfo.InvariantCulture);
        if (dialled.StartsWith(code, StringComparison.Ordinal) && StripNationalPrefix(home, dialled[code.Length..]) is var behind
            && ((!IsGeneral(home, dialled) && IsGeneral(home, behind)) || home.LengthOf(dialled.Length) == NumberValidity.TooLong))
        {
            return Classify(plan, behind);
        }

        return Classify(plan, StripNationalPrefix(home, dialled));
    }

    /// <exception cref="FormatException">A line is none.</exception>
    public static NumberPlans Read(string text)
    {
        var plans = new List<NumberPlan>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static line => line[0] != '#'))
        {
            var cells = line.Split('\t');
            switch (cells)
            {
                case ["", var kind, var lengths, var pattern] when plans.Count > 0:
                    plans[^1].Add(new NumberRange(KindOf(kind), [.. lengths.Split(',').Select(static length => int.Parse(length, NumberStyles.None, CultureInfo.InvariantCulture))], DigitPattern.Parse(pattern), pattern));
                    break;

                case [var region, var code, var abroad, _, var prefix, var transform, var leading, var emergency]:
                    plans.Add(new NumberPlan
                    {
                        Region = region,
                        CallingCode = int.Parse(code, NumberStyles.None, CultureInfo.InvariantCulture),
                        InternationalPrefix = Pattern(abroad),
                        NationalPrefix = Pattern(prefix),
                        Transform = transform == None ? null : transform,
                        LeadingDigits = Pattern(leading),
                        Emergency = emergency == None ? [] : emergency.Split(','),
                    });
                    break;

                default:
                    throw new FormatException($"number plans: {line}: expected a region with 8 cells, or a range with 3");
            }
        }

        return new NumberPlans(plans);
    }

    private static PhoneNumber Classify(CallingCodePlan code, string national)
    {
        var (plan, kind) = code.Classify(national);
        var digits = code.Main.CallingCode.ToString(CultureInfo.InvariantCulture) + national;
        var validity = kind != NumberKind.Unknown ? NumberValidity.Valid : code.Main.LengthOf(national.Length) is not NumberValidity.Valid and var length ? length : NumberValidity.Unallocated;
        return new PhoneNumber(digits, code.Main.CallingCode, plan?.Region ?? "", kind, validity);
    }

    // As libphonenumber does (maybeStripNationalPrefixAndCarrierCode, and the length that parseHelper wants behind it).
    private string StripNationalPrefix(NumberPlan plan, string number)
    {
        if (number.Length == 0 || plan.NationalPrefix?.AtStartOf(number) is not var (length, groups))
        {
            return number;
        }

        var stripped = plan.Transform is { } transform && groups.Length > 0 && groups[^1] is not null ? Transformed(transform, groups) + number[length..] : number[length..];
        if (IsGeneral(plan, number) && !IsGeneral(plan, stripped))
        {
            return number;
        }

        return plan.LengthOf(stripped.Length) is NumberValidity.TooShort or NumberValidity.WrongLength ? number : stripped;
    }

    private static string Transformed(string transform, string?[] groups)
    {
        var text = new StringBuilder();
        for (var at = 0; at < transform.Length; at++)
        {
            text.Append(transform[at] == '$' ? groups[transform[++at] - '1'] : transform[at].ToString());
        }

        return text.ToString();
    }

    private bool IsGeneral(NumberPlan plan, string number) => _byCode[plan.CallingCode].IsGeneral(plan, number);

    private static DigitPattern? Pattern(string cell) => cell == None ? null : DigitPattern.Parse(cell);

    private static NumberKind? KindOf(string name) => name switch
    {
        "general" => null,
        "fixed" => NumberKind.Fixed,
        "mobile" => NumberKind.Mobile,
        "toll-free" => NumberKind.TollFree,
        "premium" => NumberKind.Premium,
        "shared-cost" => NumberKind.SharedCost,
        "voip" => NumberKind.Voip,
        "personal" => NumberKind.Personal,
        "pager" => NumberKind.Pager,
        "uan" => NumberKind.Uan,
        "voicemail" => NumberKind.Voicemail,
        _ => throw new FormatException($"number plans: {name} is no kind of number"),
    };

    private static string Text()
    {
        using var stream = typeof(NumberPlans).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
