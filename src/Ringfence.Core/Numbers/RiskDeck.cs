using System.Globalization;
using System.Text;

namespace Ringfence.Core.Numbers;

/// <summary>What a minute may cost where nobody has a rate deck: classes of countries and kinds of numbers, as data (risk.txt).</summary>
internal sealed class RiskDeck
{
    /// <summary>The class of destinations that cost most.</summary>
    public const string High = "high";

    /// <summary>The site's own country.</summary>
    public const string Home = "home";

    /// <summary>Numbers of the carrier's own network: directory enquiries, services.</summary>
    public const string Short = "short";

    /// <summary>Numbers that the one who is called pays for.</summary>
    public const string TollFree = "toll-free";

    /// <summary>Numbers that cost more than a call does, of a country.</summary>
    public const string Premium = "premium";

    /// <summary>Those of no country: +979.</summary>
    public const string WorldPremium = "world-premium";

    /// <summary>What was dialled can't be read as a number.</summary>
    public const string Unreadable = "unreadable";

    private const string Resource = "risk.txt";
    // With its calling code.
    private const int ShortestWhole = 6;
    private const string Everywhere = "*";

    private static readonly Lazy<RiskDeck> Shipped = new(static () =>
    {
        using var stream = typeof(RiskDeck).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return Read(reader.ReadToEnd());
    });

    private readonly Dictionary<string, RiskClass> _byName;
    private readonly Dictionary<string, RiskClass> _byRegion = new(StringComparer.Ordinal);
    private readonly List<(string Beginning, RiskClass Class)> _byBeginning = [];

    private RiskDeck(List<(RiskClass Class, string[] Regions)> rows)
    {
        _byName = rows.ToDictionary(static row => row.Class.Name, static row => row.Class, StringComparer.Ordinal);
        foreach (var (of, regions) in rows)
        {
            foreach (var region in regions)
            {
                if (region[0] == '+')
                {
                    _byBeginning.Add((region[1..], of));
                }
                else
                {
                    _byRegion.TryAdd(region, of);
                }
            }
        }
    }

    public static RiskDeck BuiltIn => Shipped.Value;

    /// <summary>Of its classes, as it has them.</summary>
    public IReadOnlyCollection<string> Names => _byName.Keys;

    /// <exception cref="FormatException">A line is none.</exception>
    public static RiskDeck Read(string text)
    {
        var rows = new List<(RiskClass, string[])>();
        foreach (var line in text.Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 0 && line[0] != '#'))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 4 || Money(words[1]) is not { } onFixed || Money(words[2]) is not { } mobile || Money(words[3]) is not { } connect)
            {
                throw new FormatException($"risk deck: {line}: expected CLASS FIXED MOBILE CONNECT REGIONS");
            }

            rows.Add((new RiskClass(words[0], onFixed, mobile, connect), words[4..]));
        }

        return new RiskDeck(rows);
    }

    /// <param name="home">The site's own country.</param>
    public (Rate Rate, RiskClass Class) For(PhoneNumber number, string home)
    {
        var of = ClassOf(number, home);
        if (!number.IsValid && Beginning(number) is { } whole)
        {
            // The network rings as soon as a number is whole: digits behind it change nothing.
            of = number.Region == home ? ClassOf(whole, home) : Dearer(of, ClassOf(whole, home));
        }

        return (new Rate(number.Digits, of.Name, number.Kind == NumberKind.Mobile ? of.Mobile : of.Fixed, of.Connect), of);
    }

    /// <returns>What a call to a class costs that has no numbers of the world.</returns>
    public Price Of(string name) => new(new Rate("", name, _byName[name].Fixed, _byName[name].Connect), _byName[name], IsOfDeck: false);

    private RiskClass ClassOf(PhoneNumber number, string home)
    {
        var country = number.Region == home ? _byName[Home] : _byRegion.GetValueOrDefault(number.Region) ?? _byRegion[Everywhere];
        return (number.Kind, number.Region) switch
        {
            // Another country's is not free from here, where it can be called at all.
            (NumberKind.TollFree, _) when number.Region == home || number.Region == NumberPlans.World => _byName[TollFree],
            (NumberKind.Premium, NumberPlans.World) => _byName[WorldPremium],
            (NumberKind.Premium, _) when NumberPlans.BuiltIn.Of(home)?.CallingCode == number.CallingCode && _byBeginning.Find(one => number.Digits.StartsWith(one.Beginning, StringComparison.Ordinal)).Class is { } cheaper => cheaper,
            (NumberKind.Premium, _) => _byName[Premium],

            // What home's own carrier charges; abroad they cost what the country does.
            (NumberKind.SharedCost, _) when number.Region == home => _byName["shared-cost"],
            (NumberKind.Personal, _) => Dearer(country, _byName["personal"]),

            // At home a wrong number is a mistake, and rings nowhere.
            (NumberKind.Unknown, _) when number.Region != home => Dearer(country, _byName[High]),
            _ => country,
        };
    }

    private static PhoneNumber? Beginning(PhoneNumber number)
    {
        for (var length = number.Digits.Length - 1; length >= ShortestWhole; length--)
        {
            if (NumberPlans.BuiltIn.Classify(number.Digits[..length]) is { IsValid: true } whole)
            {
                return whole;
            }
        }

        return null;
    }

    private static RiskClass Dearer(RiskClass one, RiskClass other) => one.Fixed >= other.Fixed ? one : other;

    private static long? Money(string text) => decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value <= 1000 ? (long)(value * Rate.Unit) : null;
}

/// <summary>Money in millionths, a minute and for each answered call.</summary>
internal sealed record RiskClass(string Name, long Fixed, long Mobile, long Connect)
{
    /// <summary>Whether it is what fraud calls.</summary>
    public bool IsRisky => IsRiskyName(Name);

    /// <param name="name">Of a class, where that is all that is known.</param>
    public static bool IsRiskyName(string name) => name is RiskDeck.High or "satellite" or RiskDeck.Premium or RiskDeck.WorldPremium or RiskDeck.Unreadable;
}
