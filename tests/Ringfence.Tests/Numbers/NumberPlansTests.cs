using System.Globalization;
using PhoneNumbers;
using Ringfence.Core.Numbers;
using Xunit;

namespace Ringfence.Tests.Numbers;

/// <summary>Held against libphonenumber itself, of the release that plan.txt was made from.</summary>
public sealed class NumberPlansTests
{
    private static readonly PhoneNumberUtil Library = PhoneNumberUtil.GetInstance();

    public static TheoryData<string> Regions => [.. NumberPlans.BuiltIn.All.Select(static plan => plan.Region).Where(static region => region != NumberPlans.World).Distinct()];

    [Fact]
    public void There_are_plans_for_all_regions_of_the_library()
    {
        Assert.Equal(Library.GetSupportedRegions().Order(), NumberPlans.BuiltIn.All.Select(static plan => plan.Region).Where(static region => region != NumberPlans.World).Order());
        Assert.Equal(Library.GetSupportedCallingCodes().Order(), NumberPlans.BuiltIn.All.Select(static plan => plan.CallingCode).Distinct().Order());
    }

    [Theory]
    [MemberData(nameof(Regions))]
    public void The_published_examples_of_a_region_are_valid_and_of_their_kind(string region)
    {
        foreach (var type in Library.GetSupportedTypesForRegion(region))
        {
            if (Library.GetExampleNumberForType(region, type) is { } example)
            {
                var e164 = Library.Format(example, PhoneNumberFormat.E164);
                var ours = NumberPlans.BuiltIn.Classify(e164[1..]);
                Assert.Equal((e164, NumberValidity.Valid, Library.GetNumberType(example).ToString()), (ours.ToString(), ours.Validity, Name(ours.Kind)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Regions))]
    public void Numbers_near_the_examples_are_what_the_library_says(string region)
    {
        var random = new Random(StableSeed(region));
        foreach (var type in Library.GetSupportedTypesForRegion(region))
        {
            if (Library.GetExampleNumberForType(region, type) is { } example)
            {
                for (var round = 0; round < 25; round++)
                {
                    HoldAgainstLibrary($"+{Near(random, Library.Format(example, PhoneNumberFormat.E164)[1..])}", region);
                    HoldAgainstLibrary(Near(random, string.Concat(Library.Format(example, PhoneNumberFormat.NATIONAL).Where(char.IsAsciiDigit))), region);
                    HoldAgainstLibrary(Near(random, string.Concat(Library.FormatOutOfCountryCallingNumber(example, "FR").Where(char.IsAsciiDigit))), "FR");
                }
            }
        }
    }

    private static void HoldAgainstLibrary(string dialled, string region)
    {
        PhoneNumbers.PhoneNumber theirs;
        try
        {
            theirs = Library.Parse(dialled, region);
        }
        catch (NumberParseException)
        {
            // No calling code, or too short to be looked at.
            Assert.False(NumberPlans.BuiltIn.Dialled(dialled, NumberPlans.BuiltIn.Of(region)!).IsValid, dialled);
            return;
        }

        var ours = NumberPlans.BuiltIn.Dialled(dialled, NumberPlans.BuiltIn.Of(region)!);
        Assert.Equal(
            (dialled, region, Library.Format(theirs, PhoneNumberFormat.E164), Library.IsValidNumber(theirs), Library.GetNumberType(theirs).ToString(), Library.GetRegionCodeForNumber(theirs) ?? ""),
            (dialled, region, ours.ToString(), ours.IsValid, Name(ours.Kind), ours.Region));
    }

    // A digit changed, put in, taken out, the end cut or grown; or as it is.
    private static string Near(Random random, string digits)
    {
        var at = random.Next(1, digits.Length);
        var digit = ((char)('0' + random.Next(10))).ToString(CultureInfo.InvariantCulture);
        return random.Next(6) switch
        {
            0 => digits,
            1 => digits[..at] + digit + digits[(at + 1)..],
            2 => digits[..at] + digit + digits[at..],
            3 => digits[..at] + digits[(at + 1)..],
            4 => digits + digit,
            _ => digits[..Math.Max(4, at)] + random.NextInt64(10_000_000).ToString("D7", CultureInfo.InvariantCulture),
        };
    }

    private static string Name(NumberKind kind) => kind switch
    {
        NumberKind.Fixed => "FIXED_LINE",
        NumberKind.Mobile => "MOBILE",
        NumberKind.FixedOrMobile => "FIXED_LINE_OR_MOBILE",
        NumberKind.TollFree => "TOLL_FREE",
        NumberKind.Premium => "PREMIUM_RATE",
        NumberKind.SharedCost => "SHARED_COST",
        NumberKind.Voip => "VOIP",
        NumberKind.Personal => "PERSONAL_NUMBER",
        NumberKind.Pager => "PAGER",
        NumberKind.Uan => "UAN",
        NumberKind.Voicemail => "VOICEMAIL",
        _ => "UNKNOWN",
    };

    private static int StableSeed(string region) => (region[0] * 256) + region[1];
}
