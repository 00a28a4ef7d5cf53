#:package libphonenumber-csharp
// Writes src/Ringfence.Core/Numbers/plan.txt, the world's number plans, from libphonenumber's data (Apache-2.0): dotnet run tools/numbers/plan.cs > src/Ringfence.Core/Numbers/plan.txt
// A newer one: the version in the first line, and in Directory.Packages.props, where the tests compare with the library itself.
using PhoneNumbers;

var library = PhoneNumberUtil.GetInstance();
var shortNumbers = ShortNumberInfo.GetInstance();
// What the library lacks. France: ARCEP's list of emergency numbers, with those for the deaf, people without shelter, missing and beaten children, aircraft, ships and terror.
var moreEmergency = new Dictionary<string, string[]> { ["FR"] = ["114", "115", "116000", "119", "191", "196", "197"] };
var version = typeof(PhoneNumberUtil).Assembly.GetName().Version!;
Console.Write($"""
    # The world's number plans, from libphonenumber {version.ToString(3)} (https://github.com/google/libphonenumber, Apache License 2.0). Written by tools/numbers/plan.cs.
    # REGION  CALLING-CODE  INTERNATIONAL-PREFIX  NATIONAL-PREFIX  PARSING-PREFIX  TRANSFORM  LEADING-DIGITS  EMERGENCY; "-" where there is none.
    # Below it its types: NAME  LENGTHS  PATTERN. The first region of a calling code is its main one. 001 is the world: numbers that belong to no country.

    """);
foreach (var code in library.GetSupportedCallingCodes().Order())
{
    var regions = library.GetRegionCodesForCountryCode(code);
    foreach (var region in regions)
    {
        var plan = region == "001" ? library.GetMetadataForNonGeographicalRegion(code) : library.GetMetadataForRegion(region);
        Row(region, code.ToString(), plan.InternationalPrefix, plan.NationalPrefix, plan.NationalPrefixForParsing, plan.NationalPrefixTransformRule, plan.LeadingDigits, Emergency(region));
        Type("general", plan.GeneralDesc, plan);
        Type("premium", plan.PremiumRate, plan);
        Type("toll-free", plan.TollFree, plan);
        Type("shared-cost", plan.SharedCost, plan);
        Type("voip", plan.Voip, plan);
        Type("personal", plan.PersonalNumber, plan);
        Type("pager", plan.Pager, plan);
        Type("uan", plan.Uan, plan);
        Type("voicemail", plan.Voicemail, plan);
        Type("fixed", plan.FixedLine, plan);
        Type("mobile", plan.Mobile, plan);
    }
}

void Type(string name, PhoneNumberDesc of, PhoneMetadata plan)
{
    // What has no pattern of its own, or [-1] for lengths, is not there.
    if (!of.HasNationalNumberPattern || of.NationalNumberPattern is "" or "NA" || of.PossibleLengthList is [-1])
    {
        return;
    }

    var lengths = of.PossibleLengthCount > 0 ? of.PossibleLengthList : plan.GeneralDesc.PossibleLengthList;
    Row("", name, string.Join(',', lengths), of.NationalNumberPattern);
}

string Emergency(string region) => region == "001" ? "" : string.Join(',', Enumerable.Range(2, 4).SelectMany(length => Enumerable.Range(0, (int)Math.Pow(10, length)).Select(number => number.ToString().PadLeft(length, '0')))
    .Where(number => shortNumbers.IsEmergencyNumber(number, region)).Concat(moreEmergency.GetValueOrDefault(region, [])));

void Row(params string[] cells) => Console.WriteLine(string.Join('\t', cells.Select((cell, at) => cell.Length == 0 && at > 0 ? "-" : string.Concat(cell.Where(c => !char.IsWhiteSpace(c))))));
