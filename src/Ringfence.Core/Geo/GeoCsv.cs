using System.Globalization;
using System.Text;
using Ringfence.Core.Events;

namespace Ringfence.Core.Geo;

/// <summary>A list of networks or ranges with their countries or operators, as text: CSV, or with tabs or semicolons.</summary>
/// <remarks>
/// Read are the lists of DB-IP, IP2Location (numbers for addresses), IPinfo, ip-location-db, IPtoASN (tabs), MaxMind (country by geoname_id, with the file of
/// locations beside it) and plain "CIDR,CC". Columns are known by the header where there is one, else by what stands in the first line.
/// Of ranges inside ranges the inner one counts.
/// </remarks>
internal sealed class GeoCsv : GeoDatabase
{
    /// <summary>Mistakes that are kept with their place.</summary>
    private const int MostMistakes = 20;

    private readonly GeoTable _table;
    private readonly Dictionary<uint, string> _operators = [];
    private readonly Dictionary<CountryCode, string> _countries = [];
    private readonly List<string> _mistakes = [];

    private GeoCsv(ReadOnlySpan<byte> text, IReadOnlyDictionary<uint, CountryCode>? places)
    {
        var builder = new GeoTableBuilder();
        GeoColumns? columns = null;
        var lines = 0;
        var number = 0;
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)'\n');
            var line = (end < 0 ? text : text[..end]).TrimEnd((byte)'\r');
            text = end < 0 ? default : text[(end + 1)..];
            number++;
            if (line.TrimStart((byte)' ').IsEmpty || line[0] == '#')
            {
                continue;
            }

            if (columns is null)
            {
                columns = GeoColumns.Of(line);
                if (columns.IsHeader)
                {
                    NeedsPlaces = columns.Geoname >= 0;
                    continue;
                }
            }

            lines++;
            if (Row(new CsvLine(line, columns.Separator), columns, places, builder) is { } wrong)
            {
                MistakeCount++;
                if (_mistakes.Count < MostMistakes)
                {
                    _mistakes.Add($"line {number}: \"{Shown(line)}\": {wrong}");
                }
            }
        }

        if (lines == MistakeCount)
        {
            throw new GeoFormatException(_mistakes is [var first, ..] ? $"no line of it could be read; {first}" : "holds no line: expected first address, last address, country, or network, country");
        }

        // A list that is cut off or of another kind has some lines that look right by chance.
        if (MistakeCount > lines / 100)
        {
            throw new GeoFormatException($"{MistakeCount} of its {lines} lines can't be read; the first: {_mistakes[0]}");
        }

        _table = builder.Build();
    }

    public override string Type => "CSV";

    /// <inheritdoc/>
    public override DateTimeOffset? Built => null;

    /// <summary>Countries are told by numbers that a file of locations explains (MaxMind).</summary>
    public bool NeedsPlaces { get; }

    /// <summary>The first lines that could not be read, each with what was expected.</summary>
    public IReadOnlyList<string> Mistakes => _mistakes;

    public int MistakeCount { get; private set; }

    /// <param name="places">Countries by geoname_id, of <see cref="ReadPlaces"/>; null: there is no such file.</param>
    /// <exception cref="GeoFormatException">It is no list, or more than one line in a hundred can't be read.</exception>
    public static GeoCsv Read(ReadOnlySpan<byte> text, IReadOnlyDictionary<uint, CountryCode>? places = null) => new(WithoutMark(text), places);

    /// <summary>MaxMind's *-Locations-en.csv: which country a number means.</summary>
    public static IReadOnlyDictionary<uint, CountryCode> ReadPlaces(ReadOnlySpan<byte> text)
    {
        text = WithoutMark(text);
        Dictionary<uint, CountryCode> places = [];
        var (number, country) = (-1, -1);
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = new CsvLine(text[range].TrimEnd((byte)'\r'), (byte)',');
            if (country < 0)
            {
                (number, country) = (line.IndexOf("geoname_id"u8), line.IndexOf("country_iso_code"u8));
                if (number < 0 || country < 0)
                {
                    throw new GeoFormatException("its first line does not name geoname_id and country_iso_code: expected a file of locations");
                }
            }
            else if (Number(line[number]) is { } id)
            {
                places[id] = CountryCode.Parse(line[country]);
            }
        }

        return places;
    }

    /// <inheritdoc/>
    public override GeoKey KeyOf(Address address) => _table.KeyOf(address);

    /// <inheritdoc/>
    public override GeoAnswer Find(Address address)
    {
        var key = _table.KeyOf(address);
        return new GeoAnswer(_table.NetworkAround(address), key.IsEmpty ? null : new GeoRecord
        {
            Country = key.Country,
            CountryName = _countries.GetValueOrDefault(key.Country, ""),
            Asn = key.Asn,
            Organisation = _operators.GetValueOrDefault(key.Asn, ""),
        });
    }

    /// <inheritdoc/>
    public override GeoTable ReadAll() => _table;

    /// <returns>What was expected in place of what stands there; null: the line is good.</returns>
    private string? Row(CsvLine line, GeoColumns columns, IReadOnlyDictionary<uint, CountryCode>? places, GeoTableBuilder builder)
    {
        Address first, last;
        if (columns.End < 0)
        {
            if (GeoColumns.ParseNetwork(line[columns.Start]) is not { } network)
            {
                return "expected a network such as 192.0.2.0/24";
            }

            (first, last) = (network.First, network.Last);
        }
        else
        {
            if (GeoColumns.ParseAddress(line[columns.Start], line[columns.End]) is not { } range)
            {
                return "expected a first and a last address of one family, in order";
            }

            (first, last) = range;
        }

        var country = columns.Geoname < 0 ? CountryCode.Parse(line[columns.Country]) : Number(line[columns.Geoname]) is { } place ? places?.GetValueOrDefault(place) ?? default : default;
        var asn = MmdbRecord.ParseAsn(line[columns.Asn]);
        if (country.IsKnown && columns.CountryName >= 0 && !_countries.ContainsKey(country))
        {
            _countries.Add(country, MmdbCursor.Words(line[columns.CountryName]));
        }

        if (asn != 0 && columns.Organisation >= 0 && !_operators.ContainsKey(asn))
        {
            _operators.Add(asn, MmdbCursor.Words(line[columns.Organisation]));
        }

        builder.Add(first, last, new GeoKey(country, asn));
        return null;
    }

    private static uint? Number(ReadOnlySpan<byte> text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> mark = [0xef, 0xbb, 0xbf];
        return text.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]) || text.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff])
            ? throw new GeoFormatException("is UTF-16: expected UTF-8")
            : text.StartsWith(mark) ? text[mark.Length..] : text;
    }

    private static string Shown(ReadOnlySpan<byte> line) => Pbx.Shown.Whole(Encoding.UTF8.GetString(line.Length > 80 ? line[..80] : line));
}
