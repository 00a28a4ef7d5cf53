using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;

namespace Ringfence.Core.Configuration;

/// <summary>How the site dials, and what its calls cost: [calls].</summary>
internal sealed record CallSettings
{
    /// <summary>The country that the trunks are in, ISO 3166-1; null: nobody said.</summary>
    public string? Country { get; init; }

    /// <summary>What is dialled for an outside line.</summary>
    public IReadOnlyList<string> OutsideLines { get; init; } = [];

    /// <summary>"" where local numbers are dialled with it.</summary>
    public string AreaCode { get; init; } = "";

    /// <summary>Digits of the longest extension.</summary>
    public int ExtensionDigits { get; init; } = 5;

    /// <summary>Trunks to the operator's own other PBXs.</summary>
    public IReadOnlyList<string> InsideTrunks { get; init; } = [];

    /// <summary>The carrier's rate deck; null: the risk deck that comes with the program.</summary>
    public string? Deck { get; init; }

    /// <summary>How amounts are shown.</summary>
    public string Currency { get; init; } = "";

    /// <summary>A euro in the deck's money, in millionths; null: nobody said, and it is one.</summary>
    public long? Euro { get; init; }

    /// <summary>Where the PBX keeps the records of its calls; empty: nobody said.</summary>
    public IReadOnlyList<Calls.CdrPlace> Cdr { get; init; } = [];

    /// <summary>A mapping of cdr_custom.conf that wrote the files; null: cdr_csv did, or there are headings.</summary>
    public string? CdrMapping { get; init; }

    public string CdrTable { get; init; } = "cdr";

    public string CdrUser { get; init; } = "ringfence";

    public string? CdrPassword { get; init; }

    /// <summary>When receivers of notices are told what the day before came to, by the site's own clock; null: never.</summary>
    public TimeOnly? DailyReport { get; init; }

    /// <summary>When people work; null: Monday to Friday from 7 to 19.</summary>
    public (int Days, int From, int To)? Hours { get; init; }

    /// <summary>Days on which nobody works.</summary>
    public IReadOnlyList<DateOnly> Holidays { get; init; } = [];

    /// <summary>Emergency numbers besides the country's own: emergency of [gate].</summary>
    public IReadOnlyList<string> Emergency { get; init; } = [];

    /// <summary>Files with numbers that nobody has a reason to call.</summary>
    public IReadOnlyList<string> Listed { get; init; } = [];

    public TimeSpan Learning { get; init; } = TimeSpan.FromDays(14);

    /// <summary>What changes the default policy.</summary>
    public IReadOnlyList<LimitSettings> Limits { get; init; } = [];

    public IReadOnlyList<PermissionSettings> Permissions { get; init; } = [];

    /// <summary>Those of the default policy as they are changed, and the site's own.</summary>
    public IReadOnlyList<CallLimit> AllLimits
    {
        get
        {
            var changed = new Dictionary<string, LimitSettings>(StringComparer.Ordinal);
            foreach (var limit in Limits)
            {
                changed[limit.Name] = limit;
            }

            List<CallLimit> all = [];
            foreach (var known in CallRules.All.SelectMany(rule => rule.Limits.Select(limit => limit.In(EuroInMoney, rule.Unit))))
            {
                if (!changed.Remove(known.Name, out var by))
                {
                    all.Add(known);
                }
                else if (by.Resolve(EuroInMoney).Limit is { } other)
                {
                    all.Add(other);
                }
            }

            return [.. all, .. changed.Values.Select(limit => limit.Resolve(EuroInMoney).Limit).OfType<CallLimit>()];
        }
    }

    /// <returns>null: the country is not known.</returns>
    public DiallingRules? Rules => Country is { } country && NumberPlans.BuiltIn.Of(country) is { } home ? new DiallingRules(home, OutsideLines, AreaCode, ExtensionDigits) { MoreEmergency = Emergency, InsideTrunks = InsideTrunks } : null;

    /// <summary><see cref="Euro"/>, whether somebody said it or not.</summary>
    public long EuroInMoney => Euro ?? Rate.Unit;

    /// <param name="deck">What <see cref="Deck"/> has.</param>
    /// <param name="home">The site's country.</param>
    public Tariff Tariff(RateDeck? deck, string home) => new(deck, home, EuroInMoney);

    /// <summary>Whether <see cref="Euro"/> should be set, by the deck's own prices; null: it is, or there is no reason.</summary>
    public string? DoubtEuro(RateDeck? deck, string home) => Euro is null && deck is not null ? DeckFit.Doubt(deck, home) : null;

    /// <summary>Whether <see cref="Hours"/> should be set, by the site's own calls; null: they are, or there is no reason.</summary>
    public string? DoubtHours(WorkHoursFit fit) => Hours is null ? fit.Doubt("Mon-Fri 07:00-19:00") : null;

    /// <param name="zone">The site's own time.</param>
    /// <param name="listed">What stands in the files of <see cref="Listed"/>.</param>
    /// <param name="home">The site's country.</param>
    public CallPolicy Policy(TimeZoneInfo zone, NumberList listed, string home)
    {
        var hours = WorkHours.Usual(zone);
        hours = Hours is var (days, from, to) ? hours with { Days = days, From = from, To = to } : hours;

        // More are a mistake that the reader of the configuration tells. Who goes on all the same goes on with as many as there is room for.
        return new CallPolicy([.. AllLimits.Take(CallPolicy.MaxLimits)], hours with { Holidays = Holidays.ToHashSet() }, home)
        {
            Permissions = [.. Permissions.Select(static one => new CallPermission(one.Name, one.Calls, one.Hours, one.Verdict ?? GateVerdict.Allow))],
            Listed = listed,
            Learning = (long)Learning.TotalMilliseconds,
        };
    }
}
