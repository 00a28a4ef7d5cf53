using System.Globalization;

namespace Ringfence.Core.Geo;

/// <summary>One record of an MMDB file in whatever form its maker gives it, as pieces of the file.</summary>
/// <remarks>
/// The forms, by their makers' descriptions of fields: MaxMind (GeoLite2 and GeoIP2 Country, City, ASN, ISP, Enterprise) and DB-IP have maps
/// (<c>country.iso_code</c>, <c>city.names.en</c>) and <c>autonomous_system_number</c>; IPinfo has flat texts (<c>country_code</c> "DE", <c>country</c>
/// "Germany", <c>asn</c> "AS64500"; in older files <c>country</c> "DE", <c>country_name</c>); ip-location-db has <c>country_code</c> and <c>city</c>.
/// MaxMind's <c>registered_country</c> is not asked: it is where the owner of the network is registered, and where it stands alone nobody says where the address is.
/// </remarks>
internal ref struct MmdbRecord
{
    public CountryCode Country { get; private set; }

    public ReadOnlySpan<byte> CountryName { get; private set; }

    public ReadOnlySpan<byte> Continent { get; private set; }

    public ReadOnlySpan<byte> City { get; private set; }

    public uint Asn { get; private set; }

    public ReadOnlySpan<byte> Organisation { get; private set; }

    public readonly GeoKey Key => new(Country, Asn);

    public static MmdbRecord Read(MmdbCursor cursor)
    {
        var record = default(MmdbRecord);
        record.ReadMap(ref cursor, isTop: true);
        return record;
    }

    public readonly GeoRecord ToGeoRecord() => new()
    {
        Country = Country,
        CountryName = MmdbCursor.Words(CountryName),
        Continent = MmdbCursor.Words(Continent),
        City = MmdbCursor.Words(City),
        Asn = Asn,
        Organisation = MmdbCursor.Words(Organisation),
    };

    private void ReadMap(scoped ref MmdbCursor cursor, bool isTop)
    {
        for (var left = cursor.EnterMap(); left > 0; left--)
        {
            var key = cursor.ReadText();
            switch (cursor.Next)
            {
                case MmdbCursor.Kind.Text:
                    ReadText(key, cursor.ReadText());
                    break;
                case MmdbCursor.Kind.UInt32 or MmdbCursor.Kind.UInt16 or MmdbCursor.Kind.UInt64 when key.SequenceEqual("autonomous_system_number"u8) || key.SequenceEqual("asn"u8):
                    Asn = cursor.ReadNumber() is <= uint.MaxValue and var number ? (uint)number : 0;
                    break;
                case MmdbCursor.Kind.Map when isTop && key.SequenceEqual("country"u8):
                    var country = cursor.Inside();
                    var place = ReadPlace(ref country, "iso_code"u8);
                    Country = CountryCode.Parse(place.Code);
                    CountryName = place.Name;
                    cursor.Leave(country);
                    break;
                case MmdbCursor.Kind.Map when isTop && key.SequenceEqual("continent"u8):
                    var continent = cursor.Inside();
                    Continent = ReadPlace(ref continent, "code"u8).Code;
                    cursor.Leave(continent);
                    break;
                case MmdbCursor.Kind.Map when isTop && key.SequenceEqual("city"u8):
                    var city = cursor.Inside();
                    City = ReadPlace(ref city, "code"u8).Name;
                    cursor.Leave(city);
                    break;
                case MmdbCursor.Kind.Map when isTop && key.SequenceEqual("traits"u8):
                    // The operator in GeoIP2 Enterprise and City.
                    var traits = cursor.Inside();
                    ReadMap(ref traits, isTop: false);
                    cursor.Leave(traits);
                    break;
                default:
                    cursor.Skip();
                    break;
            }
        }
    }

    private void ReadText(ReadOnlySpan<byte> key, ReadOnlySpan<byte> text)
    {
        switch (key.Length)
        {
            case 12 when key.SequenceEqual("country_code"u8):
                Country = CountryCode.Parse(text);
                break;
            case 7 when key.SequenceEqual("country"u8):
                if (text.Length != 2)
                {
                    CountryName = text;
                }
                else if (!Country.IsKnown)
                {
                    Country = CountryCode.Parse(text);
                }

                break;
            case 12 when key.SequenceEqual("country_name"u8):
                CountryName = text;
                break;
            case 14 when key.SequenceEqual("continent_code"u8):
            case 9 when key.SequenceEqual("continent"u8) && text.Length == 2:
                Continent = text;
                break;
            case 4 when key.SequenceEqual("city"u8):
                City = text;
                break;
            case 3 when key.SequenceEqual("asn"u8):
                Asn = ParseAsn(text);
                break;
            case 7 when key.SequenceEqual("as_name"u8):
            case 30 when key.SequenceEqual("autonomous_system_organization"u8):
                Organisation = text;
                break;
        }
    }

    /// <returns>"AS64500" or "64500" as a number; 0: neither.</returns>
    public static uint ParseAsn(ReadOnlySpan<byte> text)
    {
        var digits = text.Length > 2 && (text[0] | 0x20) == 'a' && (text[1] | 0x20) == 's' ? text[2..] : text;
        return uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    /// <returns>Of a map such as <c>country</c> its code, and its name in English.</returns>
    private static MmdbPlace ReadPlace(scoped ref MmdbCursor cursor, ReadOnlySpan<byte> codeKey)
    {
        var place = default(MmdbPlace);
        for (var left = cursor.EnterMap(); left > 0; left--)
        {
            var key = cursor.ReadText();
            if (key.SequenceEqual(codeKey) && cursor.Next == MmdbCursor.Kind.Text)
            {
                place.Code = cursor.ReadText();
            }
            else if (key.SequenceEqual("names"u8) && cursor.Next == MmdbCursor.Kind.Map)
            {
                var names = cursor.Inside();
                place.Name = EnglishOf(ref names);
                cursor.Leave(names);
            }
            else
            {
                cursor.Skip();
            }
        }

        return place;
    }

    private static ReadOnlySpan<byte> EnglishOf(scoped ref MmdbCursor cursor)
    {
        for (var left = cursor.EnterMap(); left > 0; left--)
        {
            if (cursor.ReadText().SequenceEqual("en"u8) && cursor.Next == MmdbCursor.Kind.Text)
            {
                return cursor.ReadText();
            }

            cursor.Skip();
        }

        return default;
    }

    private ref struct MmdbPlace
    {
        public ReadOnlySpan<byte> Code;
        public ReadOnlySpan<byte> Name;
    }
}
