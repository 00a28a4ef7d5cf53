using System.Globalization;
using System.Text;

namespace Ringfence.Core.Numbers;

/// <summary>Reads a carrier's rate deck as CSV: a line of headings, then a prefix and a price a minute in each line; whatever else stands there is left alone.</summary>
internal static class RateDeckReader
{
    // The words that carriers use. In this order: the first that is there.
    private static readonly string[] Prefixes = ["prefix", "code", "dialcode", "dial code", "dialling code", "dialing code", "destination code", "area code", "e164"];
    private static readonly string[] Prices = ["rate", "price", "per minute", "rate per minute", "price per minute", "cost", "rate/min", "price/min", "usd/min", "eur/min", "rate (usd)", "rate (eur)", "buy rate", "sell rate"];
    private static readonly string[] Names = ["name", "destination", "description", "country", "destination name", "location"];
    private static readonly string[] Connects = ["connect", "connect fee", "connection fee", "setup", "setup fee"];
    private static readonly string[] Firsts = ["first", "first interval", "initial", "initial increment", "min", "minimum", "min duration"];
    private static readonly string[] Everys = ["every", "interval", "increment", "next", "next interval", "subsequent", "billing increment"];

    // A deck of all mobile codes of the world has some 100,000 lines.
    private const int MaxRates = 2_000_000;
    private const int MaxMistakes = 20;
    private const int LongestPrefix = 15;

    /// <returns>The deck, and what could not be read: a sentence for each of the first twenty lines.</returns>
    /// <exception cref="FormatException">It is no rate deck.</exception>
    public static (RateDeck Deck, IReadOnlyList<string> Mistakes, int Skipped) Read(string text)
    {
        var lines = text.Split('\n');
        var separator = lines[0].Count(static c => c == ';') > lines[0].Count(static c => c == ',') ? ';' : lines[0].Contains('\t', StringComparison.Ordinal) ? '\t' : ',';
        string[] headings = [.. Fields(lines[0].TrimStart('\uFEFF'), separator).Select(static heading => heading.ToLowerInvariant())];
        var (prefix, price) = (Column(headings, Prefixes), Column(headings, Prices));
        if (prefix < 0 || price < 0)
        {
            throw new FormatException($"line 1: expected headings, with one of {string.Join(", ", Prefixes.Take(3))}, and one of {string.Join(", ", Prices.Take(3))}; found {string.Join(", ", headings.Select(static heading => heading.Length > 40 ? heading[..40] : heading).Take(10))}");
        }

        var (name, connect, first, every) = (Column(headings, Names), Column(headings, Connects), Column(headings, Firsts), Column(headings, Everys));
        var (deck, mistakes, skipped) = (new RateDeck(), new List<string>(), 0);
        for (var number = 1; number < lines.Length; number++)
        {
            if (string.IsNullOrWhiteSpace(lines[number]))
            {
                continue;
            }

            var fields = Fields(lines[number], separator);
            var isCut = IsCut(fields);
            if (!isCut && Rate(fields) is { } rate && deck.Count < MaxRates)
            {
                deck.Add(rate);
                continue;
            }

            skipped++;
            if (mistakes.Count < MaxMistakes)
            {
                mistakes.Add($"line {number + 1}: " + (isCut
                    ? $"\"{fields[price]},{fields[price + 1]}\" in {headings[price]}: a comma separates fields here: expected {fields[price]}.{fields[price + 1]}, or the price in quotes"
                    : $"expected digits in {headings[prefix]} and a price in {headings[price]}, found \"{Field(fields, prefix)}\" and \"{Field(fields, price)}\""));
            }
        }

        return deck.Count == 0 ? throw new FormatException($"no line has a prefix and a price{(mistakes.Count > 0 ? $": {mistakes[0]}" : "")}") : (deck, mistakes, skipped);

        // 49,Germany,0,02 where a comma separates fields too: read as it stands, every call would cost nothing.
        bool IsCut(List<string> fields) =>
            separator == ',' && fields.Count > headings.Length && price + 1 < fields.Count && fields[^1].Length > 0 && fields[price] is { Length: > 0 } whole && whole.All(char.IsAsciiDigit)
            && fields[price + 1] is { Length: > 0 } rest && rest.All(char.IsAsciiDigit);

        Rate? Rate(List<string> fields)
        {
            var digits = Field(fields, prefix).TrimStart('+');
            digits = digits.StartsWith("00", StringComparison.Ordinal) ? digits[2..] : digits;
            return digits.Length is > 0 and <= LongestPrefix && digits.All(char.IsAsciiDigit) && Money(Field(fields, price)) is { } perMinute
                && (Field(fields, connect).Length == 0 ? 0 : Money(Field(fields, connect))) is { } fee
                ? new Rate(digits, Field(fields, name), perMinute, fee, Seconds(Field(fields, first)), Seconds(Field(fields, every))) : null;
        }
    }

    private static int Column(string[] headings, string[] words) => words.Select(word => Array.IndexOf(headings, word)).FirstOrDefault(static at => at >= 0, -1);

    private static string Field(List<string> fields, int column) => column >= 0 && column < fields.Count ? fields[column] : "";

    private static int Seconds(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 3600 ? seconds : 1;

    // "0.0125", and "0,0125" in a file whose fields a semicolon separates; a currency's sign before or behind.
    private static long? Money(string text) =>
        decimal.TryParse(text.Trim(' ', '$', '€', '£').Replace(',', '.'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value >= 0 && value <= Numbers.Rate.Amount(Numbers.Rate.Most) ? (long)Math.Round(value * Numbers.Rate.Unit) : null;

    // RFC 4180 in one line: no deck has line ends in its fields.
    private static List<string> Fields(string line, char separator)
    {
        var (fields, field, isQuoted) = (new List<string>(), new StringBuilder(), false);
        for (var at = 0; at < line.Length; at++)
        {
            var c = line[at];
            if (c == '"')
            {
                if (isQuoted && at + 1 < line.Length && line[at + 1] == '"')
                {
                    field.Append('"');
                    at++;
                }
                else
                {
                    isQuoted = !isQuoted;
                }
            }
            else if (c == separator && !isQuoted)
            {
                fields.Add(field.ToString().Trim());
                field.Clear();
            }
            else
            {
                field.Append(c);
            }
        }

        fields.Add(field.ToString().Trim());
        return fields;
    }
}
