namespace Ringfence.Core.Geo;

/// <summary>A country by its two letters (ISO 3166-1 alpha-2); the default value means that the country is not known.</summary>
internal readonly record struct CountryCode
{
    // All 249 officially assigned codes (ISO 3166-1, online browsing platform), and XK, which every database writes for Kosovo.
    private const string Assigned =
        "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ "
        + "DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT "
        + "JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ "
        + "NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ "
        + "TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

    private static readonly bool[] IsAssigned = Flags(Assigned);

    private readonly ushort _letters;

    private CountryCode(ushort letters) => _letters = letters;

    /// <summary>Every country, in the order of the letters.</summary>
    public static IReadOnlyList<CountryCode> All { get; } = [.. Assigned.Split(' ').Select(static code => Parse(code))];

    public bool IsKnown => _letters != 0;

    /// <summary>Whatever a database says of a place; either case.</summary>
    /// <returns>Not known also for codes that are no country: EU and AP (a region of addresses), A1 and A2 (proxies and satellites), O1, T1, XX, ZZ.</returns>
    public static CountryCode Parse(ReadOnlySpan<byte> text) => text.Length == 2 ? Of(text[0], text[1]) : default;

    public static CountryCode Parse(ReadOnlySpan<char> text) => text.Length == 2 && text[0] < 128 && text[1] < 128 ? Of((byte)text[0], (byte)text[1]) : default;

    /// <returns>What stands in the way of reading a country that an operator wrote: "a country's two letters ..."; null: nothing.</returns>
    public static string? Expected(string text) => Parse(text).IsKnown ? null : "a country's two letters (ISO 3166), such as DE or US" + text.ToUpperInvariant() switch
    {
        "UK" => "; the United Kingdom is GB",
        "EN" => "; England is in GB",
        "EL" => "; Greece is GR",
        "EU" or "AP" => "; a region is no country: name each",
        _ => "",
    };

    public override string ToString() => IsKnown ? string.Create(2, _letters, static (text, letters) => (text[0], text[1]) = ((char)(letters >> 8), (char)(letters & 0xff))) : "";

    private static CountryCode Of(byte first, byte second)
    {
        var (high, low) = ((first & ~0x20) - 'A', (second & ~0x20) - 'A');
        return (uint)high < 26 && (uint)low < 26 && IsAssigned[(high * 26) + low] ? new CountryCode((ushort)(((high + 'A') << 8) | (low + 'A'))) : default;
    }

    private static bool[] Flags(string codes)
    {
        var flags = new bool[26 * 26];
        foreach (var code in codes.Split(' '))
        {
            flags[((code[0] - 'A') * 26) + code[1] - 'A'] = true;
        }

        return flags;
    }
}
